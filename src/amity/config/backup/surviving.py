"""A log that outlived what is restored: of a running NATS by its address, or of an old data folder, on which one is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from amity.engines.log import server as log_server
from amity.engines.supervisor import checks
from amity.engines.supervisor.lock import holder
from amity.engines.supervisor.ports import free_ports
from amity.engines.supervisor.spec import Child
from amity.kernel.errors import AmityError
from amity.kernel.ids import new_secret
from amity.kernel.settings import Settings

_ANY = 2**60  # bytes that it may hold: it was allowed what it holds


@dataclass(frozen=True, kw_only=True)
class Surviving:
    """Where it answers; where it is a folder's, once its child runs."""

    url: str
    folder: Path | None = None
    port: int = 0
    secret: str = ""

    def child(self, chosen: Settings) -> Child:
        """Return the child that answers for the folder. Writes its configuration."""
        assert self.folder is not None  # noqa: S101
        config = chosen.run / "surviving.conf"
        log_server.write_config(config, data=self.folder, port=self.port, password=self.secret, max_bytes=_ANY)
        return Child(
            name="surviving-log",
            title="The log that outlived the rest",
            command=[log_server.binary(), "-c", str(config)],
            check=checks.log(log_server.system_url(self.port, self.secret), data=self.folder),
            stop_rank=3,
        )


def surviving(given: str | None) -> Surviving | None:
    """Return the log that `--log` names: an address, a data folder, or the folder `log` in one. Raises AmityError."""
    if given is None:
        return None
    if "://" in given:
        return Surviving(url=given)
    path = Path(given).expanduser().absolute()
    data = path / "log" if (path / "log").is_dir() else path
    if not (data / "jetstream").is_dir():
        raise AmityError(f"{path} holds no log of Amity's. Give the old data folder, or the address of a NATS server.")
    if pid := holder(data.parent / "run" / "supervisor.lock"):
        raise AmityError(f"Amity still runs on {data.parent} (process {pid}). Stop it first.")
    [port] = free_ports(1)
    secret = new_secret(size=24)
    return Surviving(url=log_server.url(port, secret), folder=data, port=port, secret=secret)
