"""Where a request may go: addresses of URLs that people typed, before and after their name was looked up. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from amity.kernel.errors import AmityError
from amity.kernel.network import Networks

LONGEST = 2_000
_NAT64 = ip_network("64:ff9b::/96")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\.?")
_BARE = re.compile(r"[\x21-\x7e]+")


class Refused(AmityError):
    """A request that Amity doesn't make, whatever would answer."""

    code = "egress_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a URL leads: `host` in small letters as it is looked up, `target` the path with its query."""

    secure: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.secure else 80) else f"{name}:{self.port}"


def place_of(url: str) -> Place:
    """Read a URL that somebody typed. Raises Refused with what is wrong with it."""
    if len(url) > LONGEST or not _BARE.fullmatch(url):
        raise Refused("An address is at most 2,000 characters, without spaces; encode other characters with %.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is no address of the web.") from None
    if parts.scheme not in {"http", "https"}:
        raise Refused("An address begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise Refused("Leave user name and password out of the address.")
    if parts.fragment:
        raise Refused("An address that is sent to has no part behind #.")
    host = _host(parts.hostname or "")
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if port == 0:
        raise Refused("Port 0 is no port.")
    return Place(secure=secure, host=host, port=port or (443 if secure else 80), target=target)


def check_host(host: str, *, allowed: str) -> None:
    """Raise Refused for a host that isn't among those `allowed`: names with commas between, `*.name` for those below one.

    Nothing allowed means that each host is.
    """
    names = [one.strip().lower() for one in allowed.split(",") if one.strip()]
    plain = host.rstrip(".")
    if names and not any(plain == one or (one.startswith("*.") and plain.endswith(one[1:])) for one in names):
        raise Refused(f"{host} is none of the hosts that this Amity may send to (AMITY_EGRESS_HOSTS).")


def check_address(text: str, *, host: str, secure: bool, private: Networks) -> None:
    """Raise Refused for an address that isn't public, unless it lies in the networks that the operator named.

    What isn't encrypted goes to such networks only.
    """
    real = _unwrapped(ip_address(text.partition("%")[0]))
    if any(real in network for network in private if network.version == real.version):
        return
    if not real.is_global or real.is_multicast or real.is_reserved or _hides_another(real):
        raise Refused(f"{host} leads to {real}, which isn’t a public address (AMITY_EGRESS_NETWORKS).")
    if not secure:
        raise Refused("Customers’ data goes over https:// only.")


def _host(name: str) -> str:
    if not name:
        raise Refused("The address names no host.")
    try:
        return str(ip_address(name.partition("%")[0]))
    except ValueError:
        pass
    if not _HOST.fullmatch(name.lower()):
        raise Refused(f"{name!r} is no name of a host.")
    return name.lower()


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _hides_another(address: IPv4Address | IPv6Address) -> bool:
    """Whether an IPv6 address carries an IPv4 one to which a gateway would send: 6to4, Teredo, NAT64 (RFC 3056, 4380, 6052)."""
    if isinstance(address, IPv4Address):
        return False
    return address.sixtofour is not None or address.teredo is not None or address in _NAT64
