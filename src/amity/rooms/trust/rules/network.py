"""Where a request came from, when proxies that the operator trusts stand in front."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


def client_address(peer: str, forwarded: str, trusted: str) -> str:
    """Return the client's address: the connection's, or behind trusted proxies the last hop that is none of them.

    `forwarded` is X-Forwarded-For, of which anybody may write the beginning; `trusted` is a list of networks.
    """
    networks = _networks(trusted)
    here = _plain(peer)
    if not networks or not forwarded:
        return here
    for hop in [peer, *reversed(forwarded.split(","))]:
        plain = _plain(hop)
        if not plain:
            return here
        here = plain
        if not any(ip_address(plain) in network for network in networks):
            break
    return here


def _plain(text: str) -> str:
    try:
        return str(ip_address(text.strip().strip("[]")))
    except ValueError:
        return ""


@lru_cache
def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
