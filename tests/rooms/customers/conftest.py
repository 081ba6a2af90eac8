from __future__ import annotations

import pytest

from amity.rooms.trust.models import Workspace


@pytest.fixture
def workspace(db) -> int:
    return Workspace.objects.create(slug="test-house", name="Test house").pk


@pytest.fixture
def other_workspace(db) -> int:
    return Workspace.objects.create(slug="other-house", name="Other house").pk
