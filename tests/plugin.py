"""Starts real engines once for each process that runs tests, in a data folder of its own, before Django reads its settings.

`bin/test` shares the tests' files between as many processes as there are cores: each has engines, tables and an Amity of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from amity.engines.log import server as log_server
from amity.engines.present import server as present_server
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.ports import free_ports

PASSWORD = "for-tests-only"
HOME = Path(tempfile.mkdtemp(prefix="amity-test-"))


def free_port() -> int:
    """Return a port that no connection going out is given meanwhile, as the system's own choice may be."""
    [port] = free_ports(1)
    return port


PORTS = dict(zip(("log", "present", "past"), free_ports(3), strict=True))
os.environ["AMITY_HOME"] = str(HOME)
os.environ["AMITY_LOG_URL"] = log_server.url(PORTS["log"], PASSWORD)
os.environ["AMITY_PRESENT_URL"] = present_server.url(PORTS["present"], PASSWORD)
os.environ["AMITY_PAST_URL"] = f"http://amity:{PASSWORD}@127.0.0.1:{PORTS['past']}/amity"
os.environ["AMITY_LOG_MAX_BYTES"] = str(10**9)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.config.settings")

_running: list[subprocess.Popen[bytes]] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.option.collectonly or _only_hands_out(session.config):
        return
    present_server.make_cluster(HOME / "present", PASSWORD)
    forgetful = ["--fsync=off", "--full_page_writes=off"]  # nobody needs this run's rows after a power cut
    _start([*present_server.command(HOME / "present", PORTS["present"]), *forgetful], ordinary=True, stop=signal.SIGINT)
    config = HOME / "log.conf"
    log_server.write_config(config, data=HOME / "log", port=PORTS["log"], password=PASSWORD, max_bytes=2 * 10**9)
    _start([log_server.binary(), "-c", str(config)])
    _start([sys.executable, "-m", "amity.config.cli", "history"])
    for port in PORTS.values():
        _wait(port)


def _only_hands_out(config: pytest.Config) -> bool:
    """Say whether this process runs no test itself but shares them between others."""
    return bool(getattr(config.option, "tx", None)) and not hasattr(config, "workerinput")


def pytest_unconfigure() -> None:
    for process in reversed(_running):
        process.send_signal(signal.SIGINT)
    for process in _running:
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
    shutil.rmtree(HOME, ignore_errors=True)


def _start(command: list[str], *, ordinary: bool = False, stop: signal.Signals = signal.SIGKILL) -> None:
    with (HOME / "engines.log").open("ab") as out:
        _running.append(subprocess.Popen(command, stdout=out, stderr=out, preexec_fn=before_exec(ordinary=ordinary, sign=stop)))


def _wait(port: int) -> None:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"An engine did not start:\n{(HOME / 'engines.log').read_text()[-3000:]}")
