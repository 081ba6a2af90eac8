"""What browser clients load before they send."""

from __future__ import annotations

import json

from tests.edge.conftest import Edge


async def test_settings_name_this_edge(edge: Edge):
    answer = await edge.http.get(f"/v1/projects/{edge.key.write_key}/settings", headers={"origin": "https://shop.example"})
    told = answer.json()
    segment = told["integrations"]["Segment.io"]
    assert list(told["integrations"]) == ["Segment.io"]
    assert (segment["apiKey"], segment["protocol"]) == (edge.key.write_key, "http")
    assert segment["apiHost"] == edge.url.replace("http://127.0.0.1", "localhost") + "/v1"
    assert told["metrics"] == {"sampleRate": 0}
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert (await edge.http.get("/v1/projects/nobody/settings")).status_code == 401


async def test_client_metrics_are_swallowed(edge: Edge):
    assert (await edge.http.post("/v1/m", json={"series": [{"type": "Counter"}]})).json() == {"success": True}


async def test_posthogs_remote_config(edge: Edge):
    path = f"/array/{edge.key.write_key}/config"
    config = (await edge.http.get(path)).json()
    assert (config["token"], config["sessionRecording"], config["hasFeatureFlags"]) == (edge.key.write_key, False, False)
    script = await edge.http.get(path + ".js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert json.dumps(config, separators=(",", ":")) in script.text
    assert (await edge.http.get("/array/nobody/config")).status_code == 401


async def test_health(edge: Edge):
    assert (await edge.http.get("/healthz")).status_code == 200
    assert (await edge.http.get("/readyz")).status_code == 200
    await edge.post("/v1/batch", {"batch": [{"type": "track", "event": "E", "userId": "u"}, {"type": "track"}]})
    text = (await edge.http.get("/metrics")).text
    for name in (
        'accepted_total{dialect="segment"}',
        'rejected_total{reason="no_identity"}',
        "publish_seconds_bucket",
        "pending_bytes",
    ):
        assert "amity_edge_" + name in text
