"""Unmodified clients from PyPI, pointed at the edge."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.edge.conftest import Edge


async def flushed(work: Callable[[], None]) -> None:
    await asyncio.to_thread(work)


@pytest.mark.parametrize("packed", [False, True])
async def test_segment(edge: Edge, packed: bool):  # noqa: FBT001
    from segment.analytics.client import Client

    failed: list[Any] = []
    client = Client(edge.key.write_key, host=edge.url, gzip=packed, on_error=lambda *given: failed.append(given), max_retries=1)

    def work() -> None:
        client.identify("u1", {"email": "u1@example.com"})
        client.track("u1", "Ordered", {"price": 12.5})
        client.page("u1", "Docs", "Start", {"url": "https://shop.example/"})
        client.screen("u1", None, "Cart")
        client.group("u1", "g1", {"plan": "gold"})
        client.alias("anon", "u1")
        client.track(None, "Seen", anonymous_id="anon")
        client.shutdown()

    await flushed(work)
    assert failed == []
    seen = await edge.stored()
    assert [one.kind for one in seen] == ["identify", "track", "page", "screen", "group", "alias", "track"]
    assert {one.dialect for one in seen} == {"segment"}
    assert json.loads(bytes(seen[0].traits)) == {"email": "u1@example.com"}
    assert json.loads(bytes(seen[2].properties))["category"] == "Docs"
    assert (seen[5].previous_id, seen[5].user_id) == ("anon", "u1")
    assert seen[6].anonymous_id == "anon"
    assert seen[6].user_id is None
    assert {uuid.UUID(one.message_id).version for one in seen} == {4}
    assert all(abs(one.time - one.received_at) < 5_000 and one.flags == () for one in seen)
    assert {one.ip for one in seen} == {""}  # the server's own address says nothing about the customer


async def test_rudderstack(edge: Edge):
    from rudderstack.analytics.client import Client

    failed: list[Any] = []
    client = Client(edge.key.write_key, host=edge.url, on_error=lambda *given: failed.append(given), max_retries=1)

    def work() -> None:
        client.identify("u1", {"email": "u1@example.com"})
        client.track("u1", "Ordered", {"text": "x" * 25_000})
        client.shutdown()

    await flushed(work)
    assert failed == []
    identify, track = await edge.stored()
    assert (identify.dialect, track.dialect) == ("rudderstack", "rudderstack")
    assert json.loads(bytes(identify.traits)) == {"email": "u1@example.com"}
    assert len(bytes(track.properties)) > 25_000


@pytest.mark.parametrize("mode", ["v0", "v1"])
@pytest.mark.parametrize("packed", [False, True])
async def test_posthog(edge: Edge, packed: bool, mode: str):  # noqa: FBT001
    from posthog import Posthog

    failed: list[Any] = []
    client = Posthog(
        edge.key.write_key,
        host=edge.url,
        gzip=packed,
        on_error=lambda *given: failed.append(given),
        max_retries=1,
        capture_mode=mode,
    )

    def work() -> None:
        client.capture("Ordered", distinct_id="u1", properties={"price": 12.5})
        client.set(distinct_id="u1", properties={"email": "u1@example.com"})
        client.alias("anon", "u1")
        client.group_identify("company", "acme", {"size": 9})
        client.capture("Seen", properties={})
        assert client.evaluate_flags("u1").is_enabled("some-flag") is False
        client.shutdown()

    await flushed(work)
    assert failed == []
    seen = {one.name or one.kind: one for one in await edge.stored()}
    assert (seen["Ordered"].user_id, seen["Ordered"].dialect) == ("u1", "posthog")
    assert json.loads(bytes(seen["Ordered"].properties))["price"] == 12.5
    assert json.loads(bytes(seen["identify"].traits)) == {"email": "u1@example.com"}
    assert (seen["alias"].previous_id, seen["alias"].user_id) == ("anon", "u1")
    assert (seen["group"].group_id, json.loads(bytes(seen["group"].traits))) == ("acme", {"size": 9})
    assert seen["Seen"].user_id is None
    assert seen["Seen"].anonymous_id
    assert all(abs(one.time - one.received_at) < 5_000 for one in seen.values())


async def test_clients_drop_what_is_refused_and_do_not_repeat(edge: Edge):
    from segment.analytics.client import Client

    failed: list[Any] = []
    client = Client("nobody", host=edge.url, on_error=lambda *given: failed.append(given[0]), max_retries=3)

    def work() -> None:
        client.track("u1", "Ordered")
        client.shutdown()

    await flushed(work)
    assert [(one.status, one.code) for one in failed] == [(401, "invalid_write_key")]
