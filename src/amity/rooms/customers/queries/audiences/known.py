"""Audiences as the present holds them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from amity.kernel.errors import NotFound
from amity.rooms.customers.models import Audience, ComputedTrait
from amity.rooms.customers.rules.audiences.language import Condition, Definition, read
from amity.rooms.customers.rules.computed import language as computed
from amity.rooms.customers.rules.computed.inlining import Known, whole_condition, whole_value
from amity.rooms.customers.rules.computed.parts import parts_of
from amity.rooms.trust import api as trust


def accessible_audience(*, workspace_id: int, audience_id: int) -> Audience:
    """Return an audience of a workspace, an archived one too. Raises NotFound."""
    found = Audience.objects.filter(workspace_id=workspace_id, pk=audience_id).first()
    if found is None:
        raise NotFound("There is no such audience here.")
    return found


def known_of(workspace_id: int) -> Known:
    """Return what a workspace's definitions may refer to: audiences (None for lists) and computed traits, archived ones too."""
    audiences = Audience.objects.filter(workspace_id=workspace_id).values_list("pk", "name", "definition")
    traits = ComputedTrait.objects.filter(workspace_id=workspace_id).values_list("pk", "name", "definition")
    return Known(
        audiences={pk: None if given is None else definition_of(given) for pk, _, given in audiences},
        traits={pk: value_of(given) for pk, _, given in traits},
        names={("audience", pk): name for pk, name, _ in audiences} | {("trait", pk): name for pk, name, _ in traits},
    )


def definition_of(given: object) -> Definition:
    """Return a stored definition."""
    return _read(msgspec.json.encode(given))


def value_of(given: object) -> computed.Definition:
    """Return a computed trait's stored definition."""
    return _read_value(msgspec.json.encode(given))


@lru_cache(maxsize=2_000)
def _read_value(text: bytes) -> computed.Definition:
    return computed.read(text)


@lru_cache(maxsize=2_000)
def _read(text: bytes) -> Definition:
    return read(text)


class Kept:
    """A workspace's audiences and computed traits that are kept up to date, with what each listens to. Read anew for each turn.

    `edges` are the scores' edges as last worked out, by the score's key.
    """

    def __init__(self, workspace_id: int) -> None:
        self.workspace_id = workspace_id
        self.zone = ZoneInfo(trust.get_workspace_by_id(workspace_id).time_zone)
        live = Audience.objects.filter(workspace_id=workspace_id, archived_at=None, definition__isnull=False)
        self.audiences = {one.pk: one for one in live.order_by("pk")}
        made = ComputedTrait.objects.filter(workspace_id=workspace_id, archived_at=None)
        self.traits = {one.pk: one for one in made.order_by("pk")}
        self.known = known_of(workspace_id)  # read last: what a colleague makes meanwhile is known, though not kept yet
        self.conditions: dict[int, Condition] = {
            pk: whole_condition(_where(self.known, pk), self.known, within=(("audience", pk),)) for pk in self.audiences
        }
        self.values: dict[int, computed.Value] = {pk: whole_value(computed.Ref(id=pk), self.known) for pk in self.traits}
        newest = ComputedTrait.objects.filter(workspace_id=workspace_id).exclude(edges={}).order_by("computed_at")
        self.edges = {key.encode(): edges for given in newest.values_list("edges", flat=True) for key, edges in given.items()}
        self._heard = {("audience", pk): parts_of([where]).heard() for pk, where in self.conditions.items()}
        self._heard |= {("trait", pk): parts_of((), [value]).heard() for pk, value in self.values.items()}

    def concerned(self, names: list[str]) -> dict[tuple[str, int], set[str]]:
        """Return what something heard (`type:name`, empty for a change) can change, with what of it can.

        Keys are ("audience" or "trait", its id).
        """
        found: dict[tuple[str, int], set[str]] = {}
        for node, listens in self._heard.items():
            mine = {name for name in names if not name or _listens(listens, name)}
            if mine:
                found[node] = mine
        return found

    def in_accounts(self, nodes: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return those that look at the accounts customers belong to: what is told of one changes all its members."""
        return {node for node in nodes if ("account", "") in self._heard[node]}


def _where(known: Known, audience: int) -> Condition:
    found = known.audiences[audience]
    if found is None:
        raise NotFound("A list has no definition.")
    return found.where


def _listens(listens: set[tuple[str, str]], heard_name: str) -> bool:
    kind, _, name = heard_name.partition(":")
    return bool({("", ""), (kind, ""), ("", name), (kind, name)} & listens)
