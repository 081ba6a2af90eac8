"""Unmodified clients send; Amity knows the customer within seconds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.wait import wait_for

CLIENTS = Path(__file__).parents[1] / "clients"
OLD_SEGMENT = Path(os.environ.get("AMITY_TEST_OLD_SEGMENT", CLIENTS.parents[1] / ".cache" / "clients" / "segment-2.3.4"))
NODE = shutil.which("node")


@pytest.fixture(scope="module")
def source(amity):
    return json.loads(amity.cli("source", "create", "Clients", "--json"))


def send(*command: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, env={**os.environ, **(env or {})}, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def arrived(amity, user: str, events: int) -> dict:
    """Wait until the customer is known with that many interactions, and return what the command line shows."""

    def look() -> dict | None:
        count = json.loads(
            amity.cli(
                "query",
                f"select uniqExact(message_id) as n, count() as rows from interactions where user_id = '{user}'",
                "--json",
            )
        )[0]
        return count if int(count["n"]) >= events else None

    count = wait_for(look)
    assert int(count["rows"]) == int(count["n"]) == events
    return json.loads(amity.cli("customer", "show", user, "--json"))


@pytest.mark.parametrize("gzip", ["plain", "gzip"])
def test_segment_python(amity, source, gzip):
    user = f"segment-{gzip}"
    version = send(sys.executable, str(CLIENTS / "python/segment_client.py"), amity.edge, source["write_key"], user, gzip)
    assert version.strip() == "2.4.0"
    shown = arrived(amity, user, 26)
    assert f"{user}@mail.example" in json.dumps(shown)
    assert f"anon-{user}" in json.dumps(shown)
    assert f"old-{user}" in json.dumps(shown)


def test_segment_python_2_3_4(amity, source):
    if not OLD_SEGMENT.exists():
        pytest.skip("segment-analytics-python 2.3.4 is not beside the environment; bin/test puts it there")
    user = "segment-old"
    version = send(
        sys.executable, str(CLIENTS / "python/segment_client.py"), amity.edge, source["write_key"], user, "plain",
        env={"PYTHONPATH": str(OLD_SEGMENT)},
    )  # fmt: skip
    assert version.strip() == "2.3.4"
    arrived(amity, user, 26)


def test_rudderstack_python(amity, source):
    send(sys.executable, str(CLIENTS / "python/rudder_client.py"), amity.edge, source["write_key"], "rudder-py")
    assert "Jonas Weber" in json.dumps(arrived(amity, "rudder-py", 22))


def test_posthog_python(amity, source):
    send(sys.executable, str(CLIENTS / "python/posthog_client.py"), amity.edge, source["write_key"], "posthog-py")
    assert "Mara Lind" in json.dumps(arrived(amity, "posthog-py", 22))


@pytest.mark.skipif(
    NODE is None or not (CLIENTS / "node/node_modules").exists(), reason="Node and its clients are not on this machine"
)
@pytest.mark.parametrize(
    ("script", "events", "name"), [("segment", 22, "Ada Osei"), ("rudder", 21, "Linh Tran"), ("posthog", 21, "Yara Haddad")]
)
def test_node_clients(amity, source, script, events, name):
    user = f"{script}-node"
    send(NODE, str(CLIENTS / f"node/{script}.mjs"), amity.edge, source["write_key"], user)
    assert name in json.dumps(arrived(amity, user, events))
