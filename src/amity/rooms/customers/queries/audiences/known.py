"""Audiences as the present holds them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from amity.kernel.errors import NotFound
from amity.rooms.customers.models import Audience
from amity.rooms.customers.rules.audiences.language import Condition, Definition, heard, read
from amity.rooms.customers.rules.audiences.referring import whole
from amity.rooms.trust import api as trust


def accessible_audience(*, workspace_id: int, audience_id: int) -> Audience:
    """Return an audience of a workspace, an archived one too. Raises NotFound."""
    found = Audience.objects.filter(workspace_id=workspace_id, pk=audience_id).first()
    if found is None:
        raise NotFound("There is no such audience here.")
    return found


def definitions(workspace_id: int) -> dict[int, Definition | None]:
    """Return every audience's definition; None for lists."""
    rows = Audience.objects.filter(workspace_id=workspace_id).values_list("pk", "definition")
    return {audience: None if given is None else definition_of(given) for audience, given in rows}


def definition_of(given: object) -> Definition:
    """Return a stored definition."""
    return _read(msgspec.json.encode(given))


@lru_cache(maxsize=2_000)
def _read(text: bytes) -> Definition:
    return read(text)


class Kept:
    """A workspace's audiences that are kept up to date, with what each listens to. Read anew for each turn."""

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id = workspace_id
        self.zone = ZoneInfo(trust.get_workspace_by_id(workspace_id).time_zone)
        known: Mapping[int, Definition | None] = definitions(workspace_id)
        live = Audience.objects.filter(workspace_id=workspace_id, archived_at=None, definition__isnull=False)
        self.audiences = {one.pk: one for one in live.order_by("pk")}
        self.conditions: dict[int, Condition] = {pk: whole(_where(known, pk), known) for pk in self.audiences}
        self._heard = {pk: heard(condition) for pk, condition in self.conditions.items()}

    def concerned(self, names: list[str]) -> dict[int, set[str]]:
        """Return the audiences that something heard (`type:name`, empty for a change) can change, with what of it can."""
        found: dict[int, set[str]] = {}
        for audience, listens in self._heard.items():
            mine = {name for name in names if not name or _listens(listens, name)}
            if mine:
                found[audience] = mine
        return found


def _where(known: Mapping[int, Definition | None], audience: int) -> Condition:
    found = known[audience]
    if found is None:
        raise NotFound("A list has no definition.")
    return found.where


def _listens(listens: set[tuple[str, str]], heard_name: str) -> bool:
    kind, _, name = heard_name.partition(":")
    return bool({("", ""), (kind, ""), ("", name), (kind, name)} & listens)
