"""Who meets definitions at an instant: everybody, or only some customers. The same questions at two scopes.

The past answers about behaviour, the present about who somebody is; the answers are joined as bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.asking import ask_behaviour
from amity.engines.past.behaviour.language import Behaviour
from amity.engines.past.behaviour.windows import resolve
from amity.engines.present.bulk import run, uuids
from amity.rooms.customers.rules.audiences.algebra import Answers, key_of
from amity.rooms.customers.rules.audiences.language import Condition, Consent, Profile, leaves
from amity.rooms.customers.rules.audiences.profile import clause

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Of one definition: bits of who is in, over `Evaluated.everybody`; when time alone could change each; when for all."""

    met: np.ndarray
    due: np.ndarray
    turns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Definitions at one instant `now` (ms). `everybody`: the customers looked at, sorted ids as `S16`.

    `ids`: all ids that they have had; None where really everybody was looked at.
    """

    now: int
    ids: Sequence[UUID] | None
    everybody: np.ndarray
    found: Mapping[int, Found]
    answers: Answers


def evaluate(
    definitions: Mapping[int, Condition], *, workspace: int, zone: ZoneInfo, now: int, only: Sequence[UUID] | None = None
) -> Evaluated:
    """Return who meets each definition; `only` restricts to customers (any ids that they have had).

    Definitions are `whole`: what they refer to stands in them. Raises NotRunning without the past.
    """
    ids = None if only is None else who_is(workspace, only)
    answers = Answers(everybody=_everybody(workspace, ids))
    distinct = {key_of(leaf): leaf for condition in definitions.values() for leaf in leaves(condition)}
    if len(answers.everybody):
        behaviour = [leaf for leaf in distinct.values() if isinstance(leaf, Behaviour)]
        for leaf, met in zip(behaviour, ask_behaviour(behaviour, workspace=workspace, now=now, zone=zone, only=ids), strict=True):
            answers.learn(leaf, met.ids, met.met, met.due, turned=met.turned)
        _ask_present([leaf for leaf in distinct.values() if not isinstance(leaf, Behaviour)], answers, workspace, ids)
    else:
        _nobody(distinct.values(), answers)
    found = {
        audience: Found(
            met=answers.of(condition), due=answers.change_of(condition), turns=turns_of(condition, now=now, zone=zone)
        )
        for audience, condition in definitions.items()
    }
    return Evaluated(now=now, ids=ids, everybody=answers.everybody, found=found, answers=answers)


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
    return Evaluated(
        now=newer.now, ids=None, everybody=everybody[order], found=found, answers=Answers(everybody=everybody[order])
    )


def who_is(workspace: int, ids: Iterable[UUID]) -> list[UUID]:
    """Return all ids that the customers with these ids have had."""
    return [UUID(bytes=bytes(one)) for (one,) in run(_WHO, [workspace, uuids(ids)])]


def turns_of(condition: Condition, *, now: int, zone: ZoneInfo) -> int | None:
    """Return when a calendar window of a condition moves next: for everybody at once."""
    turns = [resolve(leaf.within, now=now, zone=zone).turns for leaf in leaves(condition) if isinstance(leaf, Behaviour)]
    return min((turn for turn in turns if turn is not None), default=None)


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


def _nobody(conditions: Iterable[Any], answers: Answers) -> None:
    import numpy as np

    for one in conditions:
        answers.met[key_of(one)] = np.zeros(0, dtype=bool)
