"""What browser clients load before they send: settings that name this edge, so that a site sets one address only."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from amity.edge.desk import Desk
from amity.edge.limits import SMALL
from amity.edge.metrics import NOT_COLLECTED
from amity.edge.reply import SUCCESS, Reply, json_reply
from amity.edge.request import Request
from amity.kernel.clock import now_ms
from amity.kernel.ids import new_id

_encode = msgspec.json.Encoder().encode
CACHED = [("content-type", "application/json"), ("cache-control", "public, max-age=60"), ("x-content-type-options", "nosniff")]


class Boot:
    """Handlers of `/v1/projects/{writeKey}/settings`, `/v1/m`, `/array/{token}/config(.js)` and `/flags`."""

    def __init__(self, desk: Desk, *, public_url: str) -> None:
        self.desk = desk
        url = urlsplit(public_url)
        self.protocol = url.scheme or "http"
        self.host = f"{url.netloc}{url.path.rstrip('/')}/v1"

    async def settings(self, request: Request) -> Reply:
        """Answer analytics.js: send here, batched, and tell Segment nothing about it."""
        key = request.path.split("/")[3]
        source = await self.desk.keys.find(key)
        integration = {
            "apiKey": source.write_key,
            "apiHost": self.host,
            "protocol": self.protocol,
            "deliveryStrategy": {"strategy": "batching", "config": {"size": 10, "timeout": 2_000}},
            "unbundledIntegrations": [],
            "addBundledMetadata": False,
        }
        return Reply(
            200, CACHED, _encode({"integrations": {"Segment.io": integration}, "plan": {}, "metrics": {"sampleRate": 0}})
        )

    async def metrics(self, request: Request) -> Reply:
        """Swallow the client's statistics about itself."""
        await request.body(SMALL)
        NOT_COLLECTED.add("client_metrics")
        return SUCCESS

    async def array(self, request: Request) -> Reply:
        """Answer posthog-js: nothing is switched on that Amity does not do."""
        _, _, token, name = request.path.split("/")
        source = await self.desk.keys.find(token)
        config = _encode(_remote_config(source.write_key))
        if name == "config":
            return Reply(200, CACHED, config)
        key = _encode(source.write_key).replace(b"<", b"\\u003c")
        script = (
            b"(function(){window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{};"
            b"window._POSTHOG_REMOTE_CONFIG[" + key + b"]={config:" + config.replace(b"<", b"\\u003c") + b",siteApps:[]}})();"
        )
        return Reply(200, [("content-type", "text/javascript; charset=utf-8"), *CACHED[1:]], script)


def _remote_config(token: str) -> dict[str, object]:
    return {
        "token": token,
        "supportedCompression": ["gzip", "gzip-js"],
        "hasFeatureFlags": False,
        "captureDeadClicks": False,
        "capturePerformance": False,
        "autocapture_opt_out": False,
        "autocaptureExceptions": False,
        "analytics": {"endpoint": "/i/v0/e/"},
        "elementsChainAsString": True,
        "sessionRecording": False,
        "heatmaps": False,
        "surveys": False,
        "errorTracking": {"autocaptureExceptions": False, "suppressionRules": []},
        "defaultIdentifiedOnly": True,
        "siteApps": [],
    }


def flags_reply(token: str) -> Reply:
    """Return PostHog's answer about flags, in the shapes of all its versions: there are none yet."""
    none: dict[str, object] = {"flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False}
    return json_reply({**_remote_config(token), **none, "requestId": str(new_id()), "evaluatedAt": now_ms()})
