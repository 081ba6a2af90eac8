"""The relay: facts of Amity's own from their outbox into the log, in order, each once.

A fact is deleted when the log has confirmed it. Should that be interrupted it is sent again, and dedupe knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
import structlog

from amity.engines.present.models import OutboxFact
from amity.facts.envelope import Envelope, encode_envelope
from amity.facts.interaction import Interaction
from amity.kernel.ids import digest

log = structlog.get_logger("amity.worker")
AT_ONCE, BYTES_AT_ONCE = 500, 1_000_000
_decoder = msgspec.json.Decoder(Interaction)


def relay(append: Callable[[bytes, str], int], *, at: Callable[[str], None] = lambda _: None) -> int:
    """Give every waiting fact to the log and return how many those were. `append` takes an envelope's bytes and its id."""
    relayed = 0
    while True:
        waiting = _up_to(BYTES_AT_ONCE, OutboxFact.objects.order_by("id")[:AT_ONCE])
        if not waiting:
            return relayed
        facts = tuple(_decoder.decode(bytes(one.body)) for one in waiting)
        name = digest("outbox", *(one.message_id for one in waiting)).hex()
        append(encode_envelope(Envelope(interactions=facts)), name)
        at("after append")
        OutboxFact.objects.filter(pk__in=[one.pk for one in waiting]).delete()
        relayed += len(waiting)


def _up_to(most: int, facts: Iterable[OutboxFact]) -> list[OutboxFact]:
    """Return the first of the facts that make an envelope of a megabyte; one that is larger goes by itself."""
    some: list[OutboxFact] = []
    size = 0
    for one in facts:
        size += len(bytes(one.body))
        if some and size > most:
            break
        some.append(one)
    return some
