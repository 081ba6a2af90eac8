"""Every size and duration that the edge holds a client to, in bytes and seconds."""

from __future__ import annotations

from dataclasses import dataclass

KB = 1024
MB = 1024 * KB

NOT_JSON_KEPT = 64 * KB
"""How much of a rejected event is kept."""

LARGEST_WHOLE = 900_000
"""The largest body that goes into the log as it came: it must fit into one envelope."""

MOST_PARTS = 2_000_000
"""How many objects, arrays and values one body may hold: 20 MB of empty arrays would take 25 times that to read."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one dialect allows: bytes on the wire, bytes once unpacked, bytes an event, events a request."""

    wire: int
    unpacked: int
    event: int
    events: int


SEGMENT = Limits(wire=500 * KB, unpacked=500 * KB, event=32 * KB, events=2_500)
RUDDERSTACK = Limits(wire=4_000 * KB, unpacked=4_000 * KB, event=4_000 * KB, events=20_000)
POSTHOG_EVENT = Limits(wire=2 * MB, unpacked=20 * MB, event=1 * MB, events=20_000)
POSTHOG_BATCH = Limits(wire=20 * MB, unpacked=20 * MB, event=1 * MB, events=20_000)
RECORDING = Limits(wire=25 * MB, unpacked=25 * MB, event=0, events=0)
SMALL = Limits(wire=64 * KB, unpacked=256 * KB, event=0, events=0)
