"""A request, as handlers see it."""

from __future__ import annotations

import base64
import binascii
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from amity.edge import body
from amity.edge.limits import Limits
from amity.edge.sender import Networks, Sender, client_ip, is_server
from amity.kernel.clock import now_ms


class Request:
    """One HTTP request: Granian's scope and protocol, read as needed."""

    def __init__(self, scope: Any, proto: Any, *, path: str, trusted: Networks, body_seconds: float) -> None:
        self.method: str = scope.method
        self.path = path
        self.received_at = now_ms()
        self._scope = scope
        self._proto = proto
        self._trusted = trusted
        self._body_seconds = body_seconds

    def header(self, name: str) -> str:
        """Return a header, "" where there is none."""
        return self._scope.headers.get(name) or ""

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's fields; of repeated ones the last."""
        return dict(parse_qsl(self._scope.query_string, keep_blank_values=True, max_num_fields=1_000))

    @cached_property
    def sender(self) -> Sender:
        """Who sent it."""
        agent = self.header("user-agent")[:1_000]
        return Sender(
            received_at=self.received_at,
            ip=client_ip(self._scope.client, self.header("x-forwarded-for"), trusted=self._trusted),
            user_agent=agent,
            gpc=self.header("sec-gpc").strip() == "1",
            server=is_server(agent) and not self.header("origin"),
        )

    async def body(self, limits: Limits) -> bytes:
        """Return the body, unpacked. Raises Refused."""
        declared = self._scope.headers.get("content-length")
        raw = await body.read(self._proto, declared=declared, limit=limits.wire, seconds=self._body_seconds)
        return body.unpack(raw, encoding=self.header("content-encoding").strip().lower(), limits=limits)

    @property
    def credential(self) -> str | None:
        """The write key in the Authorization header: Basic's user name or the Bearer token."""
        scheme, _, rest = self.header("authorization").partition(" ")
        scheme = scheme.lower()
        if scheme == "bearer":
            return rest.strip() or None
        if scheme != "basic":
            return None
        try:
            return base64.b64decode(rest.strip()).decode().partition(":")[0] or None
        except (binascii.Error, ValueError):
            return None
