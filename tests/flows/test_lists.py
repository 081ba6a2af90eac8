"""A list is made of a file in the browser: looked at, used, changed, and read."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def people(amity):
    made = json.loads(amity.cli("source", "create", "Lists", "--json"))
    tag = uuid4().hex[:8]
    amity.send(
        made["write_key"],
        *[
            {"type": "identify", "userId": f"{tag}-{n}", "traits": {"name": f"{tag} Nr{n}", "email": f"{tag}.{n}@mail.example"}}
            for n in range(6)
        ],
    )
    asked = f"select count() as n from interactions where user_id like '{tag}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 6)
    return tag


def test_from_a_file_to_a_list(amity, people, page):
    wrong = []
    page.goto("/w/your-company/audiences/lists/new")
    wrong += broken(page, "choose")
    lines = "\n".join(["Name,Mail", *(f"Nr {n},{people}.{n}@mail.example" for n in range(8)), "x,no mail"])
    page.get_by_label("File", exact=True).set_input_files(
        {"name": f"VIP {people}.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    )
    page.get_by_role("button", name="Look at it").click()
    page.get_by_text("6 customers are named").wait_for()
    assert page.get_by_label("Kind of identifier in it").input_value() == "email"
    wrong += broken(page, "look")
    page.get_by_role("button", name="Make the list").click()
    page.get_by_role("heading", name=f"VIP {people}").wait_for()
    assert page.get_by_text("email " + people).count() == 6
    wrong += broken(page, "list")

    page.get_by_role("link", name="Add or remove").click()
    page.get_by_label("Or paste identifiers, one a line").fill(f"{people}-0\n{people}-1")
    page.get_by_role("button", name="Look at it").click()
    page.get_by_label("Take them off the list").check()
    wrong += broken(page, "change")
    page.get_by_role("button", name="Change the list").click()
    page.get_by_text("0 entered, 2 left.").wait_for()
    assert page.get_by_text("email " + people).count() == 4

    page.get_by_role("link", name="Take out").click()
    page.get_by_label("What for").select_option("necessary")
    page.get_by_role("button", name="See who allows it").click()
    page.get_by_text("4 of 4 customers allow it now.").wait_for()
    wrong += broken(page, "take out")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 5

    page.goto("/w/your-company/audiences/combine")
    page.get_by_label(f"What of VIP {people}").select_option("every")
    page.get_by_role("button", name="Count", exact=True).click()
    assert page.locator(".preview-n").inner_text() == "4 customers"
    wrong += broken(page, "combine")
    assert wrong == []
