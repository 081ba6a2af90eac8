"""Who may be the same: compared by the worker, decided in a browser by mouse and by keyboard, each page checked with axe."""

from __future__ import annotations

import json
import random
import re
from uuid import uuid4

import pytest

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for
from tests.rooms.customers.matching.crowd import misspelt, person

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started
QUEUE = "/w/your-company/customers/matches/"


@pytest.fixture(scope="module")
def met(amity):
    """Two hundred people whom the edge heard of, forty of them twice under other user ids."""
    key = json.loads(amity.cli("source", "create", "Two tills", "--json"))["write_key"]
    chance, tag = random.Random(11), uuid4().hex[:6]
    known = [person(chance) for _ in range(200)]
    told = [*known, *(misspelt(one, chance) for one in known[:40])]
    amity.send(key, *({"type": "identify", "userId": f"{tag}-{n}", "traits": one} for n, one in enumerate(told)))
    asked = f"select count() as n from interactions where user_id like '{tag}-%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 240)


def compared(page) -> None:
    page.goto(QUEUE)
    page.get_by_role("button", name="Compare everybody").click()
    page.get_by_role("link", name="Review").first.wait_for()  # the page polls and loads anew


def opened(page) -> None:
    page.get_by_role("heading", name="The same person?").wait_for()
    page.wait_for_load_state()  # with the script that hears the keys


def test_from_comparing_to_a_decision(amity, met, page):
    wrong = []
    page.goto(QUEUE)
    wrong += broken(page, "before")
    compared(page)
    wrong += broken(page, "queue")
    pairs = int(re.search(r"([\d,]+) pairs?", page.locator(".says .count").inner_text())[1].replace(",", ""))
    assert pairs >= 25
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    opened(page)
    wrong += broken(page, "proposal")

    first = page.url
    page.keyboard.press("j")
    page.wait_for_url(lambda url: url != first)
    opened(page)
    page.keyboard.press("k")
    page.wait_for_url(first)
    opened(page)
    page.get_by_role("textbox", name="Why").press_sequentially("arb")  # letters that one types decide nothing
    assert page.url == first
    page.locator("h1").click()
    page.keyboard.press("a")
    page.get_by_text("Joined.").wait_for()
    page.get_by_role("link", name="See the customer").click()
    page.get_by_text("Match weight").first.wait_for()

    page.goto(QUEUE)
    page.get_by_role("link", name="Review").first.click()
    opened(page)
    page.keyboard.press("r")
    page.get_by_text("Left as they are").wait_for()
    opened(page)
    page.keyboard.press("b")
    page.get_by_text("Kept apart from now on").wait_for()
    page.goto(QUEUE)
    assert f"{pairs} pairs" not in page.locator(".says .count").inner_text()
    page.goto("/w/your-company/customers/")
    page.get_by_role("link", name="Who may be the same").click()
    page.get_by_role("heading", name="Who may be the same").wait_for()
    assert wrong == []
