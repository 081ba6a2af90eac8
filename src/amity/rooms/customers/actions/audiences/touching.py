"""Whom a batch touched, kept until their audiences have been looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from amity.engines.present.bulk import bigints, run, send
from amity.rooms.customers.models import Touch

if TYPE_CHECKING:
    import numpy as np

AT_ONCE = 100
CHANGED = ""  # heard of who is known differently now, rather than of who did something
NAMED_ACCOUNT, TOLD_OF_ACCOUNT = "account:", "account:told"  # heard beside the interaction's own type and name
_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(list[str])
_STORE = """
    INSERT INTO customers_touch (workspace_id, customers, places, heard, past_ids)
    VALUES (%b, %b, %b, %b, to_jsonb(%b::bigint[]))
"""
_READY = """
    SELECT id, workspace_id, customers, places, heard FROM customers_touch t
    WHERE done_at IS NULL AND workspace_id = %b AND NOT EXISTS (
        SELECT FROM present_past_batch p WHERE p.id IN (SELECT jsonb_array_elements(t.past_ids)::bigint)
    )
    ORDER BY id LIMIT %b
"""


def touch(*, workspace_id: int, pairs: Collection[tuple[int, str]], past_ids: Sequence[int] = ()) -> None:
    """Note customers in the caller's transaction: (number of the id, what was heard of it: `type:name`, or empty for a change).

    They are looked at once the rows `past_ids` are in the past.
    """
    heard = {name: place for place, name in enumerate(sorted({name for _, name in pairs}))}
    ids = b"".join([number.to_bytes(16, "big") for number, _ in pairs])
    places = b"".join([heard[name].to_bytes(4, "big") for _, name in pairs])
    send(_STORE, [workspace_id, ids, places, _encoder.encode(list(heard)), bigints(past_ids)])


def touch_customers(*, workspace_id: int, customer_ids: Iterable[UUID]) -> None:
    """Have the audiences of customers looked at anew, whatever changed about them: after an unmerge, an edit, a list."""
    pairs = {(one.int, CHANGED) for one in customer_ids}
    if pairs:
        touch(workspace_id=workspace_id, pairs=pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Customers to look at: rows of the table, `names` of what was heard, and by place in `names` the customers (`S16`)."""

    rows: Sequence[int]
    names: Sequence[str]
    ids: np.ndarray
    heard: np.ndarray

    def by(self, wanted: Collection[str]) -> np.ndarray:
        """Return the distinct customers of whom something wanted was heard."""
        import numpy as np

        places = [place for place, name in enumerate(self.names) if name in wanted]
        return np.unique(self.ids[np.isin(self.heard, places)])


def waiting_workspaces() -> list[int]:
    """Return the workspaces in which somebody was touched and not yet looked at."""
    found = Touch.objects.filter(done_at=None).order_by("workspace_id").values_list("workspace_id", flat=True).distinct()
    return list(found)


def ready(workspace_id: int) -> Touched | None:
    """Return the oldest touched customers whose rows are in the past; None where there are none."""
    rows = run(_READY, [workspace_id, AT_ONCE])
    return _joined([(row[0], bytes(row[2]), bytes(row[3]), bytes(row[4])) for row in rows]) if rows else None


def done_since(workspace_id: int, instant: int) -> Touched | None:
    """Return the customers who were looked at since an instant (ms), as far as that is still known."""
    found = Touch.objects.filter(workspace_id=workspace_id, done_at__gte=instant).order_by("id")
    rows = [
        (pk, bytes(ids), bytes(at), bytes(names))
        for pk, ids, at, names in found.values_list("pk", "customers", "places", "heard")
    ]
    return _joined(rows) if rows else None


def settle_touched(touched: Touched, *, keep: bool, now: int) -> None:
    """Forget touched customers; `keep` them as done while an audience is being computed."""
    found = Touch.objects.filter(pk__in=touched.rows)
    if keep:
        found.update(done_at=now)
    else:
        found.delete()


def _joined(rows: Sequence[tuple[int, bytes, bytes, bytes]]) -> Touched:
    import numpy as np

    names: dict[str, int] = {}
    ids, heard = [], []
    for _, customers, places, told in rows:
        own = np.array([names.setdefault(name, len(names)) for name in _decoder.decode(told)], dtype=np.int64)
        ids.append(np.frombuffer(customers, dtype="S16"))
        heard.append(own[np.frombuffer(places, dtype=">u4")])
    return Touched(rows=[row[0] for row in rows], names=list(names), ids=np.concatenate(ids), heard=np.concatenate(heard))
