"""What stands in the log is read as what was put there, whatever its version."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.facts.envelope import Envelope, decode_envelope, encode_envelope, join_envelope, pack
from amity.facts.interaction import Interaction, Rejection
from amity.facts.usual import Head, Request, split, tell

AT = 1_795_341_600_000
ONE = Interaction(
    workspace=1, source=2, message_id="m", kind="track", time=AT, received_at=AT, properties=msgspec.Raw(b'{"a":1}')
)
BAD = Rejection(workspace=1, source=2, received_at=AT, reason="not_json", detail="No.", body="{")
HEAD = Head(1, 2, "segment", None, "10.0.0.1", "A", gpc=False, server=False, anonymise_ip=False)
FULL = {
    "type": "track",
    "messageId": "message_id",
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "groupId": "group_id",
    "previousId": "previous_id",
    "event": "name",
    "timestamp": "2026-11-22T10:00:00.001Z",
    "properties": {"properties": 1},
    "traits": {"traits": 1},
    "context": {"context": 1},
    "integrations": {"integrations": 1},
}


def packed(body: Any, head: Head = HEAD, received_at: int = AT) -> tuple[bytes, bytes]:
    return pack(head, received_at=received_at), json.dumps(body).encode()


def test_both_versions_are_read_alike():
    first = encode_envelope(Envelope(interactions=(ONE,), rejections=(BAD,)))
    assert decode_envelope(first) == Envelope(interactions=(ONE,), rejections=(BAD,))
    second = join_envelope(
        requests=[packed({"batch": [FULL, FULL]}), packed({"batch": [FULL]})],
        interactions=[msgspec.json.encode(ONE)],
        rejections=[msgspec.json.encode(BAD)],
    )
    read = decode_envelope(second)
    assert (read.v, [one.message_id for one in read.interactions]) == (2, ["message_id"] * 3 + ["m"])
    assert read.rejections == (BAD,)


def test_each_field_of_an_interaction_stands_under_its_name():
    """They are made by position."""
    head = HEAD._replace(workspace=11, source=12, dialect="rudderstack", gpc=True)
    body = {"batch": [FULL], "sentAt": "2026-11-22T10:00:00.500Z", "writeKey": "k"}
    (one,) = decode_envelope(join_envelope(requests=[packed(body, head, AT + 700)])).interactions
    expected = Interaction(
        workspace=11,
        source=12,
        message_id="message_id",
        kind="track",
        time=AT + 201,
        received_at=AT + 700,
        name="name",
        user_id="user_id",
        anonymous_id="anonymous_id",
        group_id="group_id",
        previous_id="previous_id",
        original_at=AT + 1,
        sent_at=AT + 500,
        properties=msgspec.Raw(b'{"properties": 1}'),
        traits=msgspec.Raw(b'{"traits": 1}'),
        context=msgspec.Raw(b'{"context": 1}'),
        integrations=msgspec.Raw(b'{"integrations": 1}'),
        dialect="rudderstack",
        ip="10.0.0.1",
        user_agent="A",
        gpc=True,
        flags=(),
    )
    assert one == expected
    assert msgspec.json.encode(one) == msgspec.json.encode(expected)


@given(
    st.text(max_size=30) | st.sampled_from(['%d%s"%', ',"received_at":0,"body":0', "\\", "é\u2028"]), st.booleans(), st.booleans()
)
def test_a_head_says_what_it_was_given(agent: str, server: bool, anonymise: bool):  # noqa: FBT001
    agent = agent.encode("utf-8", "replace").decode()
    head = HEAD._replace(user_agent=agent, kind="page", server=server, anonymise_ip=anonymise)
    (read,) = msgspec.json.decode(b"[" + pack(head, received_at=AT) + b"{}}]", type=list[Request])
    assert {name: getattr(read, name) for name in Head._fields} == head._asdict()
    assert read.received_at == AT


def test_a_batch_falls_apart_into_the_same_interactions():
    request = Request(
        workspace=1,
        source=2,
        received_at=AT,
        body=msgspec.Raw(json.dumps({"batch": [FULL, FULL | {"messageId": "b"}], "sentAt": "2026-11-22T10:00:00Z"}).encode()),
    )
    assert [one for part in split(request) for one in tell(part)] == tell(request)


@pytest.mark.parametrize(
    "body", [{"batch": [{}]}, {"batch": [{"messageId": "m"}]}, {"batch": 3}, {}, {"batch": [FULL | {"userId": {}}]}]
)
def test_what_no_edge_lets_pass_is_no_envelope(body: Any):
    with pytest.raises(msgspec.DecodeError):
        decode_envelope(join_envelope(requests=[packed(body)]))


def test_what_a_later_amity_wrote_is_not_passed_over():
    from amity.kernel.errors import NewerEnvelope

    with pytest.raises(NewerEnvelope, match="version 3"):
        decode_envelope(b'{"v":3,"wholes":[{"a":1}]}')
