"""Lock, leftovers, ports, log files: each by itself."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from amity.engines.supervisor import leftovers
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.leftovers import end_leftovers, living_in
from amity.engines.supervisor.lock import Lock, holder
from amity.engines.supervisor.logfile import LogFile
from amity.engines.supervisor.ports import free_ports, is_free
from amity.engines.supervisor.records import Process, read_processes, started, write_private, write_processes
from amity.kernel.errors import AmityError

SLEEP = [sys.executable, "-S", "-c", "import time\nprint(flush=True)\ntime.sleep(60)"]


@pytest.fixture
def sleeper(tmp_path):
    running = []

    def start(**options) -> subprocess.Popen:
        running.append(subprocess.Popen(SLEEP, stdout=subprocess.PIPE, preexec_fn=before_exec(), **options))
        running[-1].stdout.readline()
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def test_two_supervisors_on_one_folder_are_refused(tmp_path):
    path = tmp_path / "run" / "supervisor.lock"
    path.parent.mkdir()
    assert holder(path) is None
    with Lock(path):
        assert holder(path) == os.getpid()
        with pytest.raises(AmityError, match=rf"already runs on {tmp_path} \(process {os.getpid()}\).*AMITY_HOME"), Lock(path):
            pass
    assert holder(path) is None
    with Lock(path):
        pass


def test_a_lock_goes_with_its_holder(tmp_path):
    path = tmp_path / "lock"
    code = f"import os\nfrom pathlib import Path\nfrom amity.engines.supervisor.lock import Lock\nwith Lock(Path({str(path)!r})): os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], check=False)
    assert path.read_text()
    with Lock(path):
        pass


def test_recorded_children_that_still_run_are_ended(tmp_path, sleeper):
    process = sleeper()
    write_processes(tmp_path, [Process(name="edge", title="Edge", pid=process.pid, started=started(process.pid))])
    assert end_leftovers(tmp_path, present=tmp_path / "present") == ["edge"]
    assert process.wait(5) == -signal.SIGTERM


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path, sleeper):
    process = sleeper()
    write_processes(tmp_path, [Process(name="edge", title="Edge", pid=process.pid, started="1")])
    assert end_leftovers(tmp_path, present=tmp_path / "present") == []
    assert process.poll() is None


def test_who_does_not_end_when_asked_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers, "_GENTLE", 0.2)
    code = "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(flush=True)\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-S", "-c", code], stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        write_processes(tmp_path, [Process(name="edge", title="Edge", pid=process.pid, started=started(process.pid))])
        end_leftovers(tmp_path, present=tmp_path / "present")
        assert process.wait(5) == -signal.SIGKILL


def test_what_still_works_in_the_presents_folder_is_ended_and_its_stale_pid_file_goes(tmp_path, sleeper):
    present = tmp_path / "present"
    present.mkdir()
    (present / "postmaster.pid").write_text("1\n")
    backend = sleeper(cwd=present)
    assert living_in(present) == [backend.pid]
    assert end_leftovers(tmp_path, present=present) == ["postgresql"]
    assert backend.wait(5) == -signal.SIGQUIT
    assert not (present / "postmaster.pid").exists()


def test_start_times_tell_processes_apart(sleeper):
    process = sleeper()
    assert started(process.pid) == started(process.pid) != ""
    process.kill()
    process.wait()
    assert started(process.pid) == ""


def test_an_unreadable_record_is_none(tmp_path):
    assert read_processes(tmp_path) == []
    (tmp_path / "processes.json").write_text("{half")
    assert read_processes(tmp_path) == []


def test_private_files_are_private_and_replaced_at_once(tmp_path):
    path = tmp_path / "file"
    write_private(path, b"1")
    write_private(path, b"2")
    assert path.read_bytes() == b"2"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_free_ports_are_free_different_and_not_ephemeral():
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(is_free(port) for port in ports)
    assert max(ports) < int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])


def test_a_port_that_is_listened_on_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as s:
        assert not is_free(s.getsockname()[1])


def test_logs_rotate_at_whole_lines_and_old_ones_go(tmp_path):
    log = LogFile(tmp_path / "x.log", limit=1000, kept=3)
    lines = [b"%05d %s\n" % (n, b"x" * (n % 90)) for n in range(200)]
    for line in lines:
        log.write(line)
    log.close()
    files = [tmp_path / "x.log.3", tmp_path / "x.log.2", tmp_path / "x.log.1", tmp_path / "x.log"]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    kept = b"".join(f.read_bytes() for f in files)
    assert b"".join(lines).endswith(kept)
    for f in files:
        assert f.stat().st_size < 1000 + 100  # the piece that was too much goes in, up to its last whole line
        assert re.match(rb"\d{5} ", f.read_bytes())
        assert f.read_bytes().endswith(b"\n")


def test_lines_longer_than_a_file_are_kept(tmp_path):
    log = LogFile(tmp_path / "x.log", limit=100, kept=2)
    log.write(b"a" * 500)
    log.write(b"b" * 500 + b"\nnext\n")
    log.close()
    assert (tmp_path / "x.log.1").read_bytes() + (tmp_path / "x.log").read_bytes() == b"a" * 500 + b"b" * 500 + b"\nnext\n"


def test_what_a_full_disk_refuses_is_counted_and_told(tmp_path, monkeypatch):
    log = LogFile(tmp_path / "x.log")
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    log.write(b"lost\n")
    monkeypatch.setattr(os, "write", real)
    log.write(b"kept\n")
    log.close()
    assert (tmp_path / "x.log").read_text() == "[5 bytes of output were lost: the disk refused them]\nkept\n"


def test_a_child_that_outlives_the_fork_of_a_dead_parent_ends(tmp_path):
    code = (
        "import os, subprocess, sys\n"
        "from amity.engines.supervisor.leash import before_exec\n"
        "p = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'], preexec_fn=before_exec())\n"
        "print(p.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid, deadline = int(found.stdout), time.monotonic() + 5
    while started(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
