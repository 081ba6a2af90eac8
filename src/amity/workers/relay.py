"""The relay: facts of Amity's own from their outbox into the log, in order, each once.

A fact is deleted when the log has confirmed it. Should that be interrupted it is sent again, and dedupe knows it.
"""

from __future__ import annotations

from collections.abc import Callable

from amity.engines.present.bulk import bigints, run
from amity.facts.envelope import join_envelope
from amity.kernel.ids import digest

AT_ONCE, BYTES_AT_ONCE = 4_000, 1_000_000
# As many as make an envelope of a megabyte; one that is larger goes by itself.
_WAITING = """
    SELECT id, message_id, body FROM (
        SELECT id, message_id, body, sum(octet_length(body)) OVER (ORDER BY id) AS size, row_number() OVER (ORDER BY id) AS number
        FROM (SELECT id, message_id, body FROM present_outbox_fact ORDER BY id LIMIT %b) AS first
    ) AS counted
    WHERE size <= %b OR number = 1 ORDER BY id
"""
_SENT = "DELETE FROM present_outbox_fact WHERE id = ANY(%b)"


def relay(append: Callable[[bytes, str], int], *, at: Callable[[str], None] = lambda _: None) -> int:
    """Give every waiting fact to the log and return how many those were. `append` takes an envelope's bytes and its id."""
    relayed = 0
    while waiting := run(_WAITING, [AT_ONCE, BYTES_AT_ONCE]):
        name = digest("outbox", *(message_id for _, message_id, _ in waiting)).hex()
        append(join_envelope(interactions=[bytes(body) for _, _, body in waiting]), name)
        at("after append")
        run(_SENT, [bigints(pk for pk, _, _ in waiting)])
        relayed += len(waiting)
    return relayed
