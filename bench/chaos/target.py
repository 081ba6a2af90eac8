"""An Amity of the run's own: `amity serve` on a data folder and free ports, started again whenever it was ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from amity.engines.addresses import Addresses
from amity.engines.supervisor.leftovers import living_in
from amity.engines.supervisor.ports import free_ports
from amity.engines.supervisor.records import Process, read_holder, read_processes, started
from bench.chaos.clients import Source

_ALWAYS = {"edge", "console", "history", "nats", "postgresql"}
_LEASHED = """
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])
"""  # so that Amity ends when the run is killed itself

_COMMANDS = """
import json, sys
from amity.config.cli.main import cli
for command in json.loads(sys.argv[1]):
    cli.main(command, standalone_mode=False)
    print(end="\\0", flush=True)
from amity.rooms.collection.actions.sources import amity_source
from amity.rooms.trust.api import list_workspaces
print(json.dumps({one.slug: [one.id, amity_source(workspace_id=one.id)] for one in list_workspaces()}), end="\\0")
"""


class Broken(Exception):
    """Amity doesn't come back, or what was found contradicts itself: the run can't go on."""


class Target:
    """One Amity. `starts` counts how often it was started, `gave_up` how often it ended by itself."""

    def __init__(self, home: Path, *, workers: int = 1) -> None:
        self.home = home
        self.roles = _ALWAYS | {f"worker-{n}" for n in range(workers)}
        home.mkdir(parents=True, exist_ok=True)
        console, edge = free_ports(2)
        self.edge = f"http://127.0.0.1:{edge}"
        outside = {k: v for k, v in os.environ.items() if not k.startswith(("AMITY_", "DJANGO_", "PYTEST_"))}
        self.env = {**outside, "AMITY_HOME": str(home), "AMITY_CONSOLE_PORT": str(console), "AMITY_EDGE_PORT": str(edge)}
        self.env["AMITY_WORKERS"] = str(workers)
        self.process: subprocess.Popen[bytes]
        self.starts = 0
        self.gave_up: list[str] = []

    def launch(self) -> None:
        """Start it, without waiting for anything."""
        self.starts += 1
        command = [sys.executable, "-S", "-c", _LEASHED, sys.executable, "-m", "amity.config.cli", "serve", "--no-demo"]
        with (self.home / "serve.out").open("ab") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=self.env)

    def revive(self) -> None:
        """Start it again if it has ended by itself, as whatever runs it on a real machine would."""
        if self.process.poll() is not None:
            self.gave_up.append((self.home / "serve.out").read_text(errors="replace")[-600:])
            self.launch()

    def processes(self) -> dict[str, Process]:
        """Return its children that live now, by name; none while a supervisor is only starting."""
        holder = read_holder(self.home / "run")
        if holder is None or holder.pid != self.process.pid:
            return {}
        found = read_processes(self.home / "run")
        return {one.name: one for one in found if one.pid and started(one.pid) == one.started != ""}

    def is_ready(self, *, without: Collection[int] = ()) -> bool:
        """Whether everything is up, by other processes than those named."""
        found = self.processes()
        if {one.pid for one in found.values()} & set(without):
            return False
        return found.keys() >= self.roles and all(one.state == "ready" for one in found.values())

    def await_ready(self, *, seconds: float) -> None:
        """Wait until everything is up, starting it again where it ended. Raises Broken."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            self.revive()
            if time.monotonic() > deadline:
                states = {name: f"{one.state} {one.detail}" for name, one in self.processes().items()}
                raise Broken(f"Not all is ready after {seconds:.0f} s: {states}; see {self.home / 'serve.out'}")
            time.sleep(0.05)

    def pids_of(self, victim: str, part: str = "") -> list[int]:
        """Return the processes that make up a victim (of several workers: each); none while it doesn't run."""
        if victim == "supervisor":
            return [self.process.pid]
        found = self.processes()
        if victim == "everything":
            pids = [self.process.pid, *(one.pid for one in found.values() if one.pid)]
            return list(dict.fromkeys([*pids, *living_in(self.home / "present")]))
        if victim == "worker":
            return [one.pid for name, one in sorted(found.items()) if name.startswith("worker-") and one.pid]
        one = found.get(victim)
        if one is None or one.pid is None:
            return []
        if victim != "postgresql" or part == "postmaster":
            return [one.pid]
        backends = [pid for pid in living_in(self.home / "present") if pid != one.pid]
        return sorted(backends) if part == "backend" else [one.pid, *backends]

    def addresses(self) -> Addresses:
        """Return where its engines answer now."""
        return msgspec.json.decode((self.home / "run" / "endpoints.json").read_bytes(), type=Addresses)

    def cli(self, *args: str) -> str:
        """Run `amity …` on it and return what it printed."""
        command = [sys.executable, "-m", "amity.config.cli", *args]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise Broken(f"amity {' '.join(args)}: {done.stdout[-500:]}{done.stderr[-1500:]}")
        return done.stdout

    def furnish(self) -> list[Source]:
        """Make two workspaces and their sources. Those of Amity's own facts, which have no key, come last."""
        wanted = [
            ("your-company", "Web", "website"),
            ("your-company", "Server", "server"),
            ("your-company", "App", "mobile"),
            ("second", "Web", "website"),
            ("second", "Server", "server"),
        ]
        making = [["workspace", "create", "Second", "--json"]]
        making += [["source", "create", name, "--kind", kind, "--workspace", slug, "--json"] for slug, name, kind in wanted]
        _, *told, own = self._commands(making)
        made = [
            Source(workspace=own[slug][0], id=one["id"], write_key=one["write_key"])
            for (slug, _, _), one in zip(wanted, told, strict=True)
        ]
        return made + [Source(workspace=workspace, id=source, write_key="") for workspace, source in own.values()]

    def _commands(self, commands: list[list[str]]) -> list[Any]:
        """Run commands of `amity`, one after the other in one process, and return the JSON that each printed."""
        command = [sys.executable, "-c", _COMMANDS, json.dumps(commands)]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise Broken(f"Commands failed: {done.stdout[-500:]}{done.stderr[-1500:]}")
        return [json.loads(one) for one in done.stdout.split("\0")[:-1]]

    def end(self) -> None:
        """Stop it; whatever of it still runs after that is killed."""
        if not hasattr(self, "process"):
            return
        left = {one.pid: one.started for one in read_processes(self.home / "run") if one.pid}
        for pid in left:
            self._send(pid, signal.SIGCONT)
        self._send(self.process.pid, signal.SIGCONT)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        for pid, begun in left.items():
            if started(pid) == begun != "":
                self._send(pid, signal.SIGKILL)
        for pid in living_in(self.home / "present"):
            self._send(pid, signal.SIGKILL)

    @staticmethod
    def _send(pid: int, sign: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
