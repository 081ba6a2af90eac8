"""A worker's own small HTTP server: is it alive, is it ready, what does it count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from prometheus_client import generate_latest

from amity.workers.metrics import REGISTRY

PLAIN = [("content-type", "text/plain; version=0.0.4; charset=utf-8"), ("cache-control", "no-store")]
JSON = [("content-type", "application/json"), ("cache-control", "no-store")]


class Health:
    """An RSGI application. `report` tells how the worker stands; `problems` in it mean that it can't do its work."""

    def __init__(self, report: Callable[[], dict[str, Any]]) -> None:
        self.report = report

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer /healthz (the process runs), /readyz (it does its work) and /metrics."""
        if scope.proto != "http":
            protocol.close(403)
            return
        if scope.method not in {"GET", "HEAD"}:
            protocol.response_empty(405, [("allow", "GET, HEAD")])
            return
        if scope.path == "/metrics":
            self.report()
            protocol.response_bytes(200, PLAIN, generate_latest(REGISTRY))
        elif scope.path in {"/healthz", "/readyz"}:
            told = self.report()
            ok = scope.path == "/healthz" or not told["problems"]
            protocol.response_bytes(200 if ok else 503, JSON, msgspec.json.encode(told))
        else:
            protocol.response_empty(404, [])
