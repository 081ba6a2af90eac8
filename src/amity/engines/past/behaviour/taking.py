"""Ask what values come to, of everybody or of some customers, and when time alone could change them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from amity.engines.past.behaviour.asking import SETTINGS, merged_there, named
from amity.engines.past.behaviour.question import Question, Then
from amity.engines.past.behaviour.takes import NUMBERS, Take
from amity.engines.past.behaviour.valuing import Valued, valued

if TYPE_CHECKING:
    import numpy as np

AT_ONCE = 60  # values in one pass over the past


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Values of customers who have one or soon may: ids as `S16`, values, and when each could change (ms).

    Values are Float64 with NaN for none where `numbers`, else Python's own with None. `nothing` is what everybody else has.
    """

    ids: np.ndarray
    values: np.ndarray
    due: np.ndarray
    numbers: bool
    nothing: float | None


def is_number(one: Take) -> bool:
    """Whether a take gives numbers only."""
    return isinstance(one, NUMBERS)


def ask_takes(  # noqa: PLR0913  one argument for each part
    takes: Sequence[Take],
    *,
    workspace: int,
    now: int,
    zone: ZoneInfo,
    only: Sequence[UUID] | None = None,
    then: Then | None = None,
) -> list[Taken]:
    """Return what each take comes to at `now` (ms): for everybody, or for `only` the customers with these ids.

    `only` names all ids that a customer has had; `then` is what was known, where `now` is an instant of the past. Raises Invalid for a take that makes no sense, NotRunning.
    """
    found: dict[int, Taken] = {}
    for numbers in (True, False):
        wanted = [n for n, one in enumerate(takes) if is_number(one) is numbers]
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            ask = Question(workspace=workspace, now=now, zone=zone, then=then)
            measured = [valued(takes[n], ask) for n in some]
            read = _numbers if numbers else _texts
            found |= dict(zip(some, read(measured, ask, workspace, only), strict=True))
    return [found[n] for n in range(len(takes))]


def check_take(one: Take, *, now: int, zone: ZoneInfo) -> None:
    """Raise Invalid, with what to do, for a take that can't be asked."""
    valued(one, Question(workspace=0, now=now, zone=zone))


def _numbers(measured: Sequence[Valued], ask: Question, workspace: int, only: Sequence[UUID] | None) -> list[Taken]:
    import numpy as np

    found: dict[str, str] = {}
    for n, one in enumerate(measured):
        found[f"val{n}"], found[f"due{n}"] = f"toFloat64({one.value})", f"toInt64({one.due})"
    body = _asked(ask, found, workspace, only, fmt="RowBinary")
    fields = [("high", "<u8"), ("low", "<u8")]
    fields += [field for n in range(len(measured)) for field in ((f"val{n}", "<f8"), (f"due{n}", "<i8"))]
    rows = np.frombuffer(body, dtype=np.dtype(fields))
    ids = named(rows["high"], rows["low"])
    return [
        Taken(ids=ids, values=rows[f"val{n}"].copy(), due=rows[f"due{n}"].copy(), numbers=True, nothing=one.nothing)
        for n, one in enumerate(measured)
    ]


def _texts(measured: Sequence[Valued], ask: Question, workspace: int, only: Sequence[UUID] | None) -> list[Taken]:
    import numpy as np

    found: dict[str, str] = {}
    for n, one in enumerate(measured):
        found[f"val{n}"], found[f"due{n}"] = one.value, f"toInt64({one.due})"
    body = _asked(ask, found, workspace, only, fmt="JSONCompactEachRow")
    rows: list[list[Any]] = msgspec.json.Decoder(list[Any]).decode_lines(body)
    ids = np.array([UUID(row[0]).bytes for row in rows], dtype="S16")
    made = []
    for n, one in enumerate(measured):
        values = np.empty(len(rows), dtype=object)
        values[:] = [_value(row[1 + 2 * n]) for row in rows]
        due = np.array([int(row[2 + 2 * n]) for row in rows], dtype=np.int64)
        made.append(Taken(ids=ids, values=values, due=due, numbers=False, nothing=one.nothing))
    return made


def _asked(ask: Question, found: dict[str, str], workspace: int, only: Sequence[UUID] | None, *, fmt: str) -> bytes:
    from amity.engines.past.client import errors, past

    with errors():
        client = past()
        client.form_encode_query_params = True
        sql = ask.sql(found, only=only is not None, merged=merged_there(client, workspace))
        params = ask.params | ({} if only is None else {"only": [str(one) for one in only]})
        body: bytes = client.raw_query(sql, parameters=params, settings=SETTINGS, fmt=fmt)
    return body


def _value(text: str) -> Any:
    return msgspec.json.decode(text) if text else None
