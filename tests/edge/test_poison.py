"""What would take a decoder down takes only itself: neighbours in the same batch pass."""

from __future__ import annotations

import json

import pytest

from amity.edge.salvage import split_array, split_object
from tests.edge.conftest import Edge

DEEP = b"[" * 100_000 + b"]" * 100_000
POISON = {
    "NUL": (rb'"\u0000"', "bad_text"),
    "raw NUL": (b'"\x00"', "not_json"),
    "lone surrogate": (rb'"\ud83d"', "bad_text"),
    "wrong pair": (rb'"\ud83d\u0041"', "bad_text"),
    "bad UTF-8": (b'"\xff\xfe"', "bad_text"),
    "encoded surrogate": (b'"\xed\xa0\x80"', "bad_text"),
    "30 digits": (b"123456789012345678901234567890", "bad_number"),
    "5000 digits": (b"1" * 5_000, "bad_number"),
    "1e999": (b"1e999", "bad_number"),
    "NaN": (b"NaN", "not_json"),
    "Infinity": (b"-Infinity", "not_json"),
    "broken escape": (rb'"\x41"', "not_json"),
    "trailing comma": (b"[1,]", "not_json"),
    "single quotes": (b"'a'", "not_json"),
}
GOOD = b'{"type":"track","event":"Good","userId":"u"}'


def poisoned(value: bytes) -> bytes:
    return b'{"type":"track","event":"Bad","userId":"u","properties":{"a":' + value + b"}}"


@pytest.mark.parametrize(("value", "reason"), POISON.values(), ids=POISON)
async def test_neighbours_pass(edge: Edge, value: bytes, reason: str):
    body = b'{"writeKey":"' + edge.key.write_key.encode() + b'","batch":[' + GOOD + b"," + poisoned(value) + b" , " + GOOD + b"]}"
    answer = await edge.http.post("/v1/batch", content=body)
    assert answer.status_code == 200, answer.text
    assert [(one["index"], one["reason"]) for one in answer.json()["rejected"]] == [(1, reason)]
    assert [one.name for one in await edge.stored()] == ["Good", "Good"]
    (kept,) = await edge.rejected()
    assert "\x00" not in kept.body
    assert kept.body.startswith('{"type":"track","event":"Bad"')


async def test_depth(edge: Edge):
    deep = b"[" * 3_000 + b"]" * 3_000
    body = b'{"batch":[' + GOOD + b"," + poisoned(deep) + b"]}"
    answer = await edge.http.post("/v1/batch", content=body, auth=(edge.key.write_key, ""))
    assert [one["reason"] for one in answer.json()["rejected"]] == ["too_deep"]
    assert len(await edge.stored()) == 1
    answer = await edge.http.post("/v1/track", content=poisoned(DEEP), auth=(edge.key.write_key, ""))
    assert answer.status_code == 400


async def test_duplicate_keys_take_the_last(edge: Edge):
    body = b'{"type":"track","event":"First","event":"Last","userId":"u","properties":{"a":1,"a":2}}'
    answer = await edge.http.post("/v1/track", content=body, auth=(edge.key.write_key, ""))
    assert answer.json() == {"success": True}
    (one,) = await edge.stored()
    assert one.name == "Last"
    assert json.loads(bytes(one.properties)) == {"a": 2}


async def test_names_and_ids_are_checked_like_everything_else(edge: Edge):
    for field in ("userId", "event", "messageId"):
        event = {"type": "track", "event": "E", "userId": "u", field: "a\u0000b"}
        answer = await edge.post("/v1/batch", {"batch": [event]})
        assert answer.json()["rejected"][0]["reason"] == "bad_text"
    assert await edge.stored() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"hello", b"[1,2", b'"text"', b"null", b"7", b"{}", b'{"batch":{}}', b'{"batch":null}', b"\xff"]
)
async def test_no_batch_at_all_is_400_and_kept(edge: Edge, body: bytes):
    answer = await edge.http.post("/v1/batch", content=body, auth=(edge.key.write_key, ""))
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")
    (kept,) = await edge.rejected()
    assert (kept.reason, kept.body) == ("not_json", body.decode("utf-8", "replace"))


async def test_an_unreadable_body_without_a_key_is_401(edge: Edge):
    answer = await edge.http.post("/v1/batch", content=b"{")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_write_key")


def test_taking_json_apart():
    assert split_array(b' [1, "a,]\\"" ,{"b":[2,3]}] ') == [b"1", b'"a,]\\""', b'{"b":[2,3]}']
    assert split_array(b"[]") == []
    assert split_array(b"{}") is None
    assert split_array(b"[[1]") is None
    assert split_array(b"[1]]") is None
    assert split_object(b'{"a": {"b": 1}, "c":"d:e"}') == {b"a": b'{"b": 1}', b"c": b'"d:e"'}
    assert split_object(b'{"a"}') is None
    assert split_array(b"[" + DEEP + b"]") == [DEEP]
