"""An audience is sent to a receiver from the browser: made, tried out, sent, kept up to date through a worker that is killed, taken off."""

from __future__ import annotations

import json
import os
import signal
from uuid import uuid4

import pytest

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for
from tests.rooms.customers.sync.receiving import Hooks, serving

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture
def server():
    with serving(Hooks) as made:
        yield made
        assert made.bad == []


@pytest.fixture(scope="module")
def people(amity):
    made = json.loads(amity.cli("source", "create", f"Destinations {uuid4().hex[:6]}", "--json"))
    tag = uuid4().hex[:8]
    said = {"consent": {"categoryPreferences": {"marketing": True}}}
    amity.send(
        made["write_key"],
        *[
            {"type": "identify", "userId": f"{tag}-{n}", "traits": {"email": f"{tag}.{n}@mail.example"}, "context": said}
            for n in range(5)
        ],
    )
    asked = f"select count() as n from interactions where user_id like '{tag}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 5)
    return tag, made["write_key"]


def test_from_a_form_to_a_receiver(amity, people, page, server):
    tag, write_key = people
    wrong = []
    page.goto("/w/your-company/destinations/")
    wrong += broken(page, "destinations")
    page.goto("/w/your-company/destinations/new")
    wrong += broken(page, "kinds")
    page.get_by_role("link", name="Webhook").click()
    page.get_by_label("Name", exact=True).fill(f"CRM {tag}")
    page.get_by_label("Address").fill(f"{server.url}/in")
    wrong += broken(page, "form")
    page.get_by_role("button", name="Make the destination").click()
    page.get_by_role("heading", name=f"CRM {tag}").wait_for()
    page.get_by_role("button", name="Show the signing secret").click()
    server.secrets.append(page.locator("#secret").inner_text())
    wrong += broken(page, "secret")
    page.get_by_role("button", name="Send a test").click()
    page.get_by_text("It arrived and was answered 200.").wait_for()

    lines = "\n".join(f"{tag}.{n}@mail.example" for n in range(4))
    page.goto("/w/your-company/audiences/lists/new")
    page.get_by_label("Or paste identifiers, one a line").fill(lines)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_label("Name of the list").fill(f"VIP {tag}")
    page.get_by_role("button", name="Make the list").click()
    page.get_by_role("heading", name=f"VIP {tag}").wait_for()

    page.goto("/w/your-company/destinations/")
    page.get_by_role("link", name=f"CRM {tag}").click()
    page.get_by_role("link", name="Send an audience").click()
    page.get_by_label("Audience", exact=True).select_option(label=f"VIP {tag}")
    page.get_by_label("What for").select_option("marketing_email")
    wrong += broken(page, "subscribe")
    page.get_by_role("button", name="Begin to send").click()
    wait_for(lambda: len(server.members()) == 4)

    [worker] = [
        one["pid"] for one in json.loads((amity.home / "run" / "processes.json").read_bytes()) if one["name"] == "worker-0"
    ]
    os.kill(worker, signal.SIGKILL)
    said = {"consent": {"categoryPreferences": {"marketing": False}}}
    amity.send(write_key, {"type": "identify", "userId": f"{tag}-0", "traits": {"seen": 1}, "context": said})
    wait_for(lambda: len(server.members()) == 3)
    assert all(member["identifiers"]["email"] != [f"{tag}.0@mail.example"] for member in server.members().values())

    def arrived() -> bool:
        page.reload()
        return page.get_by_text("Arrived").count() >= 2

    wait_for(arrived)
    wrong += broken(page, "destination")
    page.get_by_role("button", name=f"End VIP {tag}").click()
    wait_for(lambda: server.members() == {})
    assert wrong == []
