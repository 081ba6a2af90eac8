"""A whole Amity in processes of its own, as a person would start it, for tests that go through every door."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from amity.engines.supervisor.ports import free_ports
from tests.flows.wait import wait_for

PASSWORD = "a long sentence for tests"
OWNER = "nadia@company.example"


class Amity:
    """`amity serve --no-demo` on a data folder and ports of its own. `console` and `edge` are addresses without a slash."""

    def __init__(self, home: Path) -> None:
        self.home = home
        console, edge = free_ports(2)
        self.console, self.edge = f"http://localhost:{console}", f"http://localhost:{edge}"
        outside = {k: v for k, v in os.environ.items() if not k.startswith(("AMITY_", "DJANGO_", "PYTEST_"))}
        self.env = {**outside, "AMITY_HOME": str(home), "AMITY_CONSOLE_PORT": str(console), "AMITY_EDGE_PORT": str(edge)}
        self.env["AMITY_API_REQUESTS_PER_SECOND"] = "0"  # generated requests come as fast as they can
        self.env["AMITY_EGRESS_NETWORKS"] = "127.0.0.1/32"  # where tests receive what is sent to destinations
        self.process: subprocess.Popen[bytes]
        self._cookies: dict[str, list[Any]] = {}

    def start(self) -> None:
        """Start it and return once everything is ready."""
        self.home.mkdir(parents=True, exist_ok=True)
        said, begun = self.home / "serve.out", time.time()
        with said.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "amity.config.cli", "serve", "--no-demo"], stdout=out, stderr=out, env=self.env
            )

        states = self.home / "run" / "processes.json"

        def ready() -> bool:
            assert self.process.poll() is None, f"amity serve ended:\n{said.read_text()[-3000:]}"
            if not states.exists() or states.stat().st_mtime < begun:
                return False  # an earlier start's
            found = {one["name"]: one["state"] for one in json.loads(states.read_bytes())}
            return found.keys() >= {"edge", "console", "worker-0"} and set(found.values()) == {"ready"}

        try:
            wait_for(ready, seconds=240)  # a few seconds on an idle machine
        except AssertionError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it as Ctrl-C does; returns when every process has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def status(self) -> dict[str, Any]:
        """Return what `amity status` tells, be all well or not."""
        command = [sys.executable, "-m", "amity.config.cli", "status", "--json"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=180, check=False)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def cli(self, *args: str, timeout: float = 180) -> str:
        """Run `amity …` on this data folder and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "amity.config.cli", *args],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"amity {' '.join(args)}:\n{done.stdout[-1000:]}{done.stderr[-2000:]}"
        return done.stdout

    def send(self, write_key: str, *events: dict[str, Any]) -> None:
        """Send events to the edge as one batch, in Segment's form."""
        import httpx

        answer = httpx.post(f"{self.edge}/v1/batch", json={"batch": list(events)}, auth=(write_key, ""), timeout=60)
        assert answer.status_code == 200, answer.text

    def sign_in(self, page: Any, *, email: str = OWNER, name: str = "Nadia Okafor", role: str = "owner") -> None:
        """Sign a browser's page in: the first time by a one-time link, then by the cookies of that time."""
        if email not in self._cookies:
            made = json.loads(self.cli("person", "create", email, "--name", name, "--role", role, "--json"))
            page.goto(made["link"])
            page.fill("[name=password]", PASSWORD)
            page.locator("main button[type=submit]").click()
            page.wait_for_url("**/w/**")
            self._cookies[email] = page.context.cookies()
        else:
            page.context.add_cookies(self._cookies[email])


def chromium() -> str | None:
    """Return the browser to test in: `CHROMIUM`, else one on the path, else None for Playwright's own."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
