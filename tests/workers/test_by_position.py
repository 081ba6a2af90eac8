"""What steps make by position has each value under its own name: told apart here by values of which no two are alike."""

from __future__ import annotations

import itertools
from decimal import Decimal
from uuid import UUID

import msgspec

from amity.facts.interaction import Interaction
from amity.rooms.customers.contracts import Incoming, Placement
from amity.workers.batch import Described, Item
from amity.workers.pipeline.place import incoming
from amity.workers.pipeline.shape import row_of


def distinct(kind, **given):
    """Return a Struct each of whose fields holds something else: its name, or a number for times and places."""
    numbers = itertools.count(1_790_000_000_000, 1_000)
    made = {}
    for field in msgspec.structs.fields(kind):
        type_ = str(field.type)
        if field.name in given:
            made[field.name] = given[field.name]
        elif "UUID" in type_:
            made[field.name] = UUID(int=next(numbers))
        elif "bool" in type_ and "Mapping" not in type_:
            made[field.name] = True
        elif "Decimal" in type_:
            made[field.name] = Decimal("3.5000")
        elif "int" in type_:
            made[field.name] = next(numbers)
        elif "Raw" in type_:
            made[field.name] = msgspec.Raw(b'"%b"' % field.name.encode())
        elif "tuple" in type_:
            made[field.name] = (field.name,)
        elif "Mapping" in type_:
            made[field.name] = {field.name: True}
        else:
            made[field.name] = field.name
    return kind(**made)


def an_item() -> Item:
    item = Item(7, 8, distinct(Interaction), UUID(int=9))
    item.described, item.placement = distinct(Described), distinct(Placement)
    for part in ("properties", "traits", "context"):
        setattr(item, part, {part: 1})
        setattr(item, f"raw_{part}", msgspec.Raw(b'"raw %b"' % part.encode()))
    return item


def test_the_pasts_row():
    item = an_item()
    one, told, at, row = item.interaction, item.described, item.placement, row_of(item, 5.5)
    names = {"type": one.kind, "workspace_id": one.workspace, "source_id": one.source, "message_key": item.key, "log_seq": 7}
    names |= {"log_index": 8, "projected_at": 5.5, "properties": item.raw_properties, "traits": item.raw_traits}
    names |= {"context": item.raw_context, "told": item.raw_traits}
    names |= {name: getattr(one, name) / 1000 for name in ("time", "received_at", "original_at")}
    names["previous_time"] = at.previous_time / 1000
    for name in row.__struct_fields__:
        expected = names.get(name, getattr(told, name, getattr(at, name, getattr(one, name, None))))
        assert expected is not None, name
        assert getattr(row, name) == expected, name


def test_what_the_customers_room_is_given():
    item = an_item()
    one, told, given = item.interaction, item.described, incoming(item)
    assert isinstance(given, Incoming)
    names = {"key": item.key, "channel": told.channel, "voice": told.voice, "customer_id": None}
    names |= {part: getattr(item, part) for part in ("properties", "traits", "context")}
    names["country"] = told.country
    names["campaign"] = (told.campaign_source, told.campaign_medium, told.campaign_name)
    for name in given.__struct_fields__:
        assert getattr(given, name) == names.get(name, getattr(one, name, None)), name
