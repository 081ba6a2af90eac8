"""What each workspace of a batch chose: identity rules, time zone, currency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from amity.kernel.errors import NotFound
from amity.rooms.customers.models import IdentityRule, IdentitySetting
from amity.rooms.customers.rules.identifiers import IdentityRules, KindRule
from amity.rooms.customers.rules.patterns import usable
from amity.rooms.customers.rules.sequence import midnight_zone
from amity.rooms.trust import api as trust

log = structlog.get_logger("amity.customers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One workspace's choices, as placing needs them."""

    rules: IdentityRules
    currency: str
    midnight: ZoneInfo | None


def chosen_by(workspaces: Iterable[int]) -> dict[int, Chosen]:
    """Return the choices of each workspace; those that don't exist are left out."""
    wanted = set(workspaces)
    kinds: dict[int, dict[str, KindRule]] = {}
    for row in IdentityRule.objects.filter(workspace_id__in=wanted):
        kinds.setdefault(row.workspace_id, {})[row.kind] = KindRule(
            limit=row.limit,
            priority=row.priority,
            blocked=frozenset(str(value).strip().casefold() for value in row.blocked),
            patterns=tuple(usable(row.patterns, partial(_left_out, row.workspace_id, row.kind))),
        )
    regions = dict(IdentitySetting.objects.filter(workspace_id__in=wanted).values_list("workspace_id", "phone_region"))
    found = {}
    for workspace in wanted:
        try:
            info = trust.get_workspace_by_id(workspace)
        except NotFound:
            continue
        found[workspace] = Chosen(
            rules=IdentityRules(kinds=kinds.get(workspace, {}), phone_region=regions.get(workspace, "")),
            currency=info.currency,
            midnight=midnight_zone(info.time_zone, at_midnight=info.sessions_end_at_midnight),
        )
    return found


def _left_out(workspace: int, kind: str, why: str) -> None:
    log.warning("pattern left out", workspace=workspace, kind=kind, why=why)
