from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def fresh_counters():
    """Nothing here counts attempts at signing in."""
