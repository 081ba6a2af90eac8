"""A request of usual events of Segment's dialect, as it came, and the interactions that it tells.

The edge has proved that these fields decode and that nothing is missing (`edge/quick.py`), and stores the bytes; whoever reads the log
makes the interactions from them here. What a stored request means must never change: an envelope of a new version is the way to that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import msgspec

from amity.facts.device import Device
from amity.facts.interaction import EMPTY, Dialect, Interaction, Kind
from amity.facts.objects import Unfit, traits_in, with_field
from amity.facts.timing import iso_ms, place, read_ms, settle

MESSAGE_ID_CHARS = 100
NAME_CHARS = 500
IDENTIFIER_CHARS = 500

Identifier = Annotated[str, msgspec.Meta(max_length=IDENTIFIER_CHARS)] | int | None
Name = Annotated[str, msgspec.Meta(max_length=NAME_CHARS)] | None
MessageId = Annotated[str, msgspec.Meta(max_length=MESSAGE_ID_CHARS)]


class Head(NamedTuple):
    """What besides a request's body and its time decides its interactions: see `Request`."""

    workspace: int
    source: int
    dialect: Dialect
    kind: Kind | None
    ip: str
    user_agent: str
    gpc: bool
    server: bool
    anonymise_ip: bool


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request that was accepted whole: its body, and what besides decides its interactions.

    `kind` is what the path says of a single event, None for a batch. `ip`, `user_agent` and `gpc` are the connection's; `server`
    means that they are not the customer's own; `anonymise_ip` is the source's wish for addresses that contexts tell.
    """

    workspace: int
    source: int
    received_at: int
    body: msgspec.Raw
    dialect: Dialect = "segment"
    kind: Kind | None = None
    ip: str = ""
    user_agent: str = ""
    gpc: bool = False
    server: bool = False
    anonymise_ip: bool = False


class Event(msgspec.Struct, rename="camel", kw_only=True, gc=False):
    """What a usual event says besides its objects; the edge proves the same that is read here."""

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


class Usual(Event, rename="camel", kw_only=True, gc=False):
    """What is read of a usual event."""

    properties: msgspec.Raw = EMPTY
    traits: msgspec.Raw = EMPTY
    context: msgspec.Raw = EMPTY
    integrations: msgspec.Raw = EMPTY


class _Batch(msgspec.Struct, rename="camel"):
    batch: list[Usual]
    sent_at: str | None = None


class _Parts(msgspec.Struct, rename="camel"):
    batch: list[msgspec.Raw]
    sent_at: msgspec.Raw = msgspec.Raw(b"null")


_NOTHING = (EMPTY, msgspec.Raw(b"null"))
_batch = msgspec.json.Decoder(_Batch).decode
_single = msgspec.json.Decoder(Usual).decode
_parts = msgspec.json.Decoder(_Parts).decode


def tell(request: Request) -> list[Interaction]:
    """Return a request's interactions, in order. Raises msgspec.DecodeError or Unfit where it holds what no edge lets pass."""
    events: Sequence[Usual]
    if request.kind is None:
        batch = _batch(request.body)
        events, sent_at = batch.batch, batch.sent_at
    else:
        one = _single(request.body)
        events, sent_at = (one,), one.sent_at
    return list(map(_teller(request, None if sent_at is None else read_ms(sent_at)), events))


def split(request: Request) -> list[Request]:
    """Return a batch as batches of one event each, so that one that can't be read leaves the others. Raises msgspec.DecodeError."""
    if request.kind is not None:
        return [request]
    parts = _parts(request.body)
    return [
        msgspec.structs.replace(request, body=msgspec.Raw(b'{"batch":[%b],"sentAt":%b}' % (bytes(one), bytes(parts.sent_at))))
        for one in parts.batch
    ]


def _teller(request: Request, sent_at: int | None) -> Callable[[Usual], Interaction]:
    """Return what makes an interaction of an event of the request.

    It takes all fields in one function, with as few calls as can be: a call for each would take longer than the rest.
    """
    workspace, source, received_at, dialect, said = (
        request.workspace,
        request.source,
        request.received_at,
        request.dialect,
        request.kind,
    )
    own = request.ip, request.user_agent, request.gpc
    tell = Device(own, server=request.server, anonymise=request.anonymise_ip).of
    here = None if request.server or bytes(request.body).rfind(b'"gpc"') >= 0 else own
    moments: dict[str, int | None] = {}  # events of one request were sent at one time

    def make(event: Usual) -> Interaction:
        kind, user_id, anonymous_id = said or event.type, event.user_id, event.anonymous_id
        group_id, previous_id, device = event.group_id, event.previous_id, here
        if user_id is not None:
            user_id = str(user_id).strip() or None
        if anonymous_id is not None:
            anonymous_id = str(anonymous_id).strip() or None
        if group_id is not None:
            group_id = str(group_id).strip() or None
        if previous_id is not None:
            previous_id = str(previous_id).strip() or None
        name = ((event.event if kind == "track" else event.name) or "").strip()
        message_id = event.message_id.strip()
        if kind is None or not message_id:
            raise Unfit("unreadable", "A stored event has no type or no messageId.")
        context, traits, integrations, properties = event.context, event.traits, event.integrations, event.properties
        context = EMPTY if context in _NOTHING else context
        traits = EMPTY if traits in _NOTHING else traits
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
        return Interaction(  # by position, in the order of its fields: by name it would take three times as long
            workspace, source, message_id, kind, time, received_at, name, user_id, anonymous_id, group_id, previous_id, original_at,
            sent, EMPTY if properties in _NOTHING else properties, traits, context,
            EMPTY if integrations in _NOTHING else integrations, dialect, ip, user_agent, wish, flags,
        )  # fmt: skip

    return make
