"""PostHog's dialect: events named by what happened, of a distinct id that may be a device's or a person's."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec

from amity.edge.intake import Intake, Scalar, identifier, message_id, name_of
from amity.edge.limits import POSTHOG_EVENT
from amity.edge.reading import Trouble, clean, harmless, limited, poison_in, sound, split_events
from amity.facts import timing
from amity.facts.device import tidy_ip
from amity.facts.interaction import Interaction, Kind
from amity.facts.objects import EMPTY, Unfit, encoded

_KINDS: dict[str, Kind] = {
    "$identify": "identify",
    "$set": "identify",
    "$create_alias": "alias",
    "$merge_dangerously": "alias",
    "$pageview": "page",
    "$screen": "screen",
    "$groupidentify": "group",
}
_CAMPAIGN = {"utm_source": "source", "utm_medium": "medium", "utm_campaign": "name", "utm_term": "term", "utm_content": "content"}
_PAGE = {"$current_url": "url", "$pathname": "path", "$referrer": "referrer", "title": "title", "$title": "title"}


class Event(msgspec.Struct, rename={"set_": "$set", "set_once": "$set_once"}):
    """One event as a client sends it."""

    event: Scalar = None
    uuid: Scalar = None
    distinct_id: Scalar = None
    timestamp: Scalar = None
    offset: Scalar = None
    properties: dict[str, Any] | None = None
    set_: dict[str, Any] | None = None
    set_once: dict[str, Any] | None = None
    options: dict[str, Any] | None = None
    session_id: Scalar = None
    window_id: Scalar = None


class Head(msgspec.Struct):
    """What stands around a batch, or in a single event besides the event."""

    batch: list[msgspec.Raw] | None = None
    api_key: Any = None
    token: Any = None
    sent_at: Any = None
    properties: Any = None


class Read(msgspec.Struct):
    """A request of this dialect, taken apart but not yet judged."""

    events: list[Any]
    checked: bool
    token: str | None = None
    sent_at: Any = None


class _Token(msgspec.Struct):
    properties: Any = None
    api_key: Any = None
    token: Any = None


_event = msgspec.json.Decoder(Event).decode
_head = msgspec.json.Decoder(Head).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_token = msgspec.json.Decoder(_Token).decode


def read(body: bytes) -> Read | None:
    """Take a request's body apart: a batch, an array or one event. Returns None where it is none of them. Raises Refused (413)."""
    limited(body)
    if clean(body):
        with contextlib.suppress(*Trouble):
            return _read_sound(body, checked=True)
    if not sound(body):
        return _read_unsound(body)
    try:
        return _read_sound(body, checked=harmless(body))
    except Trouble:
        return None


def _read_sound(body: bytes, *, checked: bool) -> Read:
    if body.lstrip()[:1] == b"[":
        return _with_token(Read(_list(body), checked=checked), {})
    head = _head(body)
    events = [msgspec.Raw(body)] if head.batch is None else head.batch
    given = {"api_key": head.api_key, "token": head.token, "properties": head.properties}
    return _with_token(Read(events, checked=checked, sent_at=head.sent_at), given)


def _read_unsound(body: bytes) -> Read | None:
    parts = split_events(body, field=b"batch")
    if parts is None:
        return None
    return _with_token(Read(parts.events, checked=False, sent_at=parts.head.get("sent_at")), parts.head)


def _with_token(read: Read, head: dict[str, Any]) -> Read:
    """Find the token: around the events, or as posthog-js has it, inside the first that can be read."""
    read.token = _token_in(head)
    for event in read.events[:20]:
        if read.token is not None:
            break
        try:
            inner = _token(event)
        except Trouble:
            continue
        read.token = _token_in({"api_key": inner.api_key, "token": inner.token, "properties": inner.properties})
    return read


def _token_in(fields: dict[str, Any]) -> str | None:
    inner = fields.get("properties")
    found = fields.get("api_key") or fields.get("token") or (inner.get("token") if isinstance(inner, dict) else None)
    return found if isinstance(found, str) else None


def judge(intake: Intake, read: Read, *, sent_at: int | None) -> None:
    """Accept or reject each event."""
    for raw in read.events:
        event = bytes(raw)
        poison = None if read.checked else poison_in(event)
        if len(event) > POSTHOG_EVENT.event:
            intake.reject("too_large", f"The event has {len(event)} bytes; {POSTHOG_EVENT.event} are allowed.", body=event)
        elif poison:
            intake.reject(poison.reason, poison.detail, body=event)
        else:
            _judge_one(intake, event, sent_at=sent_at)


def _judge_one(intake: Intake, event: bytes, *, sent_at: int | None) -> None:
    try:
        item = _event(event)
    except msgspec.ValidationError as error:
        intake.reject("bad_field", f"A field is not what it should be: {error}.", body=event)
        return
    try:
        intake.accept(_interaction(intake, item, event, sent_at=sent_at))
    except Unfit as unfit:
        intake.reject(unfit.reason, unfit.detail, body=event, message_id=name_of(item.uuid), name=name_of(item.event))


def _interaction(intake: Intake, item: Event, event: bytes, *, sent_at: int | None) -> Interaction:
    properties = {**(item.properties or {})}
    properties.pop("token", None)
    name = name_of(item.event)
    if not name:
        raise Unfit("no_name", "An event needs its name in the field event.")
    kind = _KINDS.get(name, "track")
    traits = {
        **_object(properties.pop("$set_once", None)),
        **(item.set_once or {}),
        **_object(properties.pop("$set", None)),
        **(item.set_ or {}),
    }
    if kind == "group":
        traits = _object(properties.get("$group_set"))
    user_id, anonymous_id, previous_id = _who(item, properties, kind=kind)
    options = item.options or {}
    unskewed = options.get("disable_skew_correction") is True or properties.get("$ignore_sent_at") is True
    time, original_at, flags = _when(item, sent_at=None if unskewed else sent_at, received_at=intake.sender.received_at)
    given_id = item.uuid if item.uuid is not None else _scalar(properties.get("$insert_id"))
    own_id, made = message_id(given_id, event=event, timed=item.timestamp is not None)
    for field, value in (("$session_id", item.session_id), ("$window_id", item.window_id)):
        if value is not None:
            properties.setdefault(field, value)
    ip, user_agent, gpc = _device(intake, properties)
    return Interaction(
        workspace=intake.source.workspace,
        source=intake.source.source,
        message_id=own_id,
        kind=kind,
        time=time,
        received_at=intake.sender.received_at,
        name=_name(kind, name, properties),
        user_id=user_id,
        anonymous_id=anonymous_id,
        group_id=identifier(_scalar(properties.get("$group_key")), field="$group_key") if kind == "group" else None,
        previous_id=previous_id,
        original_at=original_at,
        sent_at=sent_at,
        properties=encoded(properties) if properties else EMPTY,
        traits=encoded(traits) if traits else EMPTY,
        context=encoded(_context(properties)),
        dialect="posthog",
        ip=ip,
        user_agent=user_agent,
        gpc=gpc,
        flags=flags + made,
    )


def _who(item: Event, properties: dict[str, Any], *, kind: Kind) -> tuple[str | None, str | None, str | None]:
    """Return user, anonymous and previous id of the one distinct id that PostHog's clients give.

    Browsers say which device they are and whether someone has signed in; a server that says neither names a person.
    """
    inner = properties.get("distinct_id", properties.get("$distinct_id"))
    own = identifier(item.distinct_id if item.distinct_id is not None else _scalar(inner), field="distinct_id")
    if own is None:
        raise Unfit("no_identity", "The event has no distinct_id, so it belongs to no customer.")
    device = identifier(_scalar(properties.get("$device_id")), field="$device_id")
    if kind == "alias":
        alias = identifier(_scalar(properties.get("alias")), field="alias")
        if alias is None:
            raise Unfit("no_previous_id", "An alias event needs the field alias in its properties.")
        return alias, None, own
    if properties.get("$anon_distinct_id") is not None:
        return own, identifier(_scalar(properties["$anon_distinct_id"]), field="$anon_distinct_id"), None
    if kind == "group" and own == f"${properties.get('$group_type')}_{properties.get('$group_key')}":
        return None, own, None  # posthog-python's stand-in where a group is described without anyone
    personless = (item.options or {}).get("process_person_profile") is False or properties.get("$process_person_profile") is False
    if own == device or (properties.get("$is_identified") is False) or (personless and properties.get("$user_id") is None):
        return None, own, None
    return own, device, None


def _when(item: Event, *, sent_at: int | None, received_at: int) -> tuple[int, int | None, tuple[str, ...]]:
    if item.timestamp is None and isinstance(item.offset, int | float):
        return timing.place(received_at - min(max(item.offset, 0), 1e14), sent_at=None, received_at=received_at)
    return timing.place(item.timestamp, sent_at=sent_at, received_at=received_at)


def _device(intake: Intake, properties: dict[str, Any]) -> tuple[str, str, bool]:
    said_ip, said_agent = properties.get("$ip"), properties.get("$raw_user_agent")
    ip = tidy_ip(said_ip, anonymise=intake.source.anonymise_ip) if isinstance(said_ip, str) else ""
    agent = said_agent[:1_000] if isinstance(said_agent, str) else ""
    sender = intake.sender
    if sender.server:
        return ip, agent, sender.gpc
    return intake.ip, sender.user_agent or agent, sender.gpc


def _name(kind: Kind, name: str, properties: dict[str, Any]) -> str:
    if kind == "track":
        return name
    if kind == "screen":
        return name_of(_scalar(properties.get("$screen_name")))
    return name_of(_scalar(properties.get("title"))) if kind == "page" else ""


def _context(properties: dict[str, Any]) -> dict[str, Any]:
    """Return what Segment's clients put into the context, from PostHog's properties."""
    page = {there: properties[here] for here, there in _PAGE.items() if isinstance(properties.get(here), str)}
    campaign = {there: properties[here] for here, there in _CAMPAIGN.items() if isinstance(properties.get(here), str)}
    library = {"name": str(properties.get("$lib", "posthog"))[:100], "version": str(properties.get("$lib_version", ""))[:50]}
    return {"library": library, **({"page": page} if page else {}), **({"campaign": campaign} if campaign else {})}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _scalar(value: Any) -> Scalar:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None
