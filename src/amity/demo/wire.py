"""Interactions as bytes: as the log holds them, and as Linden's clients send them over HTTP (Segment's form)."""

from __future__ import annotations

from collections.abc import Sequence

from amity.demo.pen import Entry
from amity.kernel.clock import from_ms


def message_id(seed: int, entry: Entry) -> str:
    """Return the id of an interaction: the same each time the same story is told."""
    return f"linden-{seed}-{entry[1]}-{entry[2]}"


class LogForm:
    """Writes interactions as the log holds them (`facts.interaction.Interaction`), without building any."""

    def __init__(self, *, seed: int, workspace: int, sources: Sequence[int], received_at: int) -> None:
        self._heads = [f'{{"workspace":{workspace},"source":{source},"message_id":"linden-{seed}-' for source in sources]
        self._received = f',"received_at":{received_at}'

    def write(self, entry: Entry) -> bytes:
        """Return one interaction."""
        at, who, number, source, kind, name, user, anonymous, properties, traits, context, _, _ = entry
        text = f'{self._heads[source]}{who}-{number}","kind":"{kind}","time":{at}{self._received},"name":"{name}"'
        if user:
            text += f',"user_id":"{user}"'
        if anonymous:
            text += f',"anonymous_id":"{anonymous}"'
        if properties:
            text += f',"properties":{properties}'
        if traits:
            text += f',"traits":{traits}'
        return f'{text},"context":{context},"dialect":"import"}}'.encode()


def segment_form(seed: int, entry: Entry) -> bytes:
    """Return one interaction as a client sends it."""
    at, _, _, _, kind, name, user, anonymous, properties, traits, context, _, _ = entry
    said = from_ms(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = f'{{"type":"{kind}","messageId":"{message_id(seed, entry)}","timestamp":"{said}"'
    for field, value in (("event" if kind == "track" else "name", name), ("userId", user), ("anonymousId", anonymous)):
        if value:
            text += f',"{field}":"{value}"'
    for field, value in (("properties", properties), ("traits", traits)):
        if value:
            text += f',"{field}":{value}'
    return f'{text},"context":{context}}}'.encode()
