"""Who meets definitions, and what values come to, at an instant: of everybody, or of some customers. One question at two scopes.

The past answers about behaviour, the present about who somebody is; the answers are joined as bits and columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.accounts import belonging, told_of_accounts
from amity.engines.past.behaviour.asking import ask_behaviour
from amity.engines.past.behaviour.expert import ask_expert
from amity.engines.past.behaviour.question import Then
from amity.engines.past.behaviour.takes import NUMBERS
from amity.engines.past.behaviour.taking import ask_takes
from amity.engines.past.behaviour.then import customers_then
from amity.engines.past.behaviour.windows import resolve
from amity.engines.present.bulk import run, uuids
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.audiences.accounts import meets, traits_asked
from amity.rooms.customers.rules.audiences.algebra import NEVER, Answers, places
from amity.rooms.customers.rules.audiences.language import Condition, Consent, InAccount, Profile
from amity.rooms.customers.rules.audiences.profile import clause
from amity.rooms.customers.rules.computed.columns import Column, Columns
from amity.rooms.customers.rules.computed.language import Value
from amity.rooms.customers.rules.computed.parts import Parts, parts_of

if TYPE_CHECKING:
    import numpy as np

_CURRENT = """
    SELECT string_agg(uuid_send(id), '' ORDER BY id) FROM customers_customer
    WHERE workspace_id = %b AND merged_into IS NULL AND (%b OR id = ANY(%b::uuid[]))
"""
_WHO = """
    WITH current AS (
        SELECT DISTINCT coalesce(merged_into, id) AS id FROM customers_customer WHERE workspace_id = %b AND id = ANY(%b::uuid[])
    )
    SELECT uuid_send(id) FROM current UNION SELECT uuid_send(c.id) FROM customers_customer c JOIN current ON c.merged_into = current.id
"""


_ONLY_NOW = (
    "What traits, identifiers, consent, accounts and lists say is known as of now only, so a value that asks for it can't be told as of another "
    "instant. Use behaviour alone."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of one definition: bits of who is in, over `Evaluated.everybody`; when time alone could change each; when for all."""

    met: np.ndarray
    due: np.ndarray
    turns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Definitions at one instant `now` (ms). `everybody`: the customers looked at, sorted ids as `S16`.

    `ids`: all ids that they have had; None where really everybody was looked at. `columns` are values by their number, `edges`
    the scores' edges that were worked out of everybody here.
    """

    now: int
    ids: Sequence[UUID] | None
    everybody: np.ndarray
    found: Mapping[int, Found]
    answers: Answers
    columns: Mapping[int, Column] = field(default_factory=dict)
    edges: Mapping[bytes, Sequence[float]] = field(default_factory=dict)


def evaluate(  # noqa: PLR0913  one argument for each part
    definitions: Mapping[int, Condition], *, workspace: int, zone: ZoneInfo, now: int, only: Sequence[UUID] | None = None,
    values: Mapping[int, Value] | None = None, edges: Mapping[bytes, Sequence[float]] | None = None, then: Then | None = None,
) -> Evaluated:  # fmt: skip
    """Return who meets each definition and what each value comes to; `only` restricts to customers (any ids that they have had).

    Definitions and values are `whole`: what they refer to stands in them. `edges` are the scores' edges that are kept. `then` is
    what was known, where `now` is an instant of the past: customers are those of then, and only behaviour can be asked about.
    Raises NotRunning without the past.
    """
    ids = None if only is None else who_is(workspace, only)
    parts = parts_of(definitions.values(), (values or {}).values())
    if then is not None and (parts.profiles or parts.accounts):
        raise Invalid(_ONLY_NOW)
    answers = Answers(
        everybody=_everybody(workspace, ids) if then is None else customers_then(workspace, then, now=now, only=ids)
    )
    taken: dict[bytes, Column] = {}
    if len(answers.everybody):
        asked = ask_behaviour(list(parts.behaviours.values()), workspace=workspace, now=now, zone=zone, only=ids, then=then)
        for leaf, met in zip(parts.behaviours.values(), asked, strict=True):
            answers.learn(leaf, met.ids, met.met, met.due, turned=met.turned)
        _ask_present(list(parts.profiles.values()), answers, workspace, ids)
        _ask_accounts(list(parts.accounts.values()), answers, workspace, ids)
        taken = _take(parts, answers, workspace=workspace, zone=zone, now=now, ids=ids, then=then)
    else:
        _nobody(parts, answers, taken)
    columns = Columns(answers, taken, edges or {}, some=only is not None)
    for condition in definitions.values():
        columns.settle(condition)
    found = {
        audience: Found(
            met=answers.of(condition), due=answers.change_of(condition), turns=turns_of([condition], (), now=now, zone=zone)
        )
        for audience, condition in definitions.items()
    }
    made = {number: columns.of(value) for number, value in (values or {}).items()}
    return Evaluated(
        now=now, ids=ids, everybody=answers.everybody, found=found, answers=answers, columns=made, edges=columns.made
    )


def overlaid(done: Evaluated, newer: Evaluated) -> Evaluated:
    """Return what was found of everybody, with what was found later of some in its place."""
    import numpy as np

    looked_at = np.array([one.bytes for one in newer.ids or ()], dtype="S16")
    stays = ~np.isin(done.everybody, looked_at)
    everybody = np.concatenate([done.everybody[stays], newer.everybody])
    order = np.argsort(everybody)

    def joined(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.concatenate([old[stays], new])[order]

    found = {
        audience: Found(
            met=joined(one.met, newer.found[audience].met), due=joined(one.due, newer.found[audience].due), turns=one.turns
        )
        for audience, one in done.found.items()
    }
    columns = {number: _joined(one, newer.columns[number], stays, order) for number, one in done.columns.items()}
    return Evaluated(
        now=newer.now, ids=None, everybody=everybody[order], found=found, answers=Answers(everybody=everybody[order]),
        columns=columns, edges=done.edges,
    )  # fmt: skip


def _joined(old: Column, new: Column, stays: np.ndarray, order: np.ndarray) -> Column:
    import numpy as np

    due = None
    if old.due is not None or new.due is not None:
        parts = [np.full(len(one.values), NEVER, dtype=np.int64) if one.due is None else one.due for one in (old, new)]
        due = np.concatenate([parts[0][stays], parts[1]])[order]
    return Column(values=np.concatenate([old.values[stays], new.values])[order], due=due, numbers=old.numbers)


def who_is(workspace: int, ids: Iterable[UUID]) -> list[UUID]:
    """Return all ids that the customers with these ids have had."""
    return [UUID(bytes=bytes(one)) for (one,) in run(_WHO, [workspace, uuids(ids)])]


def turns_of(conditions: Iterable[Condition], values: Iterable[Value], *, now: int, zone: ZoneInfo) -> int | None:
    """Return when a calendar window of conditions and values moves next: for everybody at once."""
    turns = [resolve(one, now=now, zone=zone).turns for one in parts_of(conditions, values).windows()]
    return min((turn for turn in turns if turn is not None), default=None)


def _take(  # noqa: PLR0913  one argument for each part
    parts: Parts, answers: Answers, *, workspace: int, zone: ZoneInfo, now: int, ids: Sequence[UUID] | None, then: Then | None
) -> dict[bytes, Column]:
    import numpy as np

    found = {}
    number = len(answers.everybody)
    asked = ask_takes(list(parts.takes.values()), workspace=workspace, now=now, zone=zone, only=ids, then=then)
    sqls = [ask_expert(one.sql, workspace=workspace, now=now, only=ids, then=then) for one in parts.sqls.values()]
    for key, one in zip((*parts.takes, *parts.sqls), (*asked, *sqls), strict=True):
        values = (
            np.full(number, np.nan if one.nothing is None else one.nothing)
            if one.numbers
            else np.full(number, None, dtype=object)
        )
        due = np.full(number, NEVER, dtype=np.int64)
        at, known = places(answers.everybody, one.ids)
        values[at], due[at] = one.values[known], one.due[known]
        found[key] = Column(values=values, due=None if bool((due == NEVER).all()) else due, numbers=one.numbers)
    return found


def _everybody(workspace: int, ids: Sequence[UUID] | None) -> np.ndarray:
    import numpy as np

    [(body,)] = run(_CURRENT, [workspace, ids is None, uuids(ids or ())])
    return np.frombuffer(bytes(body or b""), dtype="S16")


def _ask_present(conditions: Sequence[Profile], answers: Answers, workspace: int, ids: Sequence[UUID] | None) -> None:
    import numpy as np

    if not conditions:
        return
    clauses = [clause(one) for one in conditions]
    columns = ", ".join(f"string_agg(uuid_send(c.id), '') FILTER (WHERE {one.sql})" for one in clauses)
    activity = "JOIN customers_activity a ON a.customer_id = c.id" if any(isinstance(c, Consent) for c in conditions) else ""
    sql = f"""
        SELECT {columns} FROM customers_customer c {activity}
        WHERE c.workspace_id = %s::bigint AND c.merged_into IS NULL AND (%s::boolean OR c.id = ANY(%b::uuid[]))
    """  # noqa: S608  our own text; every value is bound
    values: list[Any] = [value for one in clauses for value in one.values]
    [row] = run(sql, [*values, workspace, ids is None, uuids(ids or ())])
    for one, body in zip(conditions, row, strict=True):
        there = np.frombuffer(bytes(body or b""), dtype="S16")
        answers.learn(one, there, np.ones(len(there), dtype=bool))


def _ask_accounts(conditions: Sequence[InAccount], answers: Answers, workspace: int, ids: Sequence[UUID] | None) -> None:
    import numpy as np

    if not conditions:
        return
    accounts = told_of_accounts(traits_asked(conditions), workspace=workspace, only=ids)
    customers, theirs = belonging(workspace=workspace, only=ids)
    for one in conditions:
        test = meets(one)
        chosen = np.array([account.mark for account in accounts if test(account.id, account.traits)], dtype=np.uint64)
        there = np.unique(customers[np.isin(theirs, chosen)])
        answers.learn(one, there, np.ones(len(there), dtype=bool))


def _nobody(parts: Parts, answers: Answers, taken: dict[bytes, Column]) -> None:
    import numpy as np

    for key in (*parts.behaviours, *parts.profiles, *parts.accounts):
        answers.met[key] = np.zeros(0, dtype=bool)
    for key, take in (*parts.takes.items(), *parts.sqls.items()):
        numbers = isinstance(take, NUMBERS)
        taken[key] = Column(values=np.zeros(0, dtype=np.float64 if numbers else object), due=None, numbers=numbers)
