"""Ask which customers meet conditions on behaviour, and when time alone could change that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.language import Behaviour
from amity.engines.past.behaviour.measures import measure
from amity.engines.past.behaviour.question import NEVER, NEVER_MS, Question, Then

if TYPE_CHECKING:
    import numpy as np

AT_ONCE = 120  # conditions in one pass over the past
SETTINGS = {
    "max_query_size": "16777216",
    "max_ast_elements": "1000000",
    "max_expanded_ast_elements": "4000000",
    "max_ast_depth": "5000",
    "max_bytes_before_external_group_by": "4000000000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Customers whom a condition's SQL found or may soon: ids as `S16`, whether it is met, when that could change (ms).

    `turned`: those are meant who are not met here, and everybody who is not here.
    """

    ids: np.ndarray
    met: np.ndarray
    due: np.ndarray
    turned: bool


def ask_behaviour(  # noqa: PLR0913  one argument for each part
    conditions: Sequence[Behaviour], *, workspace: int, now: int, zone: ZoneInfo, only: Sequence[UUID] | None = None,
    then: Then | None = None,
) -> list[Met]:  # fmt: skip
    """Return what is met of each condition at `now` (ms): by everybody, or by `only` the customers with these ids.

    `only` names all ids that a customer has had; `then` is what was known, where `now` is an instant of the past. Raises Invalid for a condition that makes no sense, NotRunning.
    """
    found: list[Met] = []
    for start in range(0, len(conditions), AT_ONCE):
        ask = Question(workspace=workspace, now=now, zone=zone, then=then)
        found += _ask(conditions[start : start + AT_ONCE], ask, workspace=workspace, only=only)
    return found


def check_behaviour(condition: Behaviour, *, now: int, zone: ZoneInfo) -> None:
    """Raise Invalid, with what to do, for a condition that can't be asked."""
    measure(condition, Question(workspace=0, now=now, zone=zone))


def _ask(conditions: Sequence[Behaviour], ask: Question, *, workspace: int, only: Sequence[UUID] | None) -> list[Met]:
    import numpy as np

    from amity.engines.past.client import errors, past

    measured = [measure(one, ask) for one in conditions]
    found: dict[str, str] = {}
    asked: dict[str, str] = {}  # names of what several conditions need
    for n, one in enumerate(measured):
        if only is not None and one.instants is not None:
            for sql in one.instants.asked:
                found.setdefault(asked.setdefault(sql, f"i{len(asked)}"), f"toInt64({sql})")
        else:
            found[f"met{n}"], found[f"due{n}"] = f"toUInt8({one.met})", f"toInt64({one.due})"
    # Of everybody most meet nothing and needn't be told of. Of some it is cheaper to hear of all: to leave them out, the past
    # would work each condition out once more.
    some = " OR ".join(f"met{n} OR due{n} != {NEVER}" for n in range(len(measured))) if only is None else "1"
    with errors():
        client = past()
        client.form_encode_query_params = True
        sql = ask.sql(found, only=only is not None, merged=merged_there(client, workspace), having=f"({some})")
        params = ask.params | ({} if only is None else {"only": [str(one) for one in only]})
        body = client.raw_query(sql, parameters=params, settings=SETTINGS, fmt="RowBinary")
    fields = [("high", "<u8"), ("low", "<u8"), *((name, "u1" if name.startswith("met") else "<i8") for name in found)]
    rows = np.frombuffer(body, dtype=np.dtype(fields))
    ids = named(rows["high"], rows["low"])
    told = {sql: np.ascontiguousarray(rows[name]) for sql, name in asked.items()}
    answers = []
    for n, one in enumerate(measured):
        if f"met{n}" in found:
            met, due = rows[f"met{n}"] == 1, rows[f"due{n}"]
        elif one.instants is not None:
            met, due = one.instants.read(told)
        answers.append(_met(ids, met, due, turned=one.turned))
    return answers


def merged_there(client: Any, workspace: int) -> bool:
    """Whether anybody of a workspace was ever merged; else there is no table to read through."""
    found = client.raw_query(
        "SELECT count() FROM merges WHERE workspace_id = {workspace:UInt32}", parameters={"workspace": workspace}
    )
    return bool(found.strip() != b"0")


def named(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Return ids as `S16` from the halves that the past's binary format writes."""
    import numpy as np

    ids = np.empty((len(high), 2), dtype=">u8")
    ids[:, 0], ids[:, 1] = high, low
    return ids.view("S16").reshape(-1)


def _met(ids: np.ndarray, met: np.ndarray, due: np.ndarray, *, turned: bool) -> Met:
    keep = (met | (due != NEVER_MS)) & (ids != b"")  # zeros all: what concerns no customer
    return Met(ids=ids[keep], met=met[keep], due=due[keep], turned=turned)
