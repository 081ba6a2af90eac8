"""The one way out: every request to an address that somebody typed is made here.

A name is looked up once, what it leads to is checked, and that very address is connected to, so that no second answer can lead
elsewhere. No redirects, no proxies, no cookies; bounded time and size. What is sent, and the path that it is sent to, is never logged.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from threading import Timer
from time import monotonic
from typing import Any, BinaryIO

import structlog

from amity.engines.egress.places import Place, Refused, check_address, check_host, place_of
from amity.kernel.errors import AmityError
from amity.kernel.network import read_networks
from amity.kernel.settings import Settings, settings

__all__ = ["Answer", "Refused", "Unreachable", "check", "send"]

log = structlog.get_logger("amity.egress")
SECONDS = 15.0
ANSWER_BYTES = 65_536


class Unreachable(AmityError):
    """Nobody answered, or not in time, or not as HTTP. It may do so later."""

    code = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: names of `headers` in small letters, `body` up to the size that was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it was taken."""
        return 200 <= self.status < 300


def check(url: str) -> None:
    """Raise Refused for an address that would be refused by what it says, before any name is looked up."""
    check_host(place_of(url).host, allowed=settings().egress_hosts)


def send(  # noqa: PLR0913  one argument for each part of a request
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | BinaryIO = b"",
    length: int | None = None,
    seconds: float = SECONDS,
    most: int = ANSWER_BYTES,
) -> Answer:
    """Make one request and return its answer, whatever its status. `length` is that of a body that is a file.

    `seconds` bound all of it, from the lookup on. Raises Refused, Unreachable.
    """
    place = place_of(url)
    chosen = settings()
    check_host(place.host, allowed=chosen.egress_hosts)
    began = monotonic()
    try:
        answer = _asked(place, method, dict(headers or {}), body, length, began + seconds, most, chosen)
    except Refused as error:
        log.warning("request refused", method=method, host=place.host, reason=error.message)
        raise
    except Unreachable as error:
        log.info("request failed", method=method, host=place.host, reason=error.message)
        raise
    log.info("request made", method=method, host=place.host, status=answer.status, seconds=round(answer.seconds, 3))
    return answer


def _asked(  # noqa: PLR0913, PLR0917
    place: Place,
    method: str,
    headers: dict[str, str],
    body: bytes | BinaryIO,
    length: int | None,
    deadline: float,
    most: int,
    chosen: Settings,
) -> Answer:
    began = monotonic()
    connection = _connected(place, deadline, chosen)
    line = connection.sock
    late = Timer(max(deadline - monotonic(), 0), _cut, [line])  # who sends a byte now and then meets no timeout of the socket's
    late.daemon = True
    late.start()
    try:
        sent = {"Host": place.authority, "Accept-Encoding": "identity", "User-Agent": "Amity", "Connection": "close", **headers}
        sent["Content-Length"] = str(len(body) if isinstance(body, bytes) else length or 0)
        connection.request(method, place.target, body=body, headers=sent, encode_chunked=False)
        answer = connection.getresponse()
        read = answer.read(most + 1)[:most]
        _left(deadline)  # what was cut off looks like a short answer
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"{place.host} {_said(error, deadline)}") from None
    finally:
        late.cancel()
        connection.close()
    return Answer(
        status=answer.status,
        headers={name.lower(): value for name, value in answer.getheaders()},
        body=read,
        seconds=monotonic() - began,
    )


def _connected(place: Place, deadline: float, chosen: Settings) -> http.client.HTTPConnection:
    private = read_networks(chosen.egress_networks)
    found = list(_looked_up(place))
    for address in found:  # one that may not be is enough: a name that leads inside as well is nobody's by accident
        check_address(address, host=place.host, secure=place.secure, private=private)
    trouble: OSError | None = None
    for address in found[:4]:
        try:
            line = socket.create_connection((address, place.port), timeout=_left(deadline))
            return _spoken(place, line, deadline, chosen)
        except OSError as error:
            trouble = error
    raise Unreachable(f"{place.host} {_said(trouble, deadline)}")


def _spoken(place: Place, line: socket.socket, deadline: float, chosen: Settings) -> http.client.HTTPConnection:
    try:
        line.settimeout(_left(deadline))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if place.secure:
            line = _trust(chosen.egress_ca).wrap_socket(line, server_hostname=place.host.rstrip("."))
    except BaseException:
        line.close()
        raise
    made = http.client.HTTPConnection(place.host, place.port)
    made.sock = line
    return made


def _looked_up(place: Place) -> Iterable[str]:
    try:
        rows = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"{place.host} is the name of no host.") from None
    return dict.fromkeys(str(row[4][0]) for row in rows)


@lru_cache
def _trust(bundle: str) -> ssl.SSLContext:
    made = ssl.create_default_context()
    if bundle:
        made.load_verify_locations(bundle)
    elif not made.cert_store_stats()["x509_ca"]:
        import certifi

        made.load_verify_locations(certifi.where())
    return made


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _cut(line: Any) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)


def _said(error: BaseException | None, deadline: float) -> str:
    if isinstance(error, TimeoutError) or monotonic() >= deadline:
        return "did not answer in time."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"shows a certificate that isn’t trusted: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return "does not speak TLS as it should."
    if isinstance(error, ConnectionRefusedError):
        return "refuses connections."
    if isinstance(error, http.client.HTTPException | ValueError):
        return "answered with what is no HTTP."
    return "broke the connection off or can’t be reached."
