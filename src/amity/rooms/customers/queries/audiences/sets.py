"""How many customers are in combinations of audiences, by the members that are kept: as bits, which stay in memory until an audience changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from amity.engines.present.bulk import bigints, run
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.models import Audience
from amity.rooms.customers.rules.audiences.bits import Numbers, count, packed

if TYPE_CHECKING:
    import numpy as np

MOST = 20  # audiences of one question
_KEPT = 256  # audiences of a process: a million customers are 125 KB each
_WORKSPACES = 8
_MEMBERS = """
    SELECT audience_id, string_agg(uuid_send(customer_id), '') FROM customers_member
    WHERE audience_id = ANY(%b::bigint[]) AND inside GROUP BY audience_id
"""
_STANDS = """
    SELECT id, size, changed_at, coalesce(computed_at, -1) FROM customers_audience
    WHERE workspace_id = %b AND id = ANY(%b::bigint[]) AND archived_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Combined:
    """Some audiences' members at one moment."""

    bits: Mapping[int, np.ndarray]

    def count(self, every: Sequence[int], some: Sequence[int] = (), without: Sequence[int] = ()) -> int:
        """Return how many are in every one, in some if any are named, and in none of the others."""
        return count([self.bits[a] for a in every], [self.bits[a] for a in some], [self.bits[a] for a in without])


class Sets:
    """Keeps members as bits. An audience is read anew once its size, its last change or its computation is another."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[int, Numbers] = OrderedDict()
        self._kept: OrderedDict[int, tuple[int, Any, np.ndarray]] = OrderedDict()
        self._lock = Lock()

    def of(self, workspace_id: int, audiences: Sequence[int]) -> Combined:
        """Return audiences of a workspace, ready to be combined. Raises NotFound, Invalid for one that isn't computed yet."""
        wanted = sorted(set(audiences))
        if len(wanted) > MOST:
            raise Invalid(f"At most {MOST} audiences are combined at once.")
        stands = {row[0]: row[1:] for row in run(_STANDS, [workspace_id, bigints(wanted)])}
        if stands.keys() != set(wanted):
            raise NotFound("There is no such audience here.")
        if any(stand[2] < 0 for stand in stands.values()):
            raise Invalid("One of them is still being computed; look again in a moment.")
        with self._lock:
            numbers = self._numbered(workspace_id)
            stale = [one for one in wanted if one not in self._kept or self._kept[one][:2] != (workspace_id, stands[one])]
            if stale:
                self._read(workspace_id, stale, stands, numbers)
            for one in wanted:
                self._kept.move_to_end(one)
            found = {one: self._kept[one][2] for one in wanted}
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return Combined(found)

    def _read(self, workspace_id: int, stale: Sequence[int], stands: Mapping[int, Any], numbers: Numbers) -> None:
        import numpy as np

        rows = {audience: bytes(body) for audience, body in run(_MEMBERS, [bigints(stale)])}
        for one in stale:
            ids = np.frombuffer(rows.get(one, b""), dtype="S16")
            places = numbers.of(ids)
            self._kept[one] = (workspace_id, stands[one], packed(places, len(numbers)))

    def _numbered(self, workspace_id: int) -> Numbers:
        found = self._numbers.pop(workspace_id, None) or Numbers()
        self._numbers[workspace_id] = found
        while len(self._numbers) > _WORKSPACES:
            gone, _ = self._numbers.popitem(last=False)
            for one in [one for one, kept in self._kept.items() if kept[0] == gone]:
                del self._kept[one]
        return found


SETS = Sets()


def combinable(workspace_id: int) -> list[Audience]:
    """Return the audiences that can be combined: those in use that are computed, by name."""
    live = Audience.objects.filter(workspace_id=workspace_id, archived_at=None, computed_at__isnull=False)
    return list(live.order_by("name", "pk"))
