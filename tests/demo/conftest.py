"""One company for all tests of the demo: large enough that the planted effects show, small enough to be told in seconds."""

from __future__ import annotations

import pytest

from tests.demo.panel import World, build

CUSTOMERS = 4_000


@pytest.fixture(scope="session")
def world() -> World:
    return build(CUSTOMERS)
