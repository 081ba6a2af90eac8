"""Small real children, kept by the real supervisor."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from amity.engines.supervisor import checks
from amity.engines.supervisor.keeper import next_pause
from amity.engines.supervisor.records import read_processes, started
from amity.engines.supervisor.spec import READY, Answer, Child
from amity.engines.supervisor.supervisor import Supervisor
from amity.kernel.errors import AmityError

SERVER = """
import http.server, signal, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *a): pass
signal.signal(signal.SIGTERM, lambda *a: sys.exit(0))
print("begins", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()
"""
FOREVER = "import signal, time\nprint('begins', flush=True)\nwhile True: time.sleep(60)"
DEAF = (
    "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('begins', flush=True)\nwhile True: time.sleep(60)"
)


async def always() -> Answer:
    return READY


def child(code: str = FOREVER, *arguments: str, name: str = "one", **options) -> Child:
    options = {"check": always, "title": name} | options
    return Child(name=name, command=[sys.executable, "-S", "-c", code, *arguments], **options)


@pytest.fixture
async def supervisor(tmp_path):
    for folder in ("run", "logs"):
        (tmp_path / folder).mkdir()
    one = Supervisor(run=tmp_path / "run", logs=tmp_path / "logs")
    yield one
    await one.stop()


async def until(condition, seconds: float = 120):
    async with asyncio.timeout(seconds):
        while not (found := condition()):  # noqa: ASYNC110  files and processes set no events
            await asyncio.sleep(0.01)
    return found


def log_of(tmp_path: Path, name: str = "one") -> str:
    return (tmp_path / "logs" / f"{name}.log").read_text()


async def test_a_killed_child_is_started_again_and_the_record_tells(supervisor, tmp_path):
    supervisor.start([child()])
    await supervisor.ready()
    [first] = read_processes(tmp_path / "run")
    assert (first.state, first.restarts, first.started) == ("ready", 0, started(first.pid))
    os.kill(first.pid, signal.SIGKILL)
    again = await until(
        lambda: next((p for p in read_processes(tmp_path / "run") if p.restarts == 1 and p.state == "ready"), None)
    )
    assert again.pid != first.pid
    assert again.last_exit == "ended by SIGKILL"


async def test_it_waits_longer_after_each_end(supervisor):
    supervisor.start([child("raise SystemExit(3)")])
    entry = supervisor.keepers["one"].entry
    begun = time.monotonic()
    await until(lambda: entry.restarts >= 3)
    assert entry.last_exit == "ended with exit code 3"
    assert time.monotonic() - begun > 0.2 + 0.4


async def test_what_an_earlier_life_left_is_cleared_before_the_next(supervisor):
    cleared = []

    def clear() -> None:
        cleared.append(supervisor.keepers["one"].entry.restarts)
        if len(cleared) == 1:
            raise AmityError("something is left")

    supervisor.start([child(clear=clear)])
    await supervisor.ready()
    assert cleared == []
    entry = supervisor.keepers["one"].entry
    os.kill(entry.pid, signal.SIGKILL)
    await until(lambda: entry.restarts == 2 and entry.state == "ready")
    assert cleared == [1, 2]


def test_who_served_well_is_started_again_at_once():
    pauses = [0.0]
    for _ in range(9):
        pauses.append(next_pause(pauses[-1], served=0.0))
    assert pauses[1:] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 15.0, 15.0]
    assert next_pause(0.8, served=5.0) == 1.6
    assert next_pause(0.8, served=10.0) == 0.2
    assert next_pause(15.0, served=100.0) == 15.0


async def test_a_server_that_is_killed_now_and_then_is_never_away_for_long(supervisor):
    supervisor.start([child()])
    keeper = supervisor.keepers["one"]
    said = set()
    for n in range(4):
        await until(lambda n=n: keeper.entry.restarts == n and keeper.entry.state == "ready")
        keeper._ready_at -= 5  # it served for five seconds
        os.kill(keeper.entry.pid, signal.SIGKILL)
        await until(lambda: keeper.entry.state == "waiting")
        said.add(keeper.entry.detail)
    assert said == {"ended by SIGKILL; starts again in 0.2 s"}


async def test_a_supervisor_that_stood_still_ends_nobody_for_it(supervisor):
    """One check was under way when the supervisor was stopped: it failed for that reason alone."""
    moments = iter([READY, Answer("down", "TimeoutError"), READY])

    async def asked() -> Answer:
        answer = next(moments, READY)
        if answer.state == "down":
            time.sleep(0.5)  # noqa: ASYNC251  so does SIGSTOP
        return answer

    supervisor.start([child(check=asked, patience=0.2, check_every=0.02)])
    entry = supervisor.keepers["one"].entry
    await supervisor.ready()
    await until(lambda: next(moments, None) is None and entry.state == "ready")
    assert entry.restarts == 0


async def test_a_command_that_does_not_exist_is_told_and_tried_again(supervisor, tmp_path):
    supervisor.start([Child(name="one", title="One", command=[str(tmp_path / "missing")], check=always)])
    entry = supervisor.keepers["one"].entry
    await until(lambda: entry.restarts >= 2)
    assert "missing" in entry.detail


async def test_children_wait_for_what_they_need(supervisor, tmp_path):
    answers = [Answer("busy", "recovering")]

    async def slow() -> Answer:
        return answers[-1]

    supervisor.start([child(name="engine", check=slow), child(name="role", needs=("engine",))])
    engine, role = (supervisor.keepers[n].entry for n in ("engine", "role"))
    await until(lambda: engine.state == "busy")
    assert (engine.detail, role.state, role.pid) == ("recovering", "waiting", None)
    answers.append(READY)
    await supervisor.ready("role")
    assert role.pid


async def test_recovery_is_waited_for_beyond_all_patience(supervisor):
    begun = time.monotonic()

    async def recovering() -> Answer:
        return READY if time.monotonic() - begun > 1 else Answer("busy", "starting up")

    supervisor.start([child(check=recovering, first_patience=0.1, patience=0.1)])
    await supervisor.ready()
    assert supervisor.keepers["one"].entry.restarts == 0


async def test_a_child_that_shows_no_life_is_ended_and_started_again(supervisor):
    answers = {"now": READY}

    async def asked() -> Answer:
        return answers["now"]

    supervisor.start([child(DEAF, check=asked, patience=0.2, check_every=0.02, stop_within=0.2)])
    entry = supervisor.keepers["one"].entry
    await supervisor.ready()
    answers["now"] = Answer("down", "no answer")
    await until(lambda: entry.restarts == 1)
    assert entry.last_exit == "ended by SIGKILL"
    answers["now"] = READY
    await supervisor.ready()


async def test_a_real_server_is_asked_over_http(supervisor):
    from amity.engines.supervisor import checks
    from amity.engines.supervisor.ports import free_ports

    [port] = free_ports(1)
    supervisor.start([child(SERVER, str(port), check=checks.http(port, "/readyz"))])
    await supervisor.ready()
    keeper = supervisor.keepers["one"]
    await keeper.stop()
    assert keeper.entry.last_exit == "ended with exit code 0"


async def test_children_stop_in_order_and_the_deaf_one_is_made_to(supervisor, tmp_path):
    order = []
    supervisor._tell = lambda entry, _: order.append(entry.name) if entry.state == "stopped" else None
    supervisor.start([
        child(name="engine", stop_rank=3),
        child(name="edge", stop_rank=0),
        child(DEAF, name="worker", stop_rank=1, stop_within=0.3),
    ])  # fmt: skip
    await supervisor.ready()
    await until(lambda: "begins" in log_of(tmp_path, "worker"))
    pids = [p.pid for p in read_processes(tmp_path / "run")]
    begun = time.monotonic()
    await supervisor.stop()
    assert time.monotonic() - begun < 5
    assert order == ["edge", "worker", "engine"]
    assert not any(started(pid) for pid in pids)
    assert supervisor.keepers["worker"].entry.last_exit == "ended by SIGKILL"


async def test_no_output_is_lost_and_nobody_is_blocked(supervisor, tmp_path):
    code = "import sys, time\nfor n in range(200_000): sys.stdout.write(f'line {n}\\n')\nsys.stdout.flush()\nsys.stderr.write('end\\n')\ntime.sleep(60)"
    supervisor.start([child(code)])
    await until(lambda: log_of(tmp_path).endswith("end\n"))
    assert log_of(tmp_path).splitlines()[:-1] == [f"line {n}" for n in range(200_000)]


async def test_the_last_words_before_a_crash_are_kept(supervisor, tmp_path):
    supervisor.start(
        [child("import os, sys\nsys.stdout.write('x' * 300_000 + '\\nlast words\\n')\nsys.stdout.flush()\nos._exit(1)")]
    )
    entry = supervisor.keepers["one"].entry
    await until(lambda: entry.restarts >= 1)
    await supervisor.stop()
    assert "last words\n" in log_of(tmp_path)


async def test_children_die_with_a_killed_supervisor(tmp_path):
    for folder in ("run", "logs"):
        (tmp_path / folder).mkdir()
    code = f"""
import asyncio, json, sys
from pathlib import Path
from amity.engines.supervisor.supervisor import Supervisor
from amity.kernel.errors import AmityError
from tests.engines.supervisor.test_keeping import child, DEAF
async def main():
    s = Supervisor(run=Path({str(tmp_path)!r}, "run"), logs=Path({str(tmp_path)!r}, "logs"))
    s.start([child(), child(DEAF, name="two")])
    await s.ready()
    print(json.dumps([k.entry.pid for k in s.keepers.values()]), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    pids = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    process.kill()
    await process.wait()
    await until(lambda: not any(started(pid) for pid in pids))


async def test_what_only_a_restart_mends_waits_for_no_patience(supervisor):
    answers = {"now": READY}

    async def asked() -> Answer:
        return answers["now"]

    supervisor.start([child(check=asked, check_every=0.02, patience=60, first_patience=60)])
    entry = supervisor.keepers["one"].entry
    await supervisor.ready()
    answers["now"] = Answer("busy", "no space left")
    await until(lambda: entry.state == "busy")
    assert (entry.restarts, entry.detail) == (0, "no space left")
    answers["now"] = Answer("down", "it has stored nothing since", restart=True)
    await until(lambda: entry.restarts == 1)
    answers["now"] = READY
    await supervisor.ready()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            '{"reader": "worker-0-of-1", "problems": {"waiting": "No space left.", "past": "It refused."}}',
            "No space left. It refused.",
        ),
        ('{"code": "disk_full", "message": "The disk is full."}', "The disk is full."),
        ("warming up\n", "warming up"),
        ("", "503"),
    ],
)
async def test_what_a_busy_process_says_is_told_as_a_sentence(body, told):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n" + body.encode())
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await checks.http(port, "/readyz")() == Answer("busy", told)
