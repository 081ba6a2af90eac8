"""Links that name a customer, and the tickets that tie a page to its response: sealed, so that nobody makes or reads one. Pure.

AES-SIV (RFC 5297) with a key of the survey's; what a text is for is authenticated with it, so none passes for another.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from amity.kernel.errors import NotFound
from amity.kernel.ids import digest

ID_LENGTH, LONGEST, SECRET_BYTES = 16, 160, 32
_LINK, _TICKET = b"amity survey link 1", b"amity survey ticket 1"
_MINUTE = 60_000


class LinkOver(NotFound):
    """A link that asks nothing (any more). `why`: `unknown`, `expired`, `closed`, `unasked`."""

    def __init__(self, why: str) -> None:
        super().__init__("This link asks nothing (any more).", code=f"link_{why}")
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a link says of whom it was made for; `ends_at` in ms."""

    customer_id: UUID
    ends_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What ties a page to a response: which one, the version that it shows, when it was given out (ms)."""

    response_id: UUID
    version: int
    made_at: int


def seal_link(*, link_id: str, secret: bytes, held: Named) -> str:
    """Return the token of a link that names a customer."""
    minutes = -(-held.ends_at // _MINUTE)
    return link_id + _sealed(secret, _LINK, link_id, held.customer_id.bytes + minutes.to_bytes(4, "big"))


def open_link(token: str, *, secret: bytes, now: int) -> Named:
    """Return what a token says. Raises LinkOver."""
    body = _opened(secret, _LINK, token[:ID_LENGTH], token[ID_LENGTH:])
    ends_at = int.from_bytes(body[16:], "big") * _MINUTE
    if len(body) != 20 or ends_at <= now:
        raise LinkOver("expired")
    return Named(customer_id=UUID(bytes=body[:16]), ends_at=ends_at)


def seal_ticket(*, token: str, secret: bytes, held: Ticket) -> str:
    """Return a ticket for pages that are opened by this link."""
    body = held.response_id.bytes + held.version.to_bytes(4, "big") + held.made_at.to_bytes(6, "big")
    return _sealed(secret, _TICKET, token, body)


def open_ticket(text: str, *, token: str, secret: bytes) -> Ticket:
    """Return what a ticket of this link says. Raises LinkOver."""
    body = _opened(secret, _TICKET, token, text)
    if len(body) != 26:
        raise LinkOver("unknown")
    return Ticket(
        response_id=UUID(bytes=body[:16]), version=int.from_bytes(body[16:20], "big"), made_at=int.from_bytes(body[20:], "big")
    )


def response_of(token: str) -> UUID:
    """Return the one response of a link that names a customer: it is answered once, however often it is opened."""
    return UUID(bytes=digest("survey response", token))


def _sealed(secret: bytes, purpose: bytes, of: str, body: bytes) -> str:
    return urlsafe_b64encode(AESSIV(secret).encrypt(body, [purpose, of.encode()])).decode().rstrip("=")


def _opened(secret: bytes, purpose: bytes, of: str, text: str) -> bytes:
    try:
        sealed = urlsafe_b64decode(text[:LONGEST] + "=" * (-len(text[:LONGEST]) % 4))
        if urlsafe_b64encode(sealed).decode().rstrip("=") != text:
            raise LinkOver("unknown")
        return AESSIV(secret).decrypt(sealed, [purpose, of.encode()])
    except (NoBase64, InvalidTag, ValueError):
        raise LinkOver("unknown") from None
