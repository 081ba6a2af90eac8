"""Everything that the present knows of one customer, in one trip: for the Profile API, which answers within milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amity.engines.present.trips import Question, Trips, side_by_side
from amity.rooms.customers.queries.permission import RESTRICTED_NOW, SAID, Chosen, ask_chosen
from amity.rooms.customers.queries.subjects import CUSTOMER_ID
from amity.rooms.customers.rules.choices.decide import Answer, Decision, decide
from amity.rooms.customers.rules.choices.policies import region_from
from amity.rooms.customers.rules.choices.purposes import Purpose
from amity.rooms.customers.rules.identifiers import normalise

_ID = "SELECT coalesce(o.merged_into, o.id) AS id FROM customers_customer o WHERE o.workspace_id = %s AND o.id = %s::uuid"
_IDENTIFIER = """
    SELECT o.customer_id AS id FROM customers_identifier o WHERE o.workspace_id = %s AND o.kind = %s AND o.value = %s
"""
_KNOWN = """
    SELECT c.id, c.created_at, c.traits, c.origins, a.first_seen, a.last_seen, a.interactions, a.channels, a.values, a.country,
        ARRAY(SELECT m.id FROM customers_customer m WHERE m.merged_into = c.id ORDER BY m.id) AS merged_ids,
        (
            SELECT json_agg(json_build_array(i.kind, i.value, i.added_at, i.source_id, i.aliased) ORDER BY i.kind, i.added_at, i.value)
            FROM customers_identifier i WHERE i.workspace_id = c.workspace_id AND i.customer_id = c.id
        ) AS identifiers,
        (
            SELECT json_agg(json_build_array(u.id, u.name, m.since) ORDER BY u.name, u.id)
            FROM customers_member m JOIN customers_audience u ON u.id = m.audience_id
            WHERE m.customer_id = c.id AND m.inside AND u.workspace_id = c.workspace_id AND u.archived_at IS NULL
        ) AS audiences,
        (
            SELECT json_agg(json_build_array(t.id, t.name, v.value, v.since) ORDER BY t.name, t.id)
            FROM customers_computed_value v JOIN customers_computed_trait t ON t.id = v.trait_id
            WHERE v.customer_id = c.id AND v.value IS NOT NULL AND t.workspace_id = c.workspace_id AND t.archived_at IS NULL
        ) AS computed,
        (SELECT json_agg(json_build_array(x.name, x.granted, x.time, x.since)) FROM {said} x) AS said,
        {restricted} AS restricted
    FROM ({sought}) sought
    JOIN customers_customer c ON c.id = sought.id AND c.workspace_id = %s
    JOIN customers_activity a ON a.customer_id = c.id
""".replace("{said}", SAID).replace("{restricted}", RESTRICTED_NOW)
_BY_ID, _BY_IDENTIFIER = (_KNOWN.replace("{sought}", sought) for sought in (_ID, _IDENTIFIER))
_REGION = "SELECT phone_region FROM customers_identity_setting WHERE workspace_id = %s"
_LISTS = ("identifiers", "audiences", "computed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One customer as the present has it now; times in ms since 1970. `said` are all answers about consent.

    `origins` maps names of traits to [time, source, key]; `identifiers` are [kind, value, added_at, source, aliased], `audiences` [id, name, since],
    `computed` (the computed traits that have a value) [id, name, value, since].
    """

    id: UUID
    created_at: int
    traits: Mapping[str, Any]
    origins: Mapping[str, Sequence[Any]]
    first_seen: int
    last_seen: int
    interactions: int
    channels: Mapping[str, int]
    values: Mapping[str, str]
    country: str
    identifiers: Sequence[Sequence[Any]]
    audiences: Sequence[Sequence[Any]]
    computed: Sequence[Sequence[Any]]
    said: Sequence[Answer]
    merged_ids: Sequence[UUID]
    restricted: bool

    def decide(self, purpose: Purpose, chosen: Chosen, at: int) -> Decision:
        """Return whether the customer's data may be used for a purpose at an instant (ms), as `permitted` says it, and why."""
        region = region_from(
            traits=self.traits, paths=chosen.country_traits, country=self.country, otherwise=chosen.default_policy
        )
        return decide(purpose, self.said, chosen.policies[region], at, restricted=self.restricted)


def ask_known(*, workspace_id: int, kind: str, value: str) -> Trips[tuple[Chosen, Known | None]]:
    """Return what the workspace chose about consent, and the customer whom an identifier names; None: nobody.

    `kind` may be `customer_id`: an id that was merged gives who it is now. One trip; two for a phone number in national form.
    """
    chosen, known = yield from side_by_side(ask_chosen(workspace_id), _ask_one(workspace_id, kind, value))
    return chosen, known


def _ask_one(workspace_id: int, kind: str, value: str) -> Trips[Known | None]:
    regions, *found = yield [(_REGION, [workspace_id]), *_sought(workspace_id, kind, value, "")]
    region = regions[0]["phone_region"] if regions else ""
    if region and kind == "phone" and not found:
        found = yield _sought(workspace_id, kind, value, region)
    rows = found[0] if found else []
    return _known(rows[0]) if rows else None


def _sought(workspace_id: int, kind: str, value: str, region: str) -> list[Question]:
    """Return the question for whom an identifier names; none where it can be nobody's."""
    if kind == CUSTOMER_ID:
        return [(_BY_ID, [workspace_id, value, workspace_id])]
    spelled = normalise(kind, value, phone_region=region)
    return [(_BY_IDENTIFIER, [workspace_id, kind, spelled, workspace_id])] if spelled else []


def _known(row: dict[str, Any]) -> Known:
    whose = {"id": UUID(row["id"]), "merged_ids": [UUID(one) for one in row["merged_ids"]]}
    lists = {name: row[name] or [] for name in _LISTS}
    said = [Answer(*one) for one in row["said"] or []]
    return Known(**{**row, **whose, **lists, "said": said})
