"""What customers said, for personas: the quotes of one, and what its members said lately. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from amity.engines.past.client import ask
from amity.engines.present.bulk import run, uuids
from amity.rooms.customers.contracts import Moment
from amity.rooms.customers.models import PersonaQuote
from amity.rooms.customers.queries.story import PACKAGE, moment_of
from amity.rooms.customers.rules.portrait.portray import portray

MEMBERS = 500  # whose words are looked through for new quotes
_SOME = """
    SELECT customer_id FROM customers_member WHERE audience_id = %b AND inside ORDER BY hashtext(customer_id::text) LIMIT %b
"""
_IDS = """
    WITH current AS (
        SELECT id AS asked, coalesce(merged_into, id) AS id FROM customers_customer WHERE workspace_id = %b AND id = ANY(%b::uuid[])
    )
    SELECT asked, id, id FROM current
    UNION SELECT current.asked, current.id, c.id FROM current JOIN customers_customer c ON c.merged_into = current.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Words, and where they come from: of an interaction (`customer_id` as of today, `moment`), or `heard` elsewhere.

    `quote_id` is 0 for what isn't quoted yet. `lost`: the interaction is gone, or tells nothing any more.
    """

    quote_id: int
    words: str
    heard: str = ""
    customer_id: UUID | None = None
    moment: Moment | None = None
    place: str = ""
    lost: bool = False


def quotes_of(persona_id: int, *, workspace_id: int, only: Iterable[UUID] | None = None) -> list[Voice]:
    """Return a persona's quotes, oldest first; those of interactions are read where they stand. `only` narrows them to customers.

    Raises NotRunning without the past.
    """
    kept = list(PersonaQuote.objects.filter(persona_id=persona_id).order_by("pk"))
    today, ids = _who(workspace_id, [one.customer_id for one in kept if one.customer_id])
    moments = _moments(workspace_id, ids, kept)
    allowed = None if only is None else set(only)
    found = [_voice(one, today, moments) for one in kept]
    return [one for one in found if allowed is None or one.customer_id is None or one.customer_id in allowed]


def customers_quoted(persona_id: int, *, workspace_id: int) -> set[UUID]:
    """Return who is quoted, by the ids of today."""
    kept = PersonaQuote.objects.filter(persona_id=persona_id, customer_id__isnull=False)
    today, _ = _who(workspace_id, [one for one in kept.values_list("customer_id", flat=True) if one])
    return set(today.values())


def said_lately(audience_id: int, *, workspace_id: int, without: Iterable[UUID] = (), limit: int = 12) -> list[Voice]:
    """Return what some members of an audience said, newest first, one of each customer. Raises NotRunning without the past."""
    some = [who for (who,) in run(_SOME, [audience_id, MEMBERS])]
    today, ids = _who(workspace_id, some)
    if not ids:
        return []
    rows = ask(
        package=PACKAGE, name="said_by", workspace_id=workspace_id, customer_ids=[str(one) for one in ids], limit=10 * limit
    )
    seen, found, quoted = set(), [], set(without)
    for moment in map(moment_of, rows):
        who, told = today.get(moment.customer_id), portray(moment)
        if who is None or who in seen or moment.key in quoted or not told.quote:
            continue
        seen.add(who)
        found.append(Voice(quote_id=0, words=told.quote, customer_id=who, moment=moment, place=told.sentence))
    return found[:limit]


def _voice(one: PersonaQuote, today: Mapping[UUID, UUID], moments: Mapping[UUID, Moment]) -> Voice:
    if one.message_key is None:
        return Voice(quote_id=one.pk, words=one.words, heard=one.heard)
    who = today.get(one.customer_id) if one.customer_id else None
    moment = moments.get(one.message_key)
    if moment is None or who is None:
        return Voice(quote_id=one.pk, words="", lost=True)
    told = portray(moment)
    return Voice(quote_id=one.pk, words=told.quote, customer_id=who, moment=moment, place=told.sentence, lost=not told.quote)


def _moments(workspace_id: int, ids: Sequence[UUID], kept: Sequence[PersonaQuote]) -> dict[UUID, Moment]:
    keys = [one.message_key for one in kept if one.message_key]
    if not keys or not ids:
        return {}
    rows = ask(
        package=PACKAGE, name="moments", workspace_id=workspace_id, customer_ids=[str(one) for one in ids],
        times=[one.time for one in kept if one.message_key and one.time], keys=[str(one) for one in keys],
    )  # fmt: skip
    return {moment.key: moment for moment in map(moment_of, rows)}


def _who(workspace_id: int, customers: Iterable[UUID]) -> tuple[dict[UUID, UUID], list[UUID]]:
    """Return who each id is today (every id that they had, too), and all those ids."""
    rows = run(_IDS, [workspace_id, uuids(set(customers))])
    today = {asked: now for asked, now, _ in rows} | {had: now for _, now, had in rows}
    return today, sorted(today)
