"""Segment's dialect, which RudderStack's clients speak too: events in JSON, one by one or in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

import msgspec

from amity.edge import quick
from amity.edge.intake import Intake, Scalar, identifier, message_id, name_of
from amity.edge.limits import LARGEST_WHOLE, RUDDERSTACK, SEGMENT, Limits
from amity.edge.quick import Usual
from amity.edge.reading import Parts, Trouble, clean, harmless, legible, limited, poison_in, sound, split_events
from amity.edge.reply import Refused
from amity.facts import timing
from amity.facts.interaction import Dialect, Interaction, Kind
from amity.facts.objects import EMPTY, Unfit, decode_object, merged, object_in, traits_in, with_field

KINDS = frozenset(get_args(Kind))


class Item(msgspec.Struct, rename="camel"):
    """One event as a client sends it. Free-form parts stay bytes.

    `action`, `user_id` and `anonymous_id` are what some of Segment's own examples still say for type, userId and anonymousId.
    """

    type: Scalar = None
    message_id: Scalar = None
    timestamp: Scalar = None
    original_timestamp: Scalar = None
    sent_at: Scalar = None
    user_id: Scalar = None
    anonymous_id: Scalar = None
    group_id: Scalar = None
    previous_id: Scalar = None
    event: Scalar = None
    name: Scalar = None
    category: Scalar = None
    channel: Scalar = None
    properties: msgspec.Raw = EMPTY
    traits: msgspec.Raw = EMPTY
    context: msgspec.Raw = EMPTY
    integrations: msgspec.Raw = EMPTY
    action: Scalar = None
    old_user_id: Scalar = msgspec.field(name="user_id", default=None)
    old_anonymous_id: Scalar = msgspec.field(name="anonymous_id", default=None)


class Head(msgspec.Struct, rename="camel"):
    """What stands around a batch, or in a single event besides the event."""

    batch: list[msgspec.Raw] | None = None
    write_key: Any = None
    sent_at: Any = None
    context: msgspec.Raw = EMPTY
    integrations: msgspec.Raw = EMPTY
    channel: Any = None


class _First(msgspec.Struct):
    """What of a first event tells whose client sent it."""

    context: msgspec.Raw = EMPTY
    channel: Any = None


_first = msgspec.json.Decoder(_First).decode
_item = msgspec.json.Decoder(Item).decode
_head = msgspec.json.Decoder(Head).decode
_encode = msgspec.json.Encoder().encode


class Read(msgspec.Struct, kw_only=True):
    """A request of this dialect, taken apart but not yet judged: into `usual` events, or carefully into `events`."""

    body: bytes
    batch: bool
    usual: Sequence[Usual] | None = None
    most: int = 0  # bytes that one of them may have
    events: list[Any] = []
    checked: bool = False
    write_key: str | None = None
    sent_at: int | None = None
    context: msgspec.Raw = EMPTY
    integrations: msgspec.Raw = EMPTY
    rudder: bool = False


def read(body: bytes, *, batch: bool) -> Read | None:
    """Take a request's body apart. Returns None where it is no JSON, or none that holds events. Raises Refused (413).

    Numbers in what is free-form are not looked at where events are usual: whoever reads the log decodes each (ADR 0043).
    """
    limited(body)
    found = quick.read(body, batch=batch) if legible(body) else None
    if found is None:
        return _read_carefully(body, batch=batch, checked=clean(body))
    return Read(body=body, batch=batch, usual=found.events, most=found.most, write_key=found.write_key, rudder=found.rudder)


def _read_carefully(body: bytes, *, batch: bool, checked: bool) -> Read | None:
    if checked or sound(body):
        try:
            head = _head(body)
        except Trouble:
            return _read_carefully(body, batch=batch, checked=False) if checked else None
        events = head.batch if batch else [msgspec.Raw(body)]
        return None if events is None else _read(head, events, body=body, batch=batch, checked=checked or harmless(body))
    parts = split_events(body, field=b"batch" if batch else None)
    if parts is None or (batch and parts.head.get("type") is not None):
        return None
    return _read(_head_of(parts), parts.events, body=body, batch=batch, checked=False)


def _head_of(parts: Parts) -> Head:
    given = parts.head
    return Head(
        write_key=given.get("writeKey"),
        sent_at=given.get("sentAt"),
        context=msgspec.Raw(_encode(given.get("context"))),
        integrations=msgspec.Raw(_encode(given.get("integrations"))),
        channel=given.get("channel"),
    )


def _read(head: Head, events: list[Any], *, body: bytes, batch: bool, checked: bool) -> Read:
    key = head.write_key if isinstance(head.write_key, str) else None
    return Read(
        body=body,
        batch=batch,
        events=events,
        checked=checked,
        write_key=key,
        sent_at=timing.read_ms(head.sent_at) if isinstance(head.sent_at, str | int | float) else None,
        context=head.context,
        integrations=head.integrations,
        rudder=_first_is_rudder(bytes(events[0]), key) if events else False,
    )


def is_rudder(context: bytes, channel: Any, key: str | None) -> bool:
    """Tell from its first event whether a request comes from one of RudderStack's clients."""
    return b"udder" in context or (key is None and channel is not None)


def _first_is_rudder(event: bytes, key: str | None) -> bool:
    try:
        first = _first(event)
    except Trouble:
        return b"udder" in event
    return is_rudder(bytes(first.context), first.channel, key)


def limits_of(dialect: Dialect) -> Limits:
    """Return what a dialect of this family allows."""
    return RUDDERSTACK if dialect == "rudderstack" else SEGMENT


def judge(intake: Intake, read: Read, *, kind: Kind | None) -> None:
    """Accept or reject each event. `kind` is what the path says of a single event, None in a batch."""
    limits = limits_of(intake.dialect)
    count = len(read.events if read.usual is None else read.usual)
    if count > limits.events:
        raise Refused(400, "too_many_events", f"A batch may hold {limits.events} events. Send smaller batches.")
    if read.usual is not None:
        body = read.body
        if len(body) <= LARGEST_WHOLE and read.most <= limits.event and quick.fits(read.usual, said=kind):
            intake.accept_whole(body, count=count, kind=kind)
            return
        careful = _read_carefully(body, batch=read.batch, checked=clean(body))
        if careful is None:
            raise RuntimeError("A body can be read the quick way, but not the careful way.")
        read = careful
    _judge_carefully(intake, read, limits, kind=kind)


def _judge_carefully(intake: Intake, read: Read, limits: Limits, *, kind: Kind | None) -> None:
    batch_context = decode_object(read.context) if kind is None else {}
    batch_integrations = decode_object(read.integrations) if kind is None else {}
    for raw in read.events:
        event = bytes(raw)
        if len(event) > limits.event:
            intake.reject("too_large", f"The event has {len(event)} bytes; {limits.event} are allowed.", body=event)
            continue
        poison = None if read.checked else poison_in(event)
        if poison:
            intake.reject(poison.reason, poison.detail, body=event)
            continue
        try:
            item = _item(event)
        except msgspec.ValidationError as error:
            intake.reject("bad_field", f"A field is not what it should be: {error}.", body=event)
            continue
        try:
            if batch_context:
                item.context = merged(batch_context, item.context)
            if batch_integrations:
                item.integrations = merged(batch_integrations, item.integrations)
            intake.accept(_interaction(intake, item, event, said=kind, sent_at=read.sent_at))
        except Unfit as unfit:
            intake.reject(
                unfit.reason, unfit.detail, body=event, message_id=name_of(item.message_id), name=name_of(item.event or item.name)
            )


def _kind(said: Scalar) -> Kind:
    if said not in KINDS:
        raise Unfit("unknown_type", f"type is {said!r:.100}; it should be one of {', '.join(sorted(KINDS))}.")
    return cast("Kind", said)


def _interaction(intake: Intake, item: Item, event: bytes, *, said: Kind | None, sent_at: int | None) -> Interaction:
    kind = _kind(said or item.type or item.action)
    user_id = identifier(item.user_id if item.user_id is not None else item.old_user_id, field="userId")
    anonymous_id = identifier(item.anonymous_id if item.anonymous_id is not None else item.old_anonymous_id, field="anonymousId")
    if user_id is None and anonymous_id is None:
        raise Unfit("no_identity", "The event has neither userId nor anonymousId, so it belongs to no customer.")
    group_id = None if item.group_id is None else identifier(item.group_id, field="groupId")
    previous_id = None if item.previous_id is None else identifier(item.previous_id, field="previousId")
    name = name_of(item.event if kind == "track" else item.name)
    _complete(kind, name=name, group_id=group_id, previous_id=previous_id)
    context = object_in(item.context, field="context")
    if item.channel is not None:
        context = with_field(context, "channel", item.channel)
    claimed = item.original_timestamp or item.timestamp
    sent = sent_at if item.sent_at is None else timing.read_ms(item.sent_at)
    time, original_at, flags = timing.place(claimed, sent_at=sent, received_at=intake.sender.received_at)
    own_id, made = message_id(item.message_id, event=event, timed=claimed is not None)
    traits, properties = object_in(item.traits, field="traits"), object_in(item.properties, field="properties")
    if kind == "identify" and traits is EMPTY:
        traits = traits_in(context)
    if item.category is not None:
        properties = with_field(properties, "category", item.category)
    ip, user_agent, gpc = intake.device(context)
    return Interaction(
        workspace=intake.source.workspace,
        source=intake.source.source,
        message_id=own_id,
        kind=kind,
        time=time,
        received_at=intake.sender.received_at,
        name=name,
        user_id=user_id,
        anonymous_id=anonymous_id,
        group_id=group_id,
        previous_id=previous_id,
        original_at=original_at,
        sent_at=sent,
        properties=properties,
        traits=traits,
        context=context,
        integrations=object_in(item.integrations, field="integrations"),
        dialect=intake.dialect,
        ip=ip,
        user_agent=user_agent,
        gpc=gpc,
        flags=flags + made,
    )


def _complete(kind: str, *, name: str, group_id: str | None, previous_id: str | None) -> None:
    """Check what each kind can't do without."""
    if kind == "track" and not name:
        raise Unfit("no_name", "A track event needs its name in the field event.")
    if kind == "group" and group_id is None:
        raise Unfit("no_group", "A group call needs a groupId.")
    if kind == "alias" and previous_id is None:
        raise Unfit("no_previous_id", "An alias call needs a previousId.")
