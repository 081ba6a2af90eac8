"""What backup tests share: commands that may fail or take long, signing in as a browser's form does, and what is stored."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import httpx

from tests.flows.running import PASSWORD, Amity
from tests.flows.wait import wait_for

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Sender(threading.Thread):
    """Sends small batches one after the other until stopped, and remembers which messages were acknowledged."""

    def __init__(self, amity: Amity, write_key: str, name: str) -> None:
        super().__init__(daemon=True)
        self.edge, self.write_key, self.prefix = amity.edge, write_key, name
        self.acknowledged: set[str] = set()
        self.stopping = threading.Event()

    def run(self) -> None:
        with httpx.Client(timeout=10, auth=(self.write_key, "")) as client:
            for n in itertools.count():
                if self.stopping.is_set():
                    return
                ids = [f"{self.prefix}-{n}-{i}" for i in range(10)]
                batch = [
                    {"type": "track", "event": "Step Taken", "messageId": m, "userId": f"{self.prefix}-{i % 3}"}
                    for i, m in enumerate(ids)
                ]
                answer = client.post(f"{self.edge}/v1/batch", json={"batch": batch})
                assert answer.status_code == 200, answer.text
                self.acknowledged.update(ids)


def run(amity: Amity, *args: str, **more) -> subprocess.CompletedProcess[str]:
    """Run `amity …` on a data folder and return how it ended."""
    env = amity.env | more.pop("env", {})
    command = [sys.executable, "-m", "amity.config.cli", *args]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=200, check=False, stdin=subprocess.DEVNULL, **more
    )


def backed_up(amity: Amity, path: Path, *args: str) -> dict:
    done = run(amity, "backup", str(path), "--json", *args)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def restored(path: Path, home: Path, *args: str, **more) -> Amity:
    """Restore a backup into a new folder and return the Amity that can be started on it."""
    fresh = Amity(home)
    done = run(fresh, "restore", str(path), *args, **more)
    assert done.returncode == 0, done.stderr
    return fresh


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line with which a command refused."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def with_password_and_code(amity: Amity, email: str) -> None:
    """Make an owner who signs in with a password and an authenticator app's code."""
    made = json.loads(amity.cli("person", "create", email, "--role", "owner", "--json"))
    with httpx.Client(follow_redirects=True) as client:
        _post(client, made["link"], password=PASSWORD, name="Nadia")
    code = (
        "import sys; from amity.config.cli.setup import django_ready; django_ready()\n"
        "from allauth.mfa.totp.internal.auth import TOTP; from amity.rooms.trust.models import Person\n"
        "TOTP.activate(Person.objects.get(email=sys.argv[1]), sys.argv[2])"
    )
    subprocess.run([sys.executable, "-c", code, email, TOTP_SECRET], env=amity.env, check=True, capture_output=True)


def signed_in(amity: Amity, email: str) -> str:
    """Sign in with password and code, and return the page that this leads to."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    with httpx.Client(follow_redirects=True) as client:
        second = _post(client, f"{amity.console}/account/sign-in/", login=email, password=PASSWORD)
        assert "second-step" in str(second.url), second.text[:2000]
        counter = next(iter(yield_hotp_counters_from_time()))
        page = _post(client, str(second.url), code=format_hotp_value(hotp_value(TOTP_SECRET, counter)))
        assert "/w/" in str(page.url), page.text[:2000]
        return page.text


def stored(amity: Amity) -> dict[str, int]:
    """Return how often each message is in the past."""
    sql = "select message_id, count() as n from interactions group by message_id"
    return {row["message_id"]: int(row["n"]) for row in json.loads(amity.cli("query", sql, "--json", "--limit", "1000000"))}


def worked(amity: Amity, wanted: set[str]) -> dict[str, int]:
    """Wait until all of `wanted` is in the past, and return what is."""

    def all_there() -> dict[str, int] | None:
        found = stored(amity)
        return found if wanted <= found.keys() else None

    return wait_for(all_there, every=0.5)


def _post(client: httpx.Client, address: str, **fields: str) -> httpx.Response:
    page = client.get(address)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, page.text[:2000]
    return client.post(str(page.url), data={"csrfmiddlewaretoken": token[1], **fields}, headers={"Referer": str(page.url)})
