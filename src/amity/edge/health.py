"""Is this process alive, can it do its work, and what has it counted."""

from __future__ import annotations

from prometheus_client import generate_latest

from amity.edge.desk import Desk
from amity.edge.metrics import REGISTRY
from amity.edge.reply import TEXT, Refused, Reply, disk_full
from amity.edge.request import Request


class Health:
    """Handlers of `/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def alive(self, request: Request) -> Reply:
        """Answer 200 as long as the process serves."""
        del request
        return Reply(200, TEXT, b"ok\n")

    async def ready(self, request: Request) -> Reply:
        """Answer 200 only when interactions can be stored and write keys are known."""
        del request
        log = self.desk.coalescer.log
        if log is None or not log.client.is_connected:
            raise Refused(503, "log_unreachable", "The log does not answer.", headers=[("retry-after", "1")])
        if not self.desk.keys.loaded:
            raise Refused(503, "keys_not_loaded", "The write keys have not been read yet.", headers=[("retry-after", "1")])
        if self.desk.coalescer.short:
            raise disk_full()
        if self.desk.coalescer.failing:
            raise Refused(503, "log_refuses", "The log does not store: it may be full.", headers=[("retry-after", "1")])
        return Reply(200, TEXT, b"ready\n")

    async def metrics(self, request: Request) -> Reply:
        """Answer Prometheus."""
        del request
        return Reply(200, [("content-type", "text/plain; version=0.0.4; charset=utf-8")], generate_latest(REGISTRY))
