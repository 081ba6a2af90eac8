"""The quick way and the careful way judge alike, to the byte."""

from __future__ import annotations

import json
import os
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.edge import intake as intakes
from amity.edge import posthog, segment
from amity.edge.intake import Intake
from amity.edge.reading import clean, poison_in
from amity.edge.reply import Refused
from amity.edge.sender import Sender
from amity.facts.collection import SourceKey
from amity.facts.envelope import decode_envelope, join_envelope
from amity.facts.interaction import Interaction
from amity.kernel.ids import message_key
from amity.workers.batch import Batch, Item
from amity.workers.pipeline.decode import decode
from bench import load

RECEIVED = 1_795_341_600_000
NUMBER = st.from_regex(r"-?(0|[1-9][0-9]{0,22})(\.[0-9]{1,21})?([eE][+-]?[0-9]{1,4})?", fullmatch=True) | st.sampled_from(
    ["1e999", "-1E400", "1.5e+309", "0.1e0310", "1e-999", "18446744073709551616", "-123456789012345678901", "9" * 400, "1.0"]
)
TEXT = st.text(st.characters(), max_size=8) | st.sampled_from(
    ["", " ", " a ", "gpc", "udder", "\u00a0x", "e,", "1e999", "x" * 120, "x" * 600]
)
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT)
VALUE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6)
OBJECT = st.dictionaries(TEXT, VALUE, max_size=3)
KEEPABLE = st.dictionaries(TEXT, st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), TEXT), max_size=3)
CONTEXT = st.fixed_dictionaries(
    {},
    optional={
        "gpc": st.booleans(),
        "ip": st.sampled_from(["10.1.2.3", "no", 7]),
        "userAgent": TEXT,
        "traits": OBJECT | LEAF,
        "channel": TEXT,
        "library": st.sampled_from([{"name": "RudderLabs"}, {"name": "a"}]),
    },
)
MOMENT = st.one_of(
    st.sampled_from(
        ["2026-11-22T10:00:00.123Z", "2026-11-22T10:00:00+02:00", "1999-01-01", "2099-01-01T00:00:00Z", "", "soon", "17953416000"]
    ),
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
EVENT = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*segment.KINDS, "track", "track", "page", "order", 3, None]),
        "messageId": TEXT | LEAF,
        "timestamp": MOMENT,
        "originalTimestamp": MOMENT,
        "sentAt": MOMENT,
        **dict.fromkeys(["userId", "anonymousId", "groupId", "previousId", "user_id"], TEXT | LEAF),
        **dict.fromkeys(["event", "name", "channel", "category"], TEXT | LEAF),
        **dict.fromkeys(["properties", "traits"], OBJECT | LEAF),
        "context": CONTEXT | LEAF,
        # A number out of range in what nobody keeps does no harm: see below.
        "integrations": KEEPABLE | TEXT,
        "else": KEEPABLE | TEXT,
    },
)
USUAL = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["track", "track", "page", "identify", "identify", "screen", "group", "alias"]),
        "messageId": st.text("abc", min_size=1, max_size=110),
        "userId": st.text(min_size=1) | st.integers(0, 10**6),
        "event": st.just("Ordered"),
        "context": CONTEXT,
    },
    optional={
        **dict.fromkeys(["timestamp", "originalTimestamp", "sentAt"], MOMENT.filter(lambda moment: isinstance(moment, str))),
        **dict.fromkeys(["properties", "traits"], OBJECT | st.none()),
        "integrations": KEEPABLE | st.none(),
        **dict.fromkeys(["groupId", "previousId", "name", "channel", "anonymousId"], TEXT | st.none()),
    },
)
BATCH = st.fixed_dictionaries(
    {"batch": st.lists(USUAL, max_size=4) | st.lists(EVENT | USUAL, max_size=4)},
    optional={"writeKey": LEAF, "sentAt": MOMENT, "context": CONTEXT | LEAF, "integrations": OBJECT | LEAF, "channel": LEAF},
)
STYLE = st.sampled_from([{}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"indent": 1}])
MANY = int(os.environ.get("AMITY_EXAMPLES", "100"))
QUICKLY = settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True, scope="module")
def _one_random_id():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intakes, "new_id", lambda: "random")
        yield


def encode(value: Any, style: dict[str, Any]) -> bytes:
    return json.dumps(value, **style).encode("utf-8", "surrogatepass")


def judged(read: segment.Read | None, judge: Any, *, kind: Any, server: bool) -> Any:
    """Everything that a request leads to, as bytes."""
    if read is None:
        return None
    dialect = "rudderstack" if read.rudder else "segment"
    source = SourceKey(workspace=1, source=2, name="s", write_key="k")
    intake = Intake(source, Sender(RECEIVED, "10.0.0.1", "Mozilla/5.0", False, server), dialect=dialect)
    try:
        judge(intake, read, kind=kind)
    except Refused as refused:
        return refused.code
    parts = [fates(intake), intake.count, read.write_key, read.rudder]
    return [msgspec.json.encode(part) for part in parts]


def fates(intake: Intake) -> list[Interaction | str]:
    """What becomes of each event by the time that it is decoded: an interaction, or why there is none.

    Of what the edge itself turned away, with all that it says of it; but for numbers, which either of the two may find.
    """
    encoded = [msgspec.json.encode(one) for one in intake.interactions]
    envelope = decode_envelope(join_envelope(requests=intake.packed, interactions=encoded))
    batch = Batch(token="t", first_seq=1, last_seq=1, started_at=0)
    for n, one in enumerate(envelope.interactions):
        batch.items.append(Item(1, n, one, message_key(1, 2, one.message_id), n < envelope.told))
    decode(batch)
    passed = iter([item.interaction if not item.dropped else item.dropped for item in batch.items])
    turned = {
        told["index"]: "bad_number" if told["reason"] == "bad_number" else msgspec.json.encode([told, kept]).decode()
        for told, kept in zip(intake.outcomes, intake.rejections, strict=True)
    }
    return [turned[n] if n in turned else next(passed) for n in range(intake.count)]


def both(body: bytes, *, batch: bool, server: bool) -> None:
    kind = None if batch else "track"

    def carefully(intake: Intake, read: segment.Read, *, kind: Any) -> None:
        segment._judge_carefully(intake, read, segment.limits_of(intake.dialect), kind=kind)

    quickly = judged(segment.read(body, batch=batch), segment.judge, kind=kind, server=server)
    assert quickly == judged(segment._read_carefully(body, batch=batch, checked=False), carefully, kind=kind, server=server)


PLAIN = {"type": "track", "messageId": "m", "userId": "u", "event": "E", "timestamp": "2026-11-22T10:00:00.123Z"}
TWISTS: list[dict[str, Any]] = [
    {},
    {"messageId": "m" * 101},
    {"messageId": " m "},
    {"messageId": ""},
    {"messageId": None, "timestamp": None},
    {"userId": 7, "anonymousId": 3.0},
    {"userId": "u" * 501},
    {"userId": " ", "anonymousId": "\u00a0"},
    {"userId": None, "user_id": "old"},
    {"event": "E" * 501},
    {"event": " "},
    {"event": 5},
    {"type": "order"},
    {"type": None, "action": "track"},
    {"type": "identify", "context": {"traits": {"a": 1}}},
    {"type": "identify", "traits": {}, "context": {"traits": {"a": 1}}},
    {"type": "identify", "traits": {"b": 1}, "context": {"traits": {"a": 1}}},
    {"type": "identify", "context": {"traits": 7}},
    {"type": "group"},
    {"type": "group", "groupId": "g"},
    {"type": "alias", "previousId": " "},
    {"type": "alias", "previousId": "p"},
    {"type": "page", "name": "Home", "category": "shop"},
    {"type": "page", "name": "Home"},
    {"channel": "web", "context": {"gpc": True}},
    {"channel": "web", "context": {"channel": "mine", "gpc": True}},
    {"context": {"gpc": True, "ip": "10.1.2.3", "userAgent": "A"}},
    {"context": None, "properties": None, "integrations": None},
    {"context": {}, "properties": {}, "integrations": {"All": True}},
    {"properties": [1]},
    {"context": "text"},
    {"timestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:00:05Z"},
    {"timestamp": "soon"},
    {"timestamp": "1999-01-01T00:00:00Z", "originalTimestamp": "2026-11-22T10:00:00.123456Z"},
    {"timestamp": "2099-01-01"},
    {"timestamp": "2026-11-22T10:00:00.1239999+05:30"},
    {"timestamp": 1_795_341_600_000},
    {"timestamp": ""},
]


@pytest.mark.parametrize("twist", TWISTS, ids=lambda twist: str(twist)[:40])
def test_each_twist_is_judged_alike(twist: dict[str, Any]):
    for server in (True, False):
        for style in ({}, {"separators": (",", ":")}):
            both(encode({**PLAIN, **twist}, style), batch=False, server=server)
            both(encode({"batch": [PLAIN, {**PLAIN, **twist}]}, style), batch=True, server=server)


@given(batch=BATCH, style=STYLE, server=st.booleans())
@QUICKLY
def test_batches_are_judged_alike(*, batch: dict[str, Any], style: dict[str, Any], server: bool):
    both(encode(batch, style), batch=True, server=server)


@given(event=EVENT | USUAL, style=STYLE, server=st.booleans())
@QUICKLY
def test_single_events_are_judged_alike(*, event: dict[str, Any], style: dict[str, Any], server: bool):
    both(encode(event, style), batch=False, server=server)


@given(
    USUAL,
    st.lists(NUMBER, min_size=1, max_size=3),
    st.sampled_from([b"[%b]", b"[1, %b ]", b'{"a":%b}', b'"%b"', b'"e,%b\\u0000"', b"[\t%b\n]"]),
)
@QUICKLY
def test_numbers_that_no_engine_holds_are_found_alike(event: dict[str, Any], numbers: list[str], around: bytes):
    event.pop("properties", None)  # of two the last is kept
    inner = b",".join(around % number.encode() for number in numbers)
    both(
        encode({"batch": [event, event]}, {}).replace(b'"Ordered"', b'"Ordered","properties":{"n":[' + inner + b"]}", 1),
        batch=True,
        server=False,
    )


@pytest.mark.parametrize("number", [b"1e999", b"9" * 30])
@pytest.mark.parametrize("where", [b'"integrations":{"a":%b}', b'"else":%b'])
def test_a_number_out_of_range_in_what_nobody_keeps_does_no_harm(number: bytes, where: bytes):
    body = b'{"type":"track","messageId":"m","userId":"u","event":"E",' + where % number + b"}"
    read = segment.read(body, batch=False)
    assert read is not None
    intake = Intake(
        SourceKey(workspace=1, source=2, name="s", write_key="k"), Sender(RECEIVED, "", "", False, True), dialect="segment"
    )
    segment.judge(intake, read, kind="track")
    [one] = fates(intake)
    assert isinstance(one, Interaction)


@pytest.mark.parametrize("number", [b"1e999", b"9" * 30])
@pytest.mark.parametrize("channel", [b"", b'"channel":"web",'])
def test_a_number_out_of_range_is_found_wherever_a_context_has_it(number: bytes, channel: bytes):
    for context in (b'{"a":%b}', b'{"traits":{"a":%b}}', b'{"device":{"channel":"x"},"a":%b}', b'{"channel":"x","a":[%b]}'):
        body = b'{"type":"track","messageId":"m","userId":"u","event":"E",' + channel + b'"context":' + context % number + b"}"
        both(body, batch=False, server=True)
        both(b'{"batch":[' + body + b"]}", batch=True, server=False)


@given(st.binary(max_size=6), USUAL, st.integers(0, 400))
@QUICKLY
def test_broken_bytes_are_found_alike(junk: bytes, event: dict[str, Any], place: int):
    event.pop("integrations", None)  # nobody keeps them: a number that grows too large there does no harm
    body = encode({"batch": [event, event]}, {"ensure_ascii": False})
    both(body[: place % len(body)] + junk + body[place % len(body) :], batch=True, server=False)


@pytest.mark.parametrize("depth", [*range(900, 1010, 3), 3_000])
def test_depth_is_judged_alike(depth: int):
    deep = b"[" * depth + b"]" * depth
    event = b'{"type":"track","event":"E","userId":"u","messageId":"m","properties":{"a":%b}}'
    both(b'{"batch":[' + event % b"1" + b"," + event % deep + b"]}", batch=True, server=False)


@given(NUMBER, TEXT, st.sampled_from([b"%b", b" %b ", b"[%b]", b'{"a":%b}', b'{"a": %b, "b":1}', b"[\n%b\r]"]))
@QUICKLY
def test_clean_means_that_nothing_is_found(number: str, text: str, around: bytes):
    event = b'{"t":' + encode(text, {"ensure_ascii": False}) + b',"n":' + around % number.encode() + b"}"
    assert not clean(event) or poison_in(event) is None


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("server", [True, False])
def test_usual_requests_do_go_the_quick_way(*, size: int, server: bool):
    body = load.body(size, single=size == 1)
    read = segment.read(body, batch=size > 1)
    assert read is not None
    assert read.usual is not None
    source = SourceKey(workspace=1, source=2, name="s", write_key="k")
    intake = Intake(source, Sender(RECEIVED, "10.0.0.1", "Mozilla/5.0", False, server), dialect="segment")
    segment.judge(intake, read, kind=None if size > 1 else "track")
    assert intake.count == size
    assert len(intake.packed) == 1
    assert intake.interactions == []
    both(body, batch=size > 1, server=server)


@pytest.mark.parametrize("spread", [True, False])
def test_an_event_above_the_limit_is_found_among_small_ones(*, spread: bool):
    event = {"type": "track", "event": "E", "userId": "u", "messageId": "m"}
    large = [{**event, "else" if spread else "properties": {"a": "x" * 40_000}}]
    both(encode({"batch": [event] * 200 + large + [event] * 200}, {}), batch=True, server=False)


def test_no_word_in_a_batch_hides_an_event_above_the_limit():
    event = {"type": "track", "event": "E", "userId": "u", "messageId": "m"}
    decoys = [{**event, "properties": {"messageId": 1}}, {**event, "else": '"messageId"'}]
    large = {**event, "properties": {"a": "x" * 20_000, "messageId": 1, "b": "x" * 20_000}}
    hidden = encode({**event, "properties": {"a": "x" * 40_000}}, {}).replace(b'"messageId"', b'"m\\u0065ssageId"')
    for decoy in decoys:
        both(encode({"batch": [event] * 300 + [large]}, {}), batch=True, server=False)
        body = encode({"batch": [event] * 300 + [decoy, "HERE"]}, {}).replace(b'"HERE"', hidden)
        both(body, batch=True, server=False)
        both(body.replace(b'{"batch"', b'{"x":{"messageId":0},"batch"'), batch=True, server=False)


HOG = st.fixed_dictionaries(
    {},
    optional={
        "event": TEXT | st.sampled_from(["$pageview", "$identify", "$create_alias"]),
        "uuid": TEXT | LEAF,
        "distinct_id": TEXT | LEAF,
        "timestamp": MOMENT,
        "properties": st.dictionaries(st.sampled_from(["token", "distinct_id", "$device_id", "$set", "a"]), VALUE, max_size=4)
        | LEAF,
        "$set": OBJECT | LEAF,
        "api_key": TEXT,
    },
)


@given(st.lists(HOG, max_size=3), st.sampled_from(["list", "batch", "one"]), STYLE, NUMBER)
@QUICKLY
def test_posthogs_events_are_judged_alike(events: list[dict[str, Any]], shape: str, style: dict[str, Any], number: str):
    value = {"list": events, "batch": {"batch": events, "api_key": "k"}, "one": events[0] if events else {}}[shape]
    body = encode(value, style).replace(b'"$set"', b'"n":' + number.encode() + b',"$set"', 1)

    def judge(intake: Intake, read: Any, *, kind: Any) -> None:
        del kind
        posthog.judge(intake, read, sent_at=None)

    def run() -> Any:
        read = posthog.read(body)
        if read is None:
            return None
        shown = segment.Read(body=body, batch=True, write_key=read.token)
        return judged(shown, lambda intake, _, kind: judge(intake, read, kind=kind), kind=None, server=False)

    quickly = run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(posthog, "clean", lambda _: False)
        assert quickly == run()
