"""`amity serve` itself: what it does when processes are killed, ports are taken, and it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from amity.config.serving.serve import make_folders, make_way
from amity.engines.supervisor.leftovers import living_in
from amity.engines.supervisor.ports import free_ports
from amity.engines.supervisor.records import Process, read_holder, read_processes, started, write_processes
from amity.kernel.errors import AmityError
from amity.kernel.settings import Settings
from tests.flows.running import Amity
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def amity(tmp_path_factory):
    one = Amity(tmp_path_factory.mktemp("serve"))
    one.start()
    yield one
    one.stop()


def processes(amity: Amity) -> dict[str, Process]:
    return {one.name: one for one in read_processes(amity.home / "run")}


def serve(amity: Amity, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "amity.config.cli", "serve", "--no-demo"]
    return subprocess.run(command, env={**amity.env, **env}, capture_output=True, text=True, timeout=120, check=False)


def test_everything_is_private_to_its_owner(amity):
    for folder in (".", "run", "secrets", "logs"):
        assert (amity.home / folder).stat().st_mode & 0o077 == 0
    for file in [*(amity.home / "run").iterdir(), *(amity.home / "secrets").iterdir()]:
        assert file.stat().st_mode & 0o077 == 0, file


def test_status_and_doctor_find_everything_well(amity):
    status = json.loads(amity.cli("status", "--json"))
    assert (status["verdict"], status["problems"]) == ("ok", [])
    assert [(e["name"], e["embedded"], bool(e["version"])) for e in status["engines"]] == [
        ("log", True, True), ("present", True, True), ("past", True, True)]  # fmt: skip
    assert {p["name"]: p["state"] for p in status["processes"]} == dict.fromkeys(
        ["postgresql", "nats", "history", "edge", "worker-0", "console"], "ready"
    )
    assert status["supervisor"] == amity.process.pid
    assert status["pipeline"]["entries_behind"] == 0
    findings = json.loads(amity.cli("doctor", "--json"))
    assert [f for f in findings if f["state"] == "broken"] == []
    assert "all is well" in amity.cli("status")


def test_a_second_supervisor_is_refused(amity):
    second = serve(amity)
    assert second.returncode == 1
    assert f"process {amity.process.pid}" in second.stderr


def test_a_taken_port_names_its_setting(amity, tmp_path):
    second = serve(amity, AMITY_HOME=str(tmp_path / "other"))
    assert second.returncode == 1
    assert "AMITY_CONSOLE_PORT=" in second.stderr


def test_a_port_that_an_earlier_start_still_holds_is_freed_before_anyone_is_refused(tmp_path):
    """Started again a moment after its kill -9: the edge of before may not have died yet."""
    edge, console = free_ports(2)
    chosen = Settings(home=tmp_path, edge_port=edge, console_port=console)
    make_folders(chosen)
    code = f"import socket, time\ns = socket.create_server(('127.0.0.1', {edge}))\nprint(flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE) as listening:
        listening.stdout.readline()
        with pytest.raises(AmityError, match="AMITY_EDGE_PORT"):
            make_way(chosen)  # a stranger's
        record = Process(name="edge", title="Edge", pid=listening.pid, started=started(listening.pid))
        write_processes(chosen.run, [record])
        assert make_way(chosen) == ["edge"]


def test_killed_processes_come_back(amity):
    before = processes(amity)
    for one in before.values():
        os.kill(one.pid, signal.SIGKILL)

    def back() -> bool:
        now = processes(amity)
        return all(now[name].restarts > old.restarts and now[name].state == "ready" for name, old in before.items())

    wait_for(back, seconds=150)


def test_a_backend_that_stands_still_keeps_no_new_postgresql_from_starting(amity):
    """Its postmaster is killed, and what it left never notices: it holds the shared memory that a new one would take."""
    before = processes(amity)["postgresql"]
    backends = [pid for pid in living_in(amity.home / "present") if pid != before.pid]
    assert backends
    for pid in backends:
        os.kill(pid, signal.SIGSTOP)
    os.kill(before.pid, signal.SIGKILL)

    def back() -> bool:
        now = processes(amity)
        return now["postgresql"].restarts > before.restarts and {one.state for one in now.values()} == {"ready"}

    wait_for(back)
    assert not any(started(pid) for pid in backends)


def test_it_stops_quickly_and_starts_again(amity):
    pids = [one.pid for one in processes(amity).values()]
    begun = time.monotonic()
    amity.process.send_signal(signal.SIGTERM)
    assert amity.process.wait(60) == 0
    assert time.monotonic() - begun < 10
    assert not any(started(pid) for pid in pids)
    assert not (amity.home / "run" / "endpoints.json").exists()
    assert {one.state for one in processes(amity).values()} == {"stopped"}
    assert {one.last_exit for one in processes(amity).values()} == {"ended with exit code 0"}
    status = subprocess.run(
        [sys.executable, "-m", "amity.config.cli", "status"], env=amity.env, capture_output=True, text=True, check=False
    )
    assert (status.returncode, "Start it with: amity serve" in status.stdout) == (1, True)
    amity.start()


def test_a_killed_supervisor_takes_its_children_with_it_and_a_newer_data_folder_is_refused(amity):
    import psycopg

    assert read_holder(amity.home / "run").pid == amity.process.pid
    present = json.loads((amity.home / "run" / "endpoints.json").read_text())["present"]
    with psycopg.connect(present, autocommit=True) as connection:
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('trust', '9999_future', now())")
    pids = [one.pid for one in processes(amity).values()]
    amity.process.kill()
    amity.process.wait()
    wait_for(lambda: not any(started(pid) for pid in pids))
    refused = serve(amity)
    assert refused.returncode == 1
    assert "PostgreSQL" in refused.stdout
    assert "used by a newer Amity" in refused.stderr
    assert "trust.9999_future" in refused.stderr
