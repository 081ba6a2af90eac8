"""Fixtures of flows: a running Amity, and a browser that is signed in to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.running import Amity, chromium

WATCH = """
document.addEventListener("securitypolicyviolation", (e) => {
  console.error(`CSP: ${e.violatedDirective} refused ${e.blockedURI || e.sample} at ${e.sourceFile}:${e.lineNumber}`);
});
"""


@pytest.fixture(scope="session")
def amity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Amity]:
    """One Amity that all flows share; each makes its own sources and customers."""
    running = Amity(tmp_path_factory.mktemp("amity"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def fresh_amity(tmp_path: Any) -> Iterator[Amity]:
    """An Amity of one test's own, for tests that break it."""
    running = Amity(tmp_path / "amity")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for one module's tests: while Playwright runs, its event loop keeps asyncio's own tests from theirs."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=90_000)

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def problems() -> list[str]:
    """What the browser complained of: errors in scripts, refusals by the content security policy, missing files."""
    return []


@pytest.fixture
def page(amity: Amity, browser: Any, problems: list[str]) -> Iterator[Any]:
    """A page of the owner's, 1440 wide. The test fails if the browser complained of anything."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", base_url=amity.console)
    context.add_init_script(WATCH)
    context.set_default_timeout(90_000)
    one = context.new_page()
    one.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    one.on("pageerror", lambda error: problems.append(str(error)))
    amity.sign_in(one)
    yield one
    context.close()
    assert problems == []
