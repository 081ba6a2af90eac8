"""A survey in the browser: written, published, answered with scripts by keyboard and without any, and read as an NPS; for axe."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.flows.test_audiences import broken
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started
AT = "/w/your-company/surveys/"
UNHURRIED = 1_200  # ms; what is sent within a second is asked for once more


def answer(context, link: str, problems: list[str], *, script: bool) -> list[str]:
    """Answer as a promoter with scripts, by keyboard; as a detractor without any."""
    visitor, wrong = context.new_page(), []
    visitor.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    visitor.goto(link)
    wait_for(lambda: visitor.evaluate("performance.now()") > UNHURRIED)
    if script:
        wrong += broken(visitor, "asked")
        visitor.get_by_role("radio", name="0 Not at all likely").focus()
        visitor.keyboard.press("9")
        visitor.get_by_role("button", name="Next").press("Enter")
    else:
        visitor.get_by_role("radio", name="3", exact=True).check(force=True)
        visitor.get_by_role("button", name="Next").click()
    visitor.wait_for_url("**page=1")
    expect(visitor.get_by_text("Which way?")).to_have_count(0 if script else 1)
    if not script:
        visitor.get_by_role("radio", name="In the shop").check()
    visitor.get_by_label("What is the main reason for your answer?").fill("As ever.")
    visitor.get_by_role("button", name="Send").click()
    visitor.get_by_text("Thank you. That helps us.").wait_for()
    return wrong + (broken(visitor, "thanks") if script else [])


def test_a_survey_from_its_first_question_to_its_score(amity, page, browser, problems):
    name, wrong = f"Spring {uuid4().hex[:8]}", []
    page.goto(AT)
    wrong += broken(page, "list")
    for each in ("rest", "import"):
        page.goto(f"{AT}{each}")
        wrong += broken(page, each)
    page.goto(f"{AT}new")
    wrong += broken(page, "new")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Write it").click()
    page.wait_for_url("**/edit")
    wrong += broken(page, "builder")
    page.get_by_label("Add a question").select_option("single")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url("**/questions/new**")
    page.get_by_label("What is asked").fill("Which way?")
    page.get_by_label("Answers, one a line").fill("By phone\nIn the shop")
    page.get_by_label("Earlier question").first.select_option("likely")
    page.get_by_label("Test").first.select_option("at_most")
    page.get_by_label("Value").first.fill("6")
    wrong += broken(page, "question")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/edit#q-which_way")
    page.get_by_role("button", name="Move “Which way?” up").press("Enter")
    expect(page.locator(".squestions li").nth(1)).to_contain_text("only if likely is at most 6")
    expect(page.frame_locator("iframe").get_by_text("Which way?")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/links")
    wrong += broken(page, "links")
    link, results = page.get_by_label("Link", exact=True).input_value(), page.url.removesuffix("links")
    for script in (True, False):
        context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=script, reduced_motion="reduce")
        context.set_default_timeout(90_000)
        wrong += answer(context, link, problems, script=script)
        assert context.cookies() == []
        context.close()
    page.goto(results)
    expect(page.locator(".sscore-v").first).to_have_text("0")
    expect(page.get_by_text("n = 2")).to_be_visible()
    expect(page.locator(".svoices").get_by_text("As ever.")).to_have_count(2)
    wrong += broken(page, "results")
    page.get_by_role("link", name="1 who answered 9").click()
    page.get_by_text("1 answered without a name").wait_for()
    wrong += broken(page, "customers")
    page.goto(AT)
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Asking")
    wrong += broken(page, "list with one")
    assert wrong == []
