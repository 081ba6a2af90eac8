"""Whose device it was: the connection's own, or what a program on a server says of its customer's."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import msgspec

from amity.facts.interaction import EMPTY

Told = tuple[str, str, bool]
"""Address, user agent, and the wish not to be sold (Global Privacy Control)."""


class _Said(msgspec.Struct):
    """What a server library may tell of its customer's device."""

    ip: Any = None
    userAgent: Any = None  # noqa: N815  the wire's name
    gpc: Any = None


_said = msgspec.json.Decoder(_Said).decode


class Device:
    """Tells of one request's contexts whose device each means. Without `server` it is the one that the request came from."""

    def __init__(self, own: Told, *, server: bool, anonymise: bool) -> None:
        self._own, self._server, self._anonymise = own, server, anonymise
        self._context = EMPTY
        self._last: Told = "", "", own[2]

    def of(self, context: msgspec.Raw) -> Told:
        """Return the customer's address, user agent and wish."""
        if not self._server:
            ip, user_agent, gpc = self._own
            return ip, user_agent, gpc or bytes(context).rfind(b'"gpc":true') >= 0
        if context != self._context:
            self._context, self._last = context, self._told(context)
        return self._last

    def _told(self, context: msgspec.Raw) -> Told:
        gpc = self._own[2]
        try:
            said = _said(context)
        except msgspec.ValidationError:
            return "", "", gpc
        ip = tidy_ip(said.ip, anonymise=self._anonymise) if isinstance(said.ip, str) else ""
        return ip, said.userAgent[:1_000] if isinstance(said.userAgent, str) else "", gpc or said.gpc is True


@lru_cache(maxsize=10_000)
def tidy_ip(text: str, *, anonymise: bool) -> str:
    """Return an address in its usual form, without its last octet or 80 bits where `anonymise`; "" for what is none."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not anonymise:
        return str(address)
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False).network_address)
