"""Facts of the metrics room, as they enter the log: each is an interaction's name and the shape of its properties."""

from __future__ import annotations

import msgspec

CHECK_RAN = "Check ran"
OF_NOBODY = frozenset({CHECK_RAN})  # names of facts that concern no customer


class CheckRan(msgspec.Struct, frozen=True, kw_only=True):
    """A synthetic check ran once. It concerns no customer.

    `check` is its name as it was then. `duration_ms` adds up the answers of its steps. Where it failed, `step` is the number of the
    step that did, from 1, `reason` a stable code, and `status` what was answered there; else 0, empty and the last step's.
    """

    check_id: int
    check: str
    ok: bool
    duration_ms: int
    step: int
    reason: str
    status: int
