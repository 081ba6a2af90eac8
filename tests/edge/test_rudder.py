"""What only RudderStack's clients ask for."""

from __future__ import annotations

import json

from tests.edge.conftest import Edge


async def test_pixels(edge: Edge):
    for kind in ("track", "page"):
        query = {
            "writeKey": edge.key.write_key,
            "anonymousId": '"a1"',
            "event": "Opened",
            "name": "Home",
            "properties.price": "3",
        }
        answer = await edge.http.get(f"/pixel/v1/{kind}", params=query, headers={"user-agent": "Mozilla/5.0"})
        assert (answer.status_code, answer.headers["content-type"], answer.content[:6]) == (200, "image/gif", b"GIF89a")
    track, page = await edge.stored()
    assert (track.kind, track.name, track.anonymous_id, track.dialect, track.ip) == (
        "track",
        "Opened",
        "a1",
        "rudderstack",
        "127.0.0.1",
    )
    assert json.loads(bytes(track.properties)) == {"price": "3"}
    assert (page.kind, page.name) == ("page", "Home")


async def test_a_pixel_without_a_key_or_a_person(edge: Edge):
    assert (await edge.http.get("/pixel/v1/track?event=E")).status_code == 401
    assert (await edge.http.get(f"/pixel/v1/track?event=E&writeKey={edge.key.write_key}")).status_code == 200
    assert [one.reason for one in await edge.rejected()] == ["no_identity"]


async def test_beacon(edge: Edge):
    body = json.dumps({"batch": [{"type": "page", "anonymousId": "a", "messageId": "m"}]})
    answer = await edge.http.post(
        f"/beacon/v1/batch?writeKey={edge.key.write_key}", content=body, headers={"content-type": "text/plain"}
    )
    assert answer.json() == {"success": True}
    (one,) = await edge.stored()
    assert one.dialect == "rudderstack"
    assert (await edge.http.post("/beacon/v1/batch", content=body)).status_code == 401


async def test_source_config(edge: Edge):
    for path in ("/sourceConfig", "/sourceConfig/"):
        answer = await edge.http.get(
            path, params={"p": "npm", "v": "3.34.1", "writeKey": edge.key.write_key}, auth=(edge.key.write_key, "")
        )
        source = answer.json()["source"]
        assert source["id"]
        assert (source["enabled"], source["destinations"]) == (True, [])
        assert source["config"]["statsCollection"]["errors"]["enabled"] is False
    assert (await edge.http.get("/sourceConfig/?writeKey=nobody")).status_code == 401


async def test_traits_in_the_context_of_identify(edge: Edge):
    await edge.post(
        "/v1/batch", {"batch": [{"type": "identify", "userId": "u", "channel": "server", "context": {"traits": {"plan": "a"}}}]}
    )
    (one,) = await edge.stored()
    assert json.loads(bytes(one.traits)) == {"plan": "a"}
    assert one.dialect == "rudderstack"
