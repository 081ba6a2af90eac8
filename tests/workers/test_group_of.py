"""Which account an interaction names, as each kind of client says it."""

from __future__ import annotations

from uuid import UUID

import pytest

from amity.facts.interaction import Interaction
from amity.workers.batch import Item
from amity.workers.pipeline.shape import group_of


@pytest.mark.parametrize(
    ("group_id", "properties", "context", "account"),
    [
        ("acme", {}, {}, "acme"),
        ("acme", {}, {"groupId": "other"}, "acme"),
        (None, {}, {"groupId": "acme"}, "acme"),
        (None, {}, {"groupId": 77}, "77"),
        (None, {}, {"groupId": {"x": 1}}, ""),
        (None, {}, {"groupId": None}, ""),
        (None, {}, {"groupId": "x" * 500}, "x" * 200),
        ("acme", {"$group_type": "company"}, {}, "company:acme"),
        ("acme", {"$group_type": 5}, {}, "acme"),
        (None, {"$groups": {"project": "p1", "company": "acme"}}, {}, "company:acme"),
        (None, {"$groups": {"zoo": "z", "project": 12}}, {}, "project:12"),
        (None, {"$groups": {"company": " ", "zoo": None}}, {}, ""),
        (None, {"$groups": "acme"}, {}, ""),
        (None, {}, {}, ""),
    ],
)
def test_an_account_is_named_in_each_clients_way(group_id, properties, context, account):
    told = Interaction(
        workspace=1, source=1, message_id="m", kind="track", time=0, received_at=0, name="x", group_id=group_id, dialect="segment"
    )
    item = Item(1, 0, told, UUID(int=1), properties=properties, context=context)
    assert group_of(item) == account
