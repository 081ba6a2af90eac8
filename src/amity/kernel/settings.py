"""Every setting of Amity: environment variables, read once, typed here and nowhere else.

`docs/settings.md` documents each; a test holds the two together.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from amity.kernel.errors import SettingError


def setting(env: str, default: Any, doc: str, *, secret: bool = False) -> Any:
    """Declare one setting: its environment variable, its default, one sentence about it, whether it is never shown."""
    return field(default=default, metadata={"env": env, "doc": doc}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator may choose. Ports are TCP ports, durations seconds, sizes bytes."""

    home: Path = setting("AMITY_HOME", Path("~/.amity"), "Folder that holds all data, secrets, sockets and logs.")
    console_port: int = setting("AMITY_CONSOLE_PORT", 8000, "Port of the console.")
    edge_port: int = setting("AMITY_EDGE_PORT", 8001, "Port that collects interactions.")
    bind: str = setting("AMITY_BIND", "127.0.0.1", "Address that console and edge listen on.")
    console_url: str = setting("AMITY_CONSOLE_URL", "", "Public address of the console; default from bind and port.")
    edge_url: str = setting("AMITY_EDGE_URL", "", "Public address of the edge; default from bind and port.")
    edge_pending_bytes: int = setting(
        "AMITY_EDGE_PENDING_BYTES", 64_000_000, "Bytes that may wait for the log before the edge answers 503."
    )
    edge_body_seconds: int = setting("AMITY_EDGE_BODY_SECONDS", 20, "Longest time that a request's body may take to arrive.")
    trusted_proxies: str = setting(
        "AMITY_TRUSTED_PROXIES", "", "Addresses or networks, separated by commas, whose X-Forwarded-For the edge believes."
    )
    log_url: str = setting("AMITY_LOG_URL", "", "NATS server or cluster, nats://user:password@host:4222. Unset: embedded.")
    log_replicas: int = setting("AMITY_LOG_REPLICAS", 1, "JetStream replicas of each stream (3 on a cluster).")
    log_max_bytes: int = setting("AMITY_LOG_MAX_BYTES", 8_000_000_000, "Bytes that the log may hold; then the edge answers 503.")
    log_max_days: int = setting(
        "AMITY_LOG_MAX_DAYS", 14, "Days that the log keeps interactions after they were collected, at most 30."
    )
    disk_reserve: int = setting(
        "AMITY_DISK_RESERVE", 500_000_000, "Bytes that stay free on the embedded log's disk: below that the edge answers 503."
    )
    present_url: str = setting("AMITY_PRESENT_URL", "", "PostgreSQL, postgresql://user:password@host/db. Unset: embedded.")
    past_url: str = setting("AMITY_PAST_URL", "", "ClickHouse over HTTP, http://user:password@host:8123/db. Unset: embedded.")
    import_bytes: int = setting(
        "AMITY_IMPORT_BYTES", 10_000_000_000, "Largest file in bytes that may be uploaded in the console."
    )
    mail_url: str = setting(
        "AMITY_MAIL_URL",
        "",
        "Server that mail is sent by: smtp://user:password@host:587 (STARTTLS), smtps:// (TLS from the start) or smtp+plain://. "
        "Unset: no mail is sent.",
        secret=True,
    )
    mail_from: str = setting("AMITY_MAIL_FROM", "", "Address that mail comes from, such as Linden <privacy@linden.example>.")
    workers: int = setting("AMITY_WORKERS", 1, "Worker processes; each takes its shard of the customers.")
    backup_passphrase: str = setting(
        "AMITY_BACKUP_PASSPHRASE",
        "",
        "Passphrase that encrypts what amity backup writes and opens what amity restore reads.",
        secret=True,
    )
    backup_keep_days: int = setting(
        "AMITY_BACKUP_KEEP_DAYS", 0, "Days after which you delete backups, as receipts of erasures tell; 0: not known."
    )
    egress_hosts: str = setting(
        "AMITY_EGRESS_HOSTS",
        "",
        "Hosts that may be sent to, separated by commas, *.example.com for those below; unset: each public one.",
    )
    egress_networks: str = setting(
        "AMITY_EGRESS_NETWORKS", "", "Addresses or networks, separated by commas, that may be sent to though they aren't public."
    )
    egress_ca: str = setting("AMITY_EGRESS_CA", "", "File of certificates that are trusted besides the machine's own, as PEM.")
    egress_folder: str = setting(
        "AMITY_EGRESS_FOLDER", "", "Folder below which audiences may be written as files; unset: nowhere."
    )
    log_level: str = setting("AMITY_LOG_LEVEL", "info", "debug, info, warning or error.")
    api_requests_per_second: int = setting(
        "AMITY_API_REQUESTS_PER_SECOND",
        20,
        "Requests a second to the JSON API for each token, five seconds' worth at once; 0: no limit.",
    )
    query_seconds: int = setting("AMITY_QUERY_SECONDS", 30, "Longest time that a person's query may run.")
    matching_memory: int = setting(
        "AMITY_MATCHING_MEMORY", 1_000_000_000, "Most memory in bytes for data while customers are compared; more goes to disk."
    )
    matching_threads: int = setting("AMITY_MATCHING_THREADS", 1, "Threads that compare customers.")
    query_memory: int = setting("AMITY_QUERY_MEMORY", 2_000_000_000, "Most memory in bytes that a person's query may use.")

    @property
    def run(self) -> Path:
        """Folder of sockets, ports and process ids; written by the supervisor."""
        return self.home / "run"

    @property
    def logs(self) -> Path:
        """Folder of each process's log file."""
        return self.home / "logs"

    @property
    def imports(self) -> Path:
        """Folder of files that were uploaded to be imported, until they are."""
        return self.home / "imports"

    @property
    def archives(self) -> Path:
        """Folder of archives that were made for people who asked for their data, until they expire."""
        return self.home / "archives"

    @property
    def matching(self) -> Path:
        """Folder of what is compared while customers are; emptied afterwards, also after a crash."""
        return self.home / "matching"

    @property
    def secrets(self) -> Path:
        """Folder of generated keys and passwords, readable by its owner only."""
        return self.home / "secrets"

    @property
    def public_console(self) -> str:
        """The console's address as a person types it, without a slash at the end."""
        return self.console_url.rstrip("/") or f"http://{_host(self.bind)}:{self.console_port}"

    @property
    def public_edge(self) -> str:
        """The edge's address as a client is given it, without a slash at the end."""
        return self.edge_url.rstrip("/") or f"http://{_host(self.bind)}:{self.edge_port}"


def _host(bind: str) -> str:
    return "localhost" if bind in {"127.0.0.1", "::1", "0.0.0.0", "::"} else bind  # noqa: S104


@cache
def settings() -> Settings:
    """Read the environment once for this process."""
    return read_settings(os.environ)


def read_settings(environ: Any) -> Settings:
    """Read settings from a mapping of environment variables.

    Raises SettingError, which names the variable and what it should be.
    """
    values: dict[str, Any] = {}
    for one in fields(Settings):
        raw = environ.get(one.metadata["env"])
        if raw is None or raw == "":
            continue
        values[one.name] = _parse(one.metadata["env"], raw, one.default)
    home = Path(values.get("home", Settings.home)).expanduser().absolute()
    return Settings(**{**values, "home": home})


def _parse(env: str, raw: str, default: object) -> object:
    if isinstance(default, int):
        try:
            return int(raw.replace("_", ""))
        except ValueError:
            raise SettingError(f"{env} is {raw!r}; it should be a whole number, for example {default}.") from None
    return Path(raw) if isinstance(default, Path) else raw
