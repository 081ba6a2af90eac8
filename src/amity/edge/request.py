"""A request, as handlers see it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from amity.edge import body
from amity.edge.limits import Limits
from amity.edge.patience import Patience
from amity.edge.reply import Refused, Reply, unavailable
from amity.edge.sender import Sender, is_server
from amity.edge.wire.message import Message
from amity.kernel.clock import now_ms
from amity.kernel.network import Networks, client_address

MEMORABLE = 400
"""Longest Authorization header, in characters, that is read once and remembered."""


class Budget:
    """Bytes of bodies that are being read and judged, over all requests: so many, and no more."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.used = 0


class Terms(NamedTuple):
    """What holds for every request: proxies whose word on addresses counts, patience with bodies, memory for all of them."""

    trusted: Networks
    patience: Patience
    budget: Budget


class Request:
    """One HTTP request, read as needed."""

    def __init__(self, message: Message, *, terms: Terms) -> None:
        self.path = message.path
        self.method = message.method
        self.headers = message.headers
        self.received_at = now_ms()
        self._message = message
        self._terms = terms
        self._budget = terms.budget
        self._held = 0

    def header(self, name: str) -> str:
        """Return a header, "" where there is none."""
        return self.headers.get(name) or ""

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's fields; of repeated ones the last. Raises Refused (400) where there are too many."""
        try:
            return dict(parse_qsl(self._message.query_string, keep_blank_values=True, max_num_fields=1_000))
        except ValueError:
            raise Refused(400, "bad_query", "The query holds more than 1,000 fields. Send a batch as JSON.") from None

    def sender(self) -> Sender:
        """Return who sent it."""
        get = self.headers.get
        trusted = self._terms.trusted
        agent = (get("user-agent") or "")[:1_000]
        return Sender(
            received_at=self.received_at,
            ip=client_address(self._message.client, (get("x-forwarded-for") or "") if trusted else "", trusted=trusted),
            user_agent=agent,
            gpc=(get("sec-gpc") or "").strip() == "1",
            server=is_server(agent) and not get("origin"),
        )

    async def body(self, limits: Limits) -> bytes:
        """Return the body, unpacked. Raises Refused."""
        declared = self.headers.get("content-length")
        self._hold(min(int(declared), limits.wire) if declared and declared.isdecimal() else limits.wire)
        raw = await body.read(self._message, declared=declared, limit=limits.wire, patience=self._terms.patience)
        encoding = self.headers.get("content-encoding")
        if declared and encoding is None and raw[:1] == b"{" and raw[1:2] != b"\x00":
            return raw
        unpacked = body.unpack(raw, encoding=(encoding or "").strip().lower(), limits=limits)
        self._hold(len(unpacked) - self._held)
        return unpacked

    def close(self) -> None:
        """Give back what the request held."""
        self._budget.used -= self._held
        self._held = 0

    def _hold(self, size: int) -> None:
        if size > 0 and self._budget.used + size > self._budget.most:
            raise unavailable("Too many large requests at once. Send the same again in a moment.", seconds=2)
        self._held += size
        self._budget.used += size

    @property
    def credential(self) -> str | None:
        """The write key in the Authorization header: Basic's user name or the Bearer token."""
        authorization = self.headers.get("authorization")
        if not authorization:
            return None
        return _credential(authorization) if len(authorization) <= MEMORABLE else _read_credential(authorization)


def _read_credential(authorization: str) -> str | None:
    scheme, _, rest = authorization.partition(" ")
    scheme = scheme.lower()
    if scheme == "bearer":
        return rest.strip() or None
    if scheme != "basic":
        return None
    try:
        return base64.b64decode(rest.strip()).decode().partition(":")[0] or None
    except (binascii.Error, ValueError):
        return None


_credential = lru_cache(maxsize=1_024)(_read_credential)
Handler = Callable[[Request], Awaitable[Reply]]
