"""The interactions themselves that events mean, as columns in the order of each customer's story: what funnels are counted from.

At one instant an interaction that an earlier event means comes first: which of two at the same millisecond was really first
nobody knows, so it is decided in favour of the events' order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.asking import SETTINGS, merged_there, named
from amity.engines.past.behaviour.binding import json_path
from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.predicates import operand
from amity.engines.past.behaviour.question import Question
from amity.kernel.errors import Invalid

if TYPE_CHECKING:
    import numpy as np

MOST_EVENTS = 30
MOST = 20_000_000  # interactions of one question: some 60 bytes each
SESSION = "session_id"
TRAIT = "traits."  # before the name of what an identify said of the customer
NAME = "@name:"  # before what names are told apart by further, or nothing
EARLIEST = -2_208_988_800_000  # the year 1900, before which the past holds nothing
_LISTED = 2_000  # different values that are told by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Interactions, sorted by customer, by what is held, then by time. Arrays of one length, but for `names`.

    `customers`: ids as `S16`. `mask`: bit n is set where event n means it. `held`: a hash of the value that is held, 0 where
    nothing is. `shown`: a hash of the value that is asked for, 0 where it has none; `names` tells the values of the most frequent
    hashes. `keys` and `previous` are message keys (`S16`), `amounts` numbers (not a number where there is none), where they were asked for.
    """

    customers: np.ndarray
    at: np.ndarray
    mask: np.ndarray
    held: np.ndarray
    shown: np.ndarray
    names: Mapping[int, str]
    keys: np.ndarray | None = None
    previous: np.ndarray | None = None
    amounts: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.at)


def ask_moments(  # noqa: PLR0913  one argument for each part
    events: Sequence[Event], *, workspace: int, now: int, zone: ZoneInfo, first: int, last: int, held: str = "", shown: str = "",
    keys: bool = False, amount: str = "",
) -> Moments:  # fmt: skip
    """Return the interactions from `first` to `last` (ms, both included) that at least one of the events means.

    `held` names a property, a field or `session_id`: interactions without it are left out. `shown` names a property or field
    whose value is asked for, or a trait that an identify said. `keys`: with their keys and those of the customer's interactions
    before. `amount` names a property or field that is read as a number. Raises Invalid, NotRunning.
    """
    import numpy as np

    from amity.engines.past.client import errors, past

    if not 1 <= len(events) <= MOST_EVENTS:
        raise Invalid(f"Between one and {MOST_EVENTS} events can be asked for at once.")
    ask = Question(workspace=workspace, now=now, zone=zone)
    bits = [f"toUInt32({ask.event(event)}) * {1 << n}" for n, event in enumerate(events)]
    found = {"customer": "customer", "at": "t", "mask": f"toUInt32({' + '.join(bits)})", "h": "toUInt64(0)", "v": "toUInt64(0)"}
    where = f"t BETWEEN {ask.bind(first, 'Int64')} AND {ask.bind(last, 'Int64')}"
    if held:
        found["h"] = _hash(text := ask.column(_text(held)))
        where += f" AND isNotNull({text})"
    if shown:
        found["v"] = _hash(text := ask.column(_text(shown)))
    if keys:
        found["key"], found["previous"] = (
            ask.column("raw.message_key"),
            ask.column("ifNull(raw.previous_key, toUUID('00000000-0000-0000-0000-000000000000'))"),
        )
    if amount:
        found["amount"] = ask.column(f"ifNull({operand(amount).number}, nan)")
    with errors():
        client = past()
        client.form_encode_query_params = True
        merged = merged_there(client, workspace)
        end = f"ORDER BY customer, h, t, bitAnd(mask, toUInt32(-toInt64(mask))), mask, k LIMIT {MOST + 1}"
        since = max(first, EARLIEST)
        sql = ask.rows(found, merged=merged, where=where, end=end, since=since)
        body = client.raw_query(sql, parameters=ask.params, settings=SETTINGS, fmt="RowBinary")
        names: dict[int, str] = {}
        if shown:
            counted = {"v": found["v"], "name": f"anyLast(assumeNotNull({text}))", "n": "count()"}
            listing = f"GROUP BY v ORDER BY n DESC LIMIT {_LISTED}"
            sql = ask.rows(counted, merged=merged, where=f"{where} AND isNotNull({text})", end=listing, since=since)
            names = {int(hashed): str(name) for hashed, name, _ in client.query(sql, parameters=ask.params).result_rows}
    fields: list[tuple[str, str]] = [("high", "<u8"), ("low", "<u8"), ("at", "<i8"), ("mask", "<u4"), ("h", "<u8"), ("v", "<u8")]
    if keys:
        fields += [("kh", "<u8"), ("kl", "<u8"), ("ph", "<u8"), ("pl", "<u8")]
    if amount:
        fields += [("amount", "<f8")]
    rows: Any = np.frombuffer(body, dtype=np.dtype(fields))
    if len(rows) > MOST:
        raise Invalid(f"More than {MOST:,} interactions are meant. Choose a shorter time, or steps that say more.")
    return Moments(
        customers=named(rows["high"], rows["low"]), at=rows["at"].copy(), mask=rows["mask"].copy(), held=rows["h"].copy(),
        shown=rows["v"].copy(), names=names, keys=named(rows["kh"], rows["kl"]) if keys else None,
        previous=named(rows["ph"], rows["pl"]) if keys else None, amounts=rows["amount"].copy() if amount else None,
    )  # fmt: skip


def check_value(of: str) -> None:
    """Raise Invalid for what is no property, no field and no session."""
    if of.startswith(NAME):
        raise Invalid(f"{of!r} is no property.")
    _text(of)


def _text(of: str) -> str:
    if of == SESSION:
        return "if(session_id = toUUID('00000000-0000-0000-0000-000000000000'), NULL, toString(session_id))"
    if of.startswith(NAME):
        further = of.removeprefix(NAME)
        name = "if(name = '', concat('(', toString(type), ')'), toString(name))"
        return f"concat({name}, ifNull(concat(' · ', {_text(further)}), ''))" if further else name
    if of == "value":
        raise Invalid("An amount of money can’t be held or broken down by; take another property.")
    if of.startswith(TRAIT):
        at = json_path("traits", of.removeprefix(TRAIT))
        return f"nullIf(if(dynamicType({at}) IN ('String', 'Int64', 'UInt64', 'Bool'), toString({at}), NULL), '')"
    text = operand(of).text
    return f"nullIf({text}, '')"


def _hash(text: str) -> str:
    # Zero stands for no value.
    return f"if(isNull({text}), toUInt64(0), greatest(sipHash64(assumeNotNull({text})), toUInt64(1)))"
