"""A file's way in through the console: uploaded in pieces, mapped, previewed, imported by the worker, seen as customers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.flows.wait import wait_for

HERE = "/w/your-company/imports/"


def orders(path, rows: int, *, tag: str):
    lines = [f"{tag}{n % 50};{n % 28 + 1:02}.03.2023;Order Completed;{n % 90},50" for n in range(rows)]
    path.write_text("Kunden-Nr;Datum;Aktion;Betrag\n" + "\n".join(lines) + "\nbroken\n", encoding="cp1252")
    return path


def upload(page, path) -> None:
    page.goto(HERE + "new/")
    page.locator("#file").set_input_files(str(path))
    page.get_by_role("button", name="Upload the file").click()
    page.wait_for_url("**/map/")


def axe(page) -> list:
    from axe_playwright_python.sync_playwright import Axe

    return [(v["id"], v["nodes"][0]["html"][:200]) for v in Axe().run(page).response["violations"]]


@pytest.mark.timeout(300)
def test_from_the_file_to_its_customers(page, amity, tmp_path):
    path = orders(tmp_path / "orders <b>.csv", 80_000, tag="flow-")  # of more than one piece
    upload(page, path)
    assert page.locator("h1").inner_text() == "orders <b>.csv"
    expect(page.locator("#user_id")).to_have_value("Kunden-Nr")
    expect(page.locator("#dates")).to_have_value("dmy")
    expect(page.locator("#value")).to_have_value("Betrag")
    expect(page.get_by_text("Of the first 5,000 rows")).to_be_visible()
    page.get_by_role("button", name="Import the file").click()
    page.get_by_text("Done, some rows rejected").wait_for()
    page.reload()
    expect(page.locator(".stat", has_text="Interactions stored")).to_contain_text("80,000")
    expect(page.get_by_text("It has 1 of 4 cells.")).to_be_visible()
    with page.expect_download() as got:
        page.get_by_role("link", name="All of them, as CSV").click()
    assert "80002,columns" in Path(got.value.path()).read_text(encoding="utf-8")

    def arrived():
        sql = "SELECT count() AS n FROM interactions WHERE user_id LIKE 'flow-%'"
        return json.loads(amity.cli("query", sql, "--json"))[0]["n"] > 0

    wait_for(arrived)
    upload(page, path)
    expect(page.get_by_text("This very file was brought in")).to_be_visible()
    page.get_by_role("button", name="Import the file").click()
    expect(page.get_by_text("each of its rows would count twice").first).to_be_visible()
    page.get_by_role("button", name="Delete the file").click()
    page.locator("dialog[open]").get_by_role("button", name="Delete the file").click()
    expect(page.get_by_text("Nothing of it was stored")).to_be_visible()


@pytest.mark.timeout(300)
def test_what_is_asked_can_be_answered_and_the_map_given_as_text(page, problems, tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text("no,x,at,q,p\n1,ada-import,2023-03-01,2,1.5\n1,ada-import,2023-03-01,1,3\n2,,2023-03-02,1,1\n")
    upload(page, path)
    expect(page.get_by_text("Which column says whose a row is?")).to_be_visible()
    expect(page.get_by_text("What happened in each row?", exact=False)).to_be_visible()
    page.select_option("#user_id", "x")
    page.fill("#event", "Bought")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("Of all 3 rows: 2 interactions, 1 rejected")).to_be_visible()
    page.get_by_text("Give the map as text").click()
    page.fill("#map", "user_id: y")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("'y', which the file doesn't have")).to_be_visible()
    assert all("400" in said for said in problems)  # the browser tells of an answer that refuses a form
    problems.clear()
    given = "{user_id: x, event: Order Completed, time: at, without_customer: anonymous, lines: {by: no, quantity: q, price: p, columns: {q: q}}}"
    page.fill("#map", given)
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("Of all 3 rows: 2 interactions, 0 rejected")).to_be_visible()
    page.get_by_role("button", name="Import the file").click()
    page.locator("#import .mark", has_text=re.compile("^Done")).wait_for()


@pytest.mark.timeout(300)
def test_the_pages_are_for_everyone(page, tmp_path):
    upload(page, orders(tmp_path / "look.csv", 500, tag="look-"))
    mapping = page.url
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for address in (HERE, HERE + "new/", mapping):
            page.goto(address)
            assert axe(page) == [], address
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        for address in (HERE, HERE + "new/", mapping):
            page.goto(address)
            assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), address
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(mapping)
    page.locator("#user_id").focus()
    for _ in range(40):  # by keyboard alone to the button, and it does what it says
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "start":
            break
    page.keyboard.press("Enter")
    page.locator("#import .mark", has_text=re.compile("^Done")).wait_for()
    assert axe(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.timeout(300)
def test_without_scripts_the_form_alone_brings_a_file(amity, browser, page, tmp_path):
    path = orders(tmp_path / "plain.csv", 50, tag="plain-")
    context = browser.new_context(base_url=amity.console, java_script_enabled=False)
    context.add_cookies(page.context.cookies())
    plain = context.new_page()
    plain.goto(HERE + "new/")
    plain.locator("#file").set_input_files(str(path))
    plain.get_by_role("button", name="Upload the file").click()
    expect(plain.get_by_role("heading", name="plain.csv")).to_be_visible()
    plain.get_by_role("button", name="Import the file").click()
    expect(plain.get_by_text("rows read", exact=False)).to_be_visible()
    context.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_import_goes_on_and_nothing_is_lost_or_doubled(amity, tmp_path):
    path = tmp_path / "killed.csv"
    with path.open("w") as out:
        out.write("who,at,text\n")
        out.writelines(f"killed-{n % 500},2021-03-{n % 28 + 1:02},{n} {'x' * 900}\n" for n in range(60_000))
    command = [sys.executable, "-m", "amity.config.cli", "import", str(path), "--customer", "who", "--event", "Seen"]
    with subprocess.Popen(command, env=amity.env, stderr=subprocess.PIPE, text=True) as process:
        assert "stored" in process.stderr.readline()
        process.kill()
    assert "60,000 interactions of 60,000 rows" in amity.cli(*command[3:])

    def arrived():
        sql = "SELECT count() AS n, uniqExact(message_id) AS ids FROM interactions WHERE user_id LIKE 'killed-%'"
        [found] = json.loads(amity.cli("query", sql, "--json"))
        return found if found["ids"] == 60_000 else None

    assert wait_for(arrived, seconds=400, every=2)["n"] == 60_000


def test_pieces_are_the_workspaces_own_and_bounded(page, amity):
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    page.goto(HERE + "new/")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    cookies |= {one["name"]: one["value"] for one in page.context.cookies()}
    with httpx.Client(base_url=amity.console, cookies=cookies, headers={"X-CSRFToken": token, "Origin": amity.console}) as http:
        assert http.post(HERE + "uploads/", data={"size": "99999999999999"}).status_code == 400
        assert http.post(HERE + "uploads/", data={"size": "-1"}).status_code == 400
        to = http.post(HERE + "uploads/", data={"size": "6"}).json()
        assert http.post(to["piece"] + "?at=0", content=b"abc").json() == {"at": 3}
        assert http.post(to["piece"] + "?at=0", content=b"abc").json() == {"at": 3}, "a piece that came already changes nothing"
        assert http.post(to["piece"] + "?at=9", content=b"xyz").json() == {"at": 3}, "nor does one that lies ahead"
        assert http.post(to["piece"] + "?at=3", content=b"x" * 3_000_000).status_code == 400
        assert http.post(to["piece"] + "?at=x", content=b"x").status_code == 400
        assert http.post(to["end"], data={"name": "x.csv", "size": "6"}).status_code == 400, "not all of it came"
        unknown = to["piece"].replace(to["piece"].split("/")[-2], "00000000-0000-7000-8000-000000000001")
        assert http.post(unknown + "?at=0", content=b"abc").status_code == 404
        assert http.post(to["piece"] + "?at=3", content=b"def").json() == {"at": 6}
        made = http.post(to["end"], data={"name": "../../etc/passwd\x00.csv", "size": "6"}).json()
        assert "passwd.csv" in http.get(made["url"]).text
