"""Which children one machine needs, derived from the settings: embedded engines where no address is given, then the roles."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from amity.config.secrets import kept_secret
from amity.engines.addresses import Addresses
from amity.engines.log import server as log_server
from amity.engines.present import server as present_server
from amity.engines.supervisor import checks
from amity.engines.supervisor.leftovers import end_orphans
from amity.engines.supervisor.ports import free_ports
from amity.engines.supervisor.spec import Child
from amity.kernel.settings import Settings

_AMITY = (sys.executable, "-m", "amity.config.cli")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Ports and addresses of this start. `embedded` names the engines that we run ourselves."""

    settings: Settings
    ports: dict[str, int]
    addresses: Addresses
    embedded: frozenset[str]

    @property
    def env(self) -> dict[str, str]:
        """What every role is told of the engines."""
        return {
            "AMITY_HOME": str(self.settings.home),
            "AMITY_LOG_URL": self.addresses.log,
            "AMITY_PRESENT_URL": self.addresses.present,
            "AMITY_PAST_URL": self.addresses.past,
            "PYTHONUNBUFFERED": "1",
        }


def make_plan(chosen: Settings) -> Plan:
    """Choose ports and make secrets. Engines whose address is set are external."""
    given = {"log": chosen.log_url, "present": chosen.present_url, "past": chosen.past_url}
    embedded = frozenset(name for name, url in given.items() if not url)
    names = [*sorted(embedded), *(f"worker-{i}" for i in range(chosen.workers))]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    made = {
        name: {"log": log_server.url, "present": present_server.url, "past": _past_url}[name](ports[name], password(chosen, name))
        for name in embedded
    }
    return Plan(settings=chosen, ports=ports, addresses=Addresses(**{**given, **made}), embedded=embedded)


def password(chosen: Settings, engine: str) -> str:
    """Return the password of an embedded engine, made on first use."""
    return kept_secret(chosen, f"{engine}-password")


def engines(plan: Plan) -> list[Child]:
    """Return the embedded engines' children. Makes their data folders and configuration."""
    makers = {"present": _postgresql, "log": _nats, "past": _history}
    return [maker(plan) for name, maker in makers.items() if name in plan.embedded]


def roles(plan: Plan) -> list[Child]:
    """Return the roles' children: they start together once engines and schemas are ready."""
    chosen = plan.settings
    return [
        _role(plan, name="edge", title="Edge", port=chosen.edge_port, stop_rank=0),
        *(_worker(plan, index) for index in range(chosen.workers)),
        _role(plan, name="console", title="Console", port=chosen.console_port, stop_rank=1),
    ]


def present_data(chosen: Settings) -> Path:
    """Return where the embedded PostgreSQL keeps its data."""
    return chosen.home / "present"


def _postgresql(plan: Plan) -> Child:
    data = present_data(plan.settings)
    return Child(
        name="postgresql",
        title="PostgreSQL",
        command=present_server.command(data, plan.ports["present"]),
        check=checks.present(present_server.url(plan.ports["present"], password(plan.settings, "present"), database="postgres")),
        clear=partial(end_orphans, data),
        stop=signal.SIGINT,
        stop_within=6,
        ordinary=True,
        when_orphaned=signal.SIGQUIT,
        stop_rank=3,
    )


def _nats(plan: Plan) -> Child:
    chosen, port = plan.settings, plan.ports["log"]
    secret, config = password(chosen, "log"), chosen.run / "nats.conf"
    log_server.write_config(config, data=chosen.home / "log", port=port, password=secret, max_bytes=chosen.log_max_bytes)
    return Child(
        name="nats",
        title="NATS",
        command=[log_server.binary(), "-c", str(config)],
        check=checks.log(log_server.system_url(port, secret), data=chosen.home / "log"),
        stop_rank=3,
    )


def _history(plan: Plan) -> Child:
    return Child(
        name="history",
        title="History",
        command=[*_AMITY, "history"],
        env=plan.env,
        check=checks.http(plan.ports["past"], "/ping"),
        stop_rank=3,
    )


def _role(plan: Plan, *, name: str, title: str, port: int, stop_rank: int) -> Child:
    return Child(
        name=name,
        title=title,
        command=[*_AMITY, name],
        env=plan.env,
        check=checks.http(port, "/readyz", host=reachable(plan.settings.bind)),
        stop_rank=stop_rank,
    )


def _worker(plan: Plan, index: int) -> Child:
    name = f"worker-{index}"
    port = plan.ports[name]
    options = ["--index", str(index), "--of", str(plan.settings.workers), "--health-port", str(port)]
    return Child(
        name=name,
        title="Worker" if plan.settings.workers == 1 else f"Worker {index + 1} of {plan.settings.workers}",
        command=[*_AMITY, "worker", *options],
        env=plan.env,
        check=checks.http(port, "/readyz"),
        stop_rank=1,
    )


def reachable(bind: str) -> str:
    """Return the address at which a process of this machine reaches what listens on `bind`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(bind, bind)  # noqa: S104


def _past_url(port: int, secret: str) -> str:
    return f"http://amity:{quote(secret, safe='')}@127.0.0.1:{port}/amity"
