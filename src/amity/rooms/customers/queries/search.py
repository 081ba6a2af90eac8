"""Customers in lists: all of them, or those that a person's typing finds. Most recently seen first, by keyset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from amity.kernel.errors import Invalid
from amity.rooms.customers.contracts import Page
from amity.rooms.customers.models import IdentitySetting
from amity.rooms.customers.queries.rows import LINE, fetch, lines_of
from amity.rooms.customers.rules.identifiers import spellings
from amity.rooms.customers.rules.words import asked, is_letter

COUNTED = 1_000
# More matches than are counted are met soon by walking the list. After so many customers it shows how many more that takes;
# where it would be more than `_FAR`, all matches are fetched and sorted.
_WALKED, _FAR = 3_000, 15_000
_FIRST = (2**31 - 1, UUID(int=2**128 - 1))
Place = tuple[int, UUID]

_LIST = f"""
    SELECT {LINE} FROM customers_activity a JOIN customers_customer c ON c.id = a.customer_id
    WHERE a.workspace_id = %s AND NOT a.merged AND (a.seen_minute, a.customer_id) < (%s, %s)
    ORDER BY a.seen_minute DESC, a.customer_id DESC LIMIT %s
"""  # noqa: S608
_COUNT_LIST = """
    SELECT count(*) FROM (SELECT 1 FROM customers_activity WHERE workspace_id = %s AND NOT merged LIMIT %s) s
"""
_IDS = "SELECT id FROM customers_customer WHERE words @@ %s::tsquery LIMIT %s"
_PAGE = f"""
    SELECT {LINE} FROM page CROSS JOIN LATERAL (SELECT * FROM customers_activity WHERE customer_id = page.customer_id OFFSET 0) a
    JOIN customers_customer c ON c.id = a.customer_id
    ORDER BY a.seen_minute DESC, a.customer_id DESC
"""  # noqa: S608
_FEW = f"""
    WITH page AS MATERIALIZED (
        SELECT customer_id FROM customers_activity
        WHERE customer_id = ANY(%s) AND workspace_id = %s AND (seen_minute, customer_id) < (%s, %s) AND customer_id <> ALL(%s)
        ORDER BY seen_minute DESC, customer_id DESC LIMIT %s
    ) {_PAGE}
"""  # noqa: S608
# OFFSET 0 keeps PostgreSQL from trading the look-ups by key for a walk through everybody.
_ALL = f"""
    WITH found AS MATERIALIZED (SELECT id FROM customers_customer WHERE words @@ %s::tsquery),
    page AS MATERIALIZED (
        SELECT seen.customer_id FROM found CROSS JOIN LATERAL (
            SELECT customer_id, seen_minute FROM customers_activity WHERE customer_id = found.id AND workspace_id = %s OFFSET 0
        ) seen
        WHERE (seen.seen_minute, seen.customer_id) < (%s, %s) AND seen.customer_id <> ALL(%s)
        ORDER BY seen.seen_minute DESC, seen.customer_id DESC LIMIT %s
    ) {_PAGE}
"""  # noqa: S608
_MET = """
    SELECT walked.customer_id, walked.seen_minute FROM (
        SELECT customer_id, seen_minute FROM customers_activity
        WHERE workspace_id = %s AND NOT merged AND (seen_minute, customer_id) < (%s, %s)
        ORDER BY seen_minute DESC, customer_id DESC LIMIT %s
    ) walked CROSS JOIN LATERAL (
        SELECT 1 FROM customers_customer WHERE id = walked.customer_id AND words @@ %s::tsquery OFFSET 0
    ) has_words
    WHERE walked.customer_id <> ALL(%s)
    ORDER BY walked.seen_minute DESC, walked.customer_id DESC LIMIT %s
"""
_WALK = f"WITH page AS MATERIALIZED ({_MET}) {_PAGE}"
_COUNT_MET = f"SELECT count(*) FROM ({_MET}) met"  # noqa: S608
_THESE = f"""
    SELECT {LINE} FROM customers_activity a JOIN customers_customer c ON c.id = a.customer_id
    WHERE a.workspace_id = %s AND a.customer_id = ANY(%s) AND NOT a.merged
    ORDER BY a.seen_minute DESC, a.customer_id DESC
"""  # noqa: S608
_EXACT = "SELECT DISTINCT customer_id FROM customers_identifier WHERE workspace_id = %s AND value = ANY(%s) LIMIT 20"
_BEGINNING = """
    SELECT DISTINCT customer_id FROM (
        SELECT customer_id FROM customers_identifier WHERE workspace_id = %s AND value >= %s AND value < %s LIMIT 200
    ) s
"""
_BY_ID = "SELECT coalesce(merged_into, id) FROM customers_customer WHERE workspace_id = %s AND id = %s"


@dataclass(frozen=True, slots=True)
class Found:
    """Everybody whom a text finds: those whose search words fit `words` (empty: none), and those of `ids`."""

    words: str
    ids: tuple[UUID, ...]


def list_customers(*, workspace_id: int, after: str = "", limit: int = 50) -> Page:
    """Return all customers of a workspace, a page at a time. Raises Invalid if `after` is no place in the list."""
    rows = fetch(_LIST, [workspace_id, *_place(after), limit])
    total = fetch(_COUNT_LIST, [workspace_id, COUNTED + 1])[0][0]
    return _page(workspace_id, rows, limit=limit, total=total)


def search_customers(*, workspace_id: int, text: str, after: str = "", limit: int = 50) -> Page:
    """Return customers that a text finds: those whose identifier it is, then those with all its words.

    The last word counts as a beginning. Where no word is found, identifiers that begin with the text are looked up.
    An empty text lists everybody. Raises Invalid if `after` is no place in the list.
    """
    text = text.replace("\0", "").strip()
    if not text:
        return list_customers(workspace_id=workspace_id, after=after, limit=limit)
    with transaction.atomic():
        # What a beginning matches can't be estimated, and a scan of the whole table is the one plan that is never right.
        fetch("SELECT set_config('enable_seqscan', 'off', true)", [])
        return _search(workspace_id, text, after=after, limit=limit)


def find_ids(*, workspace_id: int, text: str) -> list[UUID]:
    """Return customers of which `text` is an identifier of any kind, or the id; a merged id gives who it is now."""
    return _exact(workspace_id, text.replace("\0", "").strip())


def find_all(*, workspace_id: int, text: str) -> Found:
    """Return what `search_customers` would list for a text, without its order and however many they are."""
    text = text.replace("\0", "").strip()
    with transaction.atomic():
        fetch("SELECT set_config('enable_seqscan', 'off', true)", [])
        exact, query = _asked(workspace_id, text)
        if not exact and not (query and fetch(_IDS, [query, 1])):
            exact = _beginning(workspace_id, text)
    return Found(words=query, ids=tuple(exact))


def _search(workspace_id: int, text: str, *, after: str, limit: int) -> Page:
    exact, query = _asked(workspace_id, text)
    place = _place(after)
    matches, rows = _words(workspace_id, query, place=place, exact=exact, limit=limit) if query else (0, [])
    if not matches and not exact:
        exact = _beginning(workspace_id, text)
    page = _page(workspace_id, rows, limit=limit, total=max(matches, len(exact)))
    if after or not exact:
        return page
    first = lines_of(workspace_id, fetch(_THESE, [workspace_id, exact]))
    return Page(lines=[*first, *page.lines], after=page.after, total=page.total, more=page.more)


def _asked(workspace_id: int, text: str) -> tuple[list[UUID], str]:
    """Return who is named by an identifier, and the words to look for besides; empty: none."""
    exact = _exact(workspace_id, text)
    # A hit on what looks like an identifier (ada@x.org, user-7) is the answer; a hit on "ada" may hide other Adas.
    return exact, "" if exact and re.search(r"[@\d]", text) else asked(workspace_id, text)


def _words(workspace_id: int, query: str, *, place: Place, exact: list[UUID], limit: int) -> tuple[int, list[tuple[Any, ...]]]:
    """Return how many customers have the words, counted up to COUNTED + 1, and the rows of a page of them, `exact` left out."""
    if _are_many(workspace_id, query):
        return COUNTED + 1, _walk(workspace_id, query, place=place, exact=exact, limit=limit)
    ids = [row[0] for row in fetch(_IDS, [query, COUNTED + 1])]
    if len(ids) > COUNTED:
        return len(ids), _walk(workspace_id, query, place=place, exact=exact, limit=limit)
    return len(ids), fetch(_FEW, [ids, workspace_id, *place, exact, limit]) if ids else []


def _are_many(workspace_id: int, query: str) -> bool:
    """Whether more than are counted are soon met. False: not known; the index must list all words with that beginning.

    The last word as it stands is looked up in a third of the time; a beginning of one letter is met everywhere in the list.
    """
    most = COUNTED + 1
    if is_letter(query):
        return bool(fetch(_COUNT_MET, [workspace_id, *_FIRST, _WALKED, query, [], most])[0][0] == most)
    return len(fetch(_IDS, [query.removesuffix(":*"), most])) == most


def _walk(workspace_id: int, query: str, *, place: Place, exact: list[UUID], limit: int) -> list[tuple[Any, ...]]:
    """Return a page of those who have words that many have: by walking the list from `place` on, or by sorting them all."""
    rows = fetch(_WALK, [workspace_id, *place, _WALKED, query, exact, limit])
    if len(rows) == limit:
        return rows
    left, far = limit - len(rows), 2 * _WALKED * limit // max(len(rows), 1)
    if rows and far <= 2 * _FAR:
        below = (rows[-1][-1], rows[-1][0])
        rows += fetch(_WALK, [workspace_id, *below, far, query, exact, left])
        if len(rows) == limit:
            return rows
    return fetch(_ALL, [query, workspace_id, *place, exact, limit])


def _exact(workspace_id: int, text: str) -> list[UUID]:
    region = IdentitySetting.objects.filter(workspace_id=workspace_id).values_list("phone_region", flat=True).first()
    found = [row[0] for row in fetch(_EXACT, [workspace_id, spellings(text, phone_region=region or "")])]
    try:
        own = UUID(text)
    except ValueError:
        return found
    return list(dict.fromkeys([row[0] for row in fetch(_BY_ID, [workspace_id, own])] + found))


def _beginning(workspace_id: int, text: str) -> list[UUID]:
    if len(text) < 3:
        return []
    return [row[0] for row in fetch(_BEGINNING, [workspace_id, text, text + "\U0010ffff"])][:50]


def _page(workspace_id: int, rows: Sequence[tuple[Any, ...]], *, limit: int, total: int) -> Page:
    after = f"{rows[-1][-1]}.{rows[-1][0].hex}" if len(rows) == limit else ""
    return Page(lines=lines_of(workspace_id, rows), after=after, total=min(total, COUNTED), more=total > COUNTED)


def _place(after: str) -> Place:
    if not after:
        return _FIRST
    minute, _, customer = after.partition(".")
    try:
        return int(minute), UUID(customer)
    except ValueError:
        raise Invalid("This is no place in the list of customers. Start from its first page.") from None
