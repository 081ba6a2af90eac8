"""Rows for files, a block at a time and never all at once: interactions from the past, customers from the present."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any
from uuid import UUID

from amity.engines.past.client import ask
from amity.engines.past.streaming import stream
from amity.kernel.clock import now_ms
from amity.rooms.customers.contracts import CustomerLine
from amity.rooms.customers.queries.permission import permitted, permitting
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.queries.rows import LINE, fetch, identifiers_of, lines_of
from amity.rooms.customers.queries.search import Found, find_all
from amity.rooms.customers.queries.story import PACKAGE, named
from amity.rooms.customers.rules.export.columns import Block
from amity.rooms.customers.rules.export.wanted import AudienceWanted, CustomersWanted, InteractionsWanted

Withheld = Callable[[int], None]
"""Told how many rows were left out of each stretch, because whose they are doesn't allow the purpose."""
_AT_ONCE = 1_000
_KEPT, _FOR = 50_000, 60 * 1_000  # who allows a purpose is remembered of so many customers, and asked again after so many ms
_CUSTOMER = 1  # where a block of interactions has the customer of today
_EARLIEST, _LATEST = -2_208_988_800_000, 4_102_444_800_000  # the years 1900 to 2099, which the past can hold
_KEY = 2  # where a block of interactions has the deduplication key
# In the order of ids, which never changes: whoever is seen or merged meanwhile is neither skipped nor told twice.
_WHICH = """
    FROM customers_customer c JOIN customers_activity a ON a.customer_id = c.id
    WHERE c.workspace_id = %(workspace)s AND c.id > %(after)s AND NOT a.merged
        AND (%(all)s OR c.id = ANY(%(ids)s) OR (%(words)s <> '' AND c.words @@ %(words)s::tsquery))
        AND a.last_seen >= %(since)s AND a.last_seen < %(until)s
        AND (cardinality(%(channels)s::text[]) = 0 OR jsonb_exists_any(a.channels, %(channels)s::text[]))
        AND NOT EXISTS (
            SELECT 1 FROM unnest(%(names)s::text[], %(texts)s::text[]) AS wanted(name, text)
            WHERE c.traits ->> wanted.name IS DISTINCT FROM wanted.text
        )
    ORDER BY c.id LIMIT %(limit)s
"""
_CUSTOMERS = f"SELECT {LINE}, c.created_at, a.consent::text, {{allowed}} {_WHICH}"
_HOW_MANY_CUSTOMERS = f"SELECT count(*), count(*) FILTER (WHERE allowed) FROM (SELECT {{allowed}} AS allowed {_WHICH}) s"  # noqa: S608
# Whether each allows the purpose is asked of each stretch anew, so a choice that is made meanwhile counts.
_MEMBERS = f"""
    SELECT {LINE}, c.created_at, a.consent::text, m.since, {{allowed}}
    FROM customers_member m JOIN customers_customer c ON c.id = m.customer_id JOIN customers_activity a ON a.customer_id = c.id
    WHERE m.audience_id = %(audience)s AND m.inside AND c.workspace_id = %(workspace)s AND m.customer_id > %(after)s AND NOT a.merged
    ORDER BY m.customer_id LIMIT %(limit)s
"""  # noqa: S608
_HOW_MANY = """
    SELECT count(*), count(*) FILTER (WHERE {allowed})
    FROM customers_member m JOIN customers_customer c ON c.id = m.customer_id JOIN customers_activity a ON a.customer_id = c.id
    WHERE m.audience_id = %(audience)s AND m.inside AND c.workspace_id = %(workspace)s AND NOT a.merged
"""
_MERGED = "SELECT merged_into, id FROM customers_customer WHERE workspace_id = %s AND merged_into = ANY(%s) ORDER BY id"


def count_interactions(*, workspace_id: int, wanted: InteractionsWanted) -> int:
    """Return about how many interactions an export will hold. Raises NotRunning without the past."""
    (row,) = ask(package=PACKAGE, name="export_count", **_params(workspace_id, wanted))
    return int(row["interactions"])


def interactions(
    *, workspace_id: int, wanted: InteractionsWanted, withheld: Withheld, by_customer: bool = False
) -> Generator[Block]:
    """Yield interactions as blocks of `columns.INTERACTIONS`, by time; or by customer and then time.

    Customer ids are those of today. Raises Invalid for no purpose of the workspace, NotRunning without the past, NotFound where
    the wanted customer isn't there.
    """
    allowing, last = Allowing(workspace_id, wanted.purpose), ""
    for block in stream(package=PACKAGE, name="export", by_customer=by_customer, **_params(workspace_id, wanted)):
        once, last = _once(block, last)
        owners = [UUID(one) for one in once[_CUSTOMER]]
        allowed = allowing.of(owners)
        keep = [at for at, owner in enumerate(owners) if owner in allowed]
        withheld(len(owners) - len(keep))
        if keep:
            yield once if len(keep) == len(owners) else [[column[at] for at in keep] for column in once]


class Allowing:
    """Who allows a purpose, asked of a stretch of customers at a time. An answer counts for a minute, so choices made meanwhile do."""

    def __init__(self, workspace_id: int, purpose: str) -> None:
        self._where: dict[str, Any] = {"workspace_id": workspace_id, "purpose": purpose}
        self._known: dict[UUID, bool] = {}
        self._since = 0
        permitting(**self._where)  # a purpose that isn't one is refused before the first row

    def of(self, customer_ids: Iterable[UUID]) -> set[UUID]:
        """Return those who allow it."""
        now, asked = now_ms(), set(customer_ids)
        if len(self._known) > _KEPT or now - self._since > _FOR:
            self._known, self._since = {}, now
        unknown = asked - self._known.keys()
        allowed = permitted(customer_ids=unknown, **self._where)
        self._known.update({one: one in allowed for one in unknown})
        return {one for one in asked if self._known[one]}


def customers(*, workspace_id: int, wanted: CustomersWanted, withheld: Withheld) -> Generator[Block]:
    """Yield customers as blocks of `columns.CUSTOMERS`, in the order in which they were created.

    Raises Invalid for no purpose of the workspace.
    """
    found = find_all(workspace_id=workspace_id, text=wanted.text) if wanted.text else None
    after = UUID(int=0)
    while True:
        condition = permitting(workspace_id=workspace_id, purpose=wanted.purpose)
        asked = {**condition.params, **_asked(workspace_id, wanted, found, after)}
        rows = fetch(_CUSTOMERS.format(allowed=condition.sql), asked)
        allowed = [row[:-1] for row in rows if row[-1]]
        withheld(len(rows) - len(allowed))
        if allowed:
            yield _columns_of(workspace_id, allowed)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]


def count_customers(*, workspace_id: int, wanted: CustomersWanted, most: int) -> tuple[int, int] | None:
    """Return how many customers allow the purpose now, and how many don't; None where there are more than `most` to ask.

    Raises Invalid for no purpose of the workspace.
    """
    found = find_all(workspace_id=workspace_id, text=wanted.text) if wanted.text else None
    condition = permitting(workspace_id=workspace_id, purpose=wanted.purpose)
    asked = {**condition.params, **_asked(workspace_id, wanted, found, UUID(int=0)), "limit": most + 1}
    if fetch(_HOW_MANY_CUSTOMERS.format(allowed="true"), asked)[0][0] > most:
        return None
    [(everybody, allowed)] = fetch(_HOW_MANY_CUSTOMERS.format(allowed=condition.sql), asked)
    return allowed, everybody - allowed


def members(*, workspace_id: int, wanted: AudienceWanted, withheld: Withheld) -> Generator[Block]:
    """Yield members of an audience who allow the purpose as blocks of `columns.MEMBERS`, in the order of their ids.

    `withheld` is told how many of each stretch don't. Raises Invalid for no purpose of the workspace.
    """
    after = UUID(int=0)
    while True:
        condition = permitting(workspace_id=workspace_id, purpose=wanted.purpose)
        asked = {**condition.params, "workspace": workspace_id, "audience": wanted.audience_id, "after": after, "limit": _AT_ONCE}
        rows = fetch(_MEMBERS.format(allowed=condition.sql), asked)
        allowed = [row for row in rows if row[-1]]
        withheld(len(rows) - len(allowed))
        if allowed:
            yield [*_columns_of(workspace_id, [row[:11] for row in allowed]), [row[11] for row in allowed]]
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]


def count_members(*, workspace_id: int, wanted: AudienceWanted) -> tuple[int, int]:
    """Return how many members allow the purpose now, and how many don't. Raises Invalid for no purpose of the workspace."""
    condition = permitting(workspace_id=workspace_id, purpose=wanted.purpose)
    asked = {**condition.params, "workspace": workspace_id, "audience": wanted.audience_id}
    [(everybody, allowed)] = fetch(_HOW_MANY.format(allowed=condition.sql), asked)
    return allowed, everybody - allowed


def _params(workspace_id: int, wanted: InteractionsWanted) -> dict[str, Any]:
    ids: list[str] = []
    if wanted.customer_id is not None:
        ids = [str(one) for one in get_customer(workspace_id=workspace_id, customer_id=wanted.customer_id).all_ids]
    return {
        "workspace_id": workspace_id,
        "customer_ids": ids,
        "since": _EARLIEST if wanted.since is None else max(wanted.since, _EARLIEST),
        "until": _LATEST if wanted.until is None else min(wanted.until, _LATEST),
        **{name: list(getattr(wanted, name)) for name in ("sources", "names", "channels", "types", "voices")},
        **named(wanted.spelled),
        "money": wanted.money,
        "case": wanted.case_path,
    }


def _once(block: Block, last: str) -> tuple[Block, str]:
    """Leave out what a replay is about to replace: the same key twice in a row. Return the block and its last key."""
    keys = block[_KEY]
    keep = [at for at, key in enumerate(keys) if key != (keys[at - 1] if at else last)]
    newest = keys[-1] if len(keys) else last
    return (block if len(keep) == len(keys) else [[column[at] for at in keep] for column in block]), newest


def _asked(workspace_id: int, wanted: CustomersWanted, found: Found | None, after: UUID) -> Any:
    return {
        "workspace": workspace_id,
        "after": after,
        "all": found is None,
        "ids": [] if found is None else list(found.ids),
        "words": "" if found is None else found.words,
        "since": _EARLIEST if wanted.since is None else wanted.since,
        "until": _LATEST if wanted.until is None else wanted.until,
        "channels": list(wanted.channels),
        "names": [name for name, _ in wanted.traits],
        "texts": [text for _, text in wanted.traits],
        "limit": _AT_ONCE,
    }


def _columns_of(workspace_id: int, rows: Sequence[tuple[Any, ...]]) -> Block:
    ids = [row[0] for row in rows]
    known = identifiers_of(workspace_id, ids)
    merged: dict[UUID, list[str]] = {}
    for into, old in fetch(_MERGED, [workspace_id, ids]):
        merged.setdefault(into, []).append(str(old))
    lines = lines_of(workspace_id, [row[:9] for row in rows], known=known)
    told = [
        _row(
            line, traits=row[7], created_at=row[9], consent=row[10], known=known.get(line.id, ()), merged=merged.get(line.id, [])
        )
        for line, row in zip(lines, rows, strict=True)
    ]
    return list(zip(*told, strict=True))


def _row(  # noqa: PLR0913  each is a part of one row
    line: CustomerLine, *, traits: str, created_at: int, consent: str, known: Sequence[tuple[str, str]], merged: list[str]
) -> tuple[Any, ...]:
    values = {currency: f"{amount:f}" for currency, amount in line.values.items()}
    identifiers: dict[str, list[str]] = {}
    for kind, value in sorted(known):
        identifiers.setdefault(kind, []).append(value)
    granted = {purpose: said[0] for purpose, said in sorted(json.loads(consent).items())}
    return (
        *(str(line.id), line.name, line.email, line.user_id, created_at),
        *(line.first_seen or None, line.last_seen or None, line.interactions),
        *(_json(dict(line.channels)), _json(values), _json(granted), _json(identifiers), traits, _json(merged)),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
