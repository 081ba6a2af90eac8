"""A site with the snippet, and a tab of a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.edge.snippet.site import Site, running_site
from tests.flows.running import chromium


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as one:
        yield one


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Playwright keeps pages out of the back/forward cache unless it is told not to.
        found = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"], ignore_default_args=["--disable-back-forward-cache"]
        )
        yield found
        found.close()


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """A tab whose page may break nothing: no error in a script, nothing that the policy refuses."""
    context = browser.new_context()
    context.set_default_timeout(60_000)
    one = context.new_page()
    wrong: list[str] = []
    one.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    yield one
    context.close()
    assert wrong == []
