"""Reads made files as an import would, without engines."""

from __future__ import annotations

import io

import msgspec

from amity.facts.interaction import Interaction
from amity.rooms.collection.rules.imports.looking import Look, look
from amity.rooms.collection.rules.imports.making import Whose
from amity.rooms.collection.rules.imports.mapping import read_mapping
from amity.rooms.collection.rules.imports.refusal import Refused
from amity.rooms.collection.rules.imports.stream import Stream

NOW = 1_790_000_000_000
WHOSE = Whose(workspace=1, source=2, prefix="f", received_at=NOW)
SHOP = "{event: Bought, user_id: who, time: at}"


def look_at(body: bytes | str, given: str = "", *, name: str = "file.csv") -> Look:
    raw = body.encode() if isinstance(body, str) else body
    return look(io.BytesIO(raw), name=name, size=len(raw), given=read_mapping(given))


def read(body: bytes | str, given: str = SHOP, *, name: str = "file.csv") -> tuple[list[Interaction], list[Refused]]:
    found = look_at(body, given, name=name)
    assert found.questions == []
    return split(found)


def split(found: Look) -> tuple[list[Interaction], list[Refused]]:
    made, refused = [], []
    for one in Stream(found, WHOSE):
        (refused if isinstance(one, Refused) else made).append(one)
    return made, refused


def props(one: Interaction) -> dict:
    return msgspec.json.decode(one.properties)


def fact(found: Look, what: str) -> str:
    return dict(found.facts)[what]
