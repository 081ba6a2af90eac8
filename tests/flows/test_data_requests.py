"""Somebody asks for their data: taken down in the browser, confirmed, made by the worker, downloaded, closed."""

from __future__ import annotations

import io
import json
from uuid import uuid4
from zipfile import ZipFile

import pytest

from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def person(amity):
    """Somebody with a short story."""
    made = json.loads(amity.cli("source", "create", "Data requests", "--json"))
    user = f"asks-{uuid4().hex[:10]}"
    yes = {"consent": {"categoryPreferences": {"analytics": True}}}
    amity.send(
        made["write_key"],
        {
            "type": "identify",
            "userId": user,
            "traits": {"name": "Ada <i>Lind</i>", "email": f"{user}@mail.example"},
            "context": yes,
        },
        {"type": "track", "event": "Order Completed", "userId": user, "properties": {"total": 12}},
    )
    wait_for(lambda: json.loads(amity.cli("customer", "show", user, "--json"))["interactions"] >= 2)
    return user


def broken(page, what: str) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = [f"{what}: {one['id']}" for one in Axe().run(page).response["violations"]]
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    return found + ([f"{what}: {wide} px wide on a phone"] if wide > 390 else [])


def take_down(page, kind: str, user: str, how: str = "") -> None:
    page.goto("/w/your-company/requests/new/")
    page.get_by_label("What they ask for").select_option(kind)
    page.get_by_label("Known by").fill("user_id")
    page.get_by_label("Which is").fill(user)
    page.get_by_label("How you made sure that it is them").fill(how)
    page.get_by_role("button", name="Take it down").click()
    page.get_by_role("heading", name="What happened").wait_for()


def test_a_copy_from_the_question_to_the_file(amity, person, page):
    wrong = []
    page.goto("/w/your-company/requests/?state=open_ones")
    wrong += broken(page, "list")
    page.goto("/w/your-company/requests/new/")
    wrong += broken(page, "new")
    take_down(page, "access", person)
    wrong += broken(page, "unconfirmed")
    page.get_by_label("How you made sure").fill("Signed in to their account")
    page.get_by_role("button", name="It is them").click()
    page.get_by_role("button", name="Make the copy").click()
    download = page.get_by_role("link", name="Download")
    download.wait_for()  # which comes by itself, once the worker has made it
    wrong += broken(page, "made")
    with page.expect_download() as taken:
        download.click()
    with ZipFile(io.BytesIO(taken.value.path().read_bytes())) as archive:
        assert len(json.loads(archive.read("data/customers.interactions.json"))) == 2
        html = archive.read("index.html").decode()
    page.context.new_page().set_content(html)
    read = page.context.pages[-1]
    assert read.get_by_role("heading", name="Interactions").is_visible()
    assert "Ada <i>Lind</i>" in read.inner_text("main")
    wrong += broken(read, "archive")
    read.close()
    page.get_by_label("What they were told").fill("Sent by post")
    page.get_by_role("button", name="Done").click()
    page.get_by_text("The request is done.").wait_for()
    wrong += broken(page, "done")
    assert wrong == []


def test_a_correction_and_a_restriction_reach_the_customer(amity, person, page):
    take_down(page, "rectification", person, "by phone")
    wrong = broken(page, "rectification")
    page.get_by_label("Trait", exact=True).fill("name")
    page.get_by_label("What is right").fill("Ada Lindqvist")
    page.get_by_role("button", name="Correct it").click()
    page.get_by_text("on its way to the customer").wait_for()

    def name() -> str:
        page.reload()
        page.get_by_text("What is known now").click()
        return page.locator("dl.facts").first.inner_text()

    wait_for(lambda: "Ada Lindqvist" in name())
    take_down(page, "restriction", person, "by phone")
    page.get_by_role("button", name="Restrict", exact=True).click()
    page.get_by_text("Kept, and used for nothing but").wait_for()
    wrong += broken(page, "restricted")
    assert wrong == []
