"""Where a request came from, when proxies that the operator trusts stand in front."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Networks = tuple[IPv4Network | IPv6Network, ...]


@lru_cache
def read_networks(text: str) -> Networks:
    """Read addresses and networks, separated by commas. Raises ValueError for what is neither."""
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())


def client_address(peer: str, forwarded: str, *, trusted: Networks) -> str:
    """Return the client's address: the connection's, or behind trusted proxies the last hop that is none of them.

    `forwarded` is X-Forwarded-For, of which anybody may write the beginning. Empty where `peer` is no address.
    """
    here = _plain(peer)
    if not trusted or not forwarded:
        return here
    for hop in [peer, *reversed(forwarded.split(","))]:
        plain = _plain(hop)
        if not plain:
            return here
        here = plain
        if not any(ip_address(plain) in network for network in trusted):
            break
    return here


@lru_cache(maxsize=1_024)  # clients send again and again, and reading an address takes longer than reading an event
def _plain(text: str) -> str:
    try:
        return str(ip_address(text.strip().strip("[]")))
    except ValueError:
        return ""
