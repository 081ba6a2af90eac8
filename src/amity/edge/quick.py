"""The usual events of Segment's dialect, a whole request at once.

Most requests hold nothing but events as every client sends them. Those are decoded in one go into exactly typed fields, so that the
decoder checks what `segment.py` checks one by one. What is unusual in any way, down to a user id that is a fraction, either does not
decode here or is given back, and the whole request goes the careful way, which alone knows how to judge. Both write the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from amity.edge.intake import Intake, Unfit
from amity.edge.limits import IDENTIFIER_CHARS, MESSAGE_ID_CHARS, NAME_CHARS
from amity.edge.objects import EMPTY, object_in, traits_in, with_field
from amity.edge.timing import iso_ms, place, read_ms, settle
from amity.facts.interaction import Interaction, Kind

Identifier = Annotated[str, msgspec.Meta(max_length=IDENTIFIER_CHARS)] | int | None
Name = Annotated[str, msgspec.Meta(max_length=NAME_CHARS)] | None
MessageId = Annotated[str, msgspec.Meta(max_length=MESSAGE_ID_CHARS)]
Nothing = Annotated[dict[str, None], msgspec.Meta(max_length=0)] | None


class Usual(msgspec.Struct, rename="camel", kw_only=True, gc=False):
    """One event as clients usually send it. Fields of type None are known, and unusual."""

    message_id: MessageId
    type: Kind | None = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None
    user_id: Identifier = None
    anonymous_id: Identifier = None
    group_id: Identifier = None
    previous_id: Identifier = None
    event: Name = None
    name: Name = None
    channel: str | None = None
    properties: msgspec.Raw = EMPTY
    traits: msgspec.Raw = EMPTY
    context: msgspec.Raw = EMPTY
    integrations: msgspec.Raw = EMPTY
    category: None = None
    action: None = None
    old_user_id: None = msgspec.field(name="user_id", default=None)
    old_anonymous_id: None = msgspec.field(name="anonymous_id", default=None)


class UsualBatch(msgspec.Struct, rename="camel", kw_only=True):
    """A batch of usual events, and what may stand around them."""

    batch: list[Usual]
    write_key: str | None = None
    sent_at: str | None = None
    context: Nothing = None
    integrations: Nothing = None


class UsualSingle(Usual, kw_only=True, gc=False):
    """A usual event that came alone."""

    write_key: str | None = None


Line: Any = msgspec.defstruct(
    "Interaction",
    [(field.name, Any) if field.required else (field.name, Any, field.default) for field in msgspec.structs.fields(Interaction)],
    omit_defaults=True,
    gc=False,
)
"""An interaction for the encoder alone: made by position, in a fifth of the time."""

_BRACE = ord("{")
_batch = msgspec.json.Decoder(UsualBatch).decode
_single = msgspec.json.Decoder(UsualSingle).decode


class Unusual(Exception):
    """This must be judged the careful way."""


def read(body: bytes, *, batch: bool) -> tuple[Sequence[Usual], str | None, str | None] | None:
    """Return a body's events, write key and time of sending, None where it is unusual."""
    try:
        if not batch:
            one = _single(body)
            return (one,), one.write_key, one.sent_at
        many = _batch(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return many.batch, many.write_key, many.sent_at


def judge(intake: Intake, events: Sequence[Usual], *, said: Kind | None, sent_at: int | None, gpc: bool) -> bool:
    """Accept all events, or none and return False: then they must be judged the careful way.

    `said` is what the path says of a single event, `sent_at` when the client says that it sent the batch, `gpc` whether one of the
    contexts may ask not to be sold.
    """
    try:
        intake.accept_all(list(map(_writer(intake, said, sent_at, gpc=gpc), events)))
    except (Unusual, Unfit):
        return False
    return True


def small(events: Sequence[Usual], *, size: int, limit: int) -> bool:
    """Tell whether surely no event of a body of `size` bytes has more than `limit`: what the others hold at least is not its own."""
    if size <= limit:
        return True
    known = [len(bytes(event.context)) + len(bytes(event.properties)) for event in events]
    return size - sum(known) + max(known, default=0) <= limit


def _writer(intake: Intake, said: Kind | None, sent_at: int | None, *, gpc: bool) -> Callable[[Usual], Any]:
    """Return what writes one event of a request as `segment.py` would.

    It takes all fields in one function, with as few calls as can be: a call for each would take longer than the rest.
    """
    source, sender, dialect, tell = intake.source, intake.sender, intake.dialect, intake.device
    workspace, number, received_at = source.workspace, source.source, sender.received_at
    here = None if gpc or sender.server else (intake.ip, sender.user_agent, sender.gpc)
    moments: dict[str, int | None] = {}  # events of one request were sent at one time

    def write(event: Usual) -> Any:
        kind, user_id, anonymous_id = said or event.type, event.user_id, event.anonymous_id
        group_id, previous_id, device = event.group_id, event.previous_id, here
        user_id = None if user_id is None else str(user_id).strip() or None
        anonymous_id = None if anonymous_id is None else str(anonymous_id).strip() or None
        group_id = None if group_id is None else str(group_id).strip() or None
        previous_id = None if previous_id is None else str(previous_id).strip() or None
        name = ((event.event if kind == "track" else event.name) or "").strip()
        message_id = event.message_id.strip()
        if (
            not message_id
            or (user_id is None and anonymous_id is None)
            or (not name if kind == "track" else _lacks(kind, group_id, previous_id))
        ):
            raise Unusual
        context, traits, integrations, properties = event.context, event.traits, event.integrations, event.properties
        context = EMPTY if context is EMPTY else _object(context)
        traits = EMPTY if traits is EMPTY else _object(traits)
        if event.channel is not None:
            context, device = with_field(context, "channel", event.channel), None
        if kind == "identify" and traits is EMPTY:
            traits = traits_in(context)
        said_at = event.sent_at
        sent = sent_at if said_at is None else moments.get(said_at) or moments.setdefault(said_at, read_ms(said_at))
        claimed = event.original_timestamp or event.timestamp
        at = None if claimed is None else iso_ms(claimed)
        if at is None:
            time, original_at, flags = place(claimed, sent_at=sent, received_at=received_at)
        else:
            time, original_at, flags = settle(at, sent_at=sent, received_at=received_at)
        ip, user_agent, wish = device or tell(context)
        return Line(
            workspace, number, message_id, kind, time, received_at, name, user_id, anonymous_id, group_id, previous_id, original_at,
            sent, EMPTY if properties is EMPTY else _object(properties), traits, context,
            EMPTY if integrations is EMPTY else _object(integrations), dialect, ip, user_agent, wish, flags,
        )  # fmt: skip

    return write


def _lacks(kind: Kind | None, group_id: str | None, previous_id: str | None) -> bool:
    """Tell whether an event other than a track lacks what its kind can't do without."""
    return kind is None or (kind == "group" and group_id is None) or (kind == "alias" and previous_id is None)


def _object(raw: msgspec.Raw) -> msgspec.Raw:
    text = bytes(raw)
    return raw if text[0] == _BRACE and len(text) > 2 else object_in(raw, field="")
