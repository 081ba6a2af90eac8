"""What flows can be chosen from: names by how often they came, of one's own workspace, without the rest's row."""

from __future__ import annotations

import pytest

from amity.kernel.clock import HOUR, now_ms
from amity.rooms.collection.api import count_shapes, flowing_names, shape_of

pytestmark = pytest.mark.django_db


def test_names_come_by_how_often_they_flowed():
    now = now_ms()

    def told(workspace: int, name: str, count: int, **properties: object):
        key = (workspace, 1, "track", name, "web", "", now // HOUR, False, shape_of(properties, {"plan": "pro"}))
        return {key: [count, now, now]}

    count_shapes(told(71, "Seldom", 1, price=2.5, only="x") | told(71, "Often", 9, price=1) | told(72, "Elsewhere", 50, secret=1))
    assert flowing_names(workspace_id=71) == (["Often", "Seldom"], ["price", "only"])
    assert flowing_names(workspace_id=73) == ([], [])
