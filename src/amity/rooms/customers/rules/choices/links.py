"""Links into the preference centre: whose choices, until when, and what one click ends, sealed so that they tell nobody else.

AES-SIV (RFC 5297) with a key of the workspace's: what is sealed is encrypted and authenticated together with the key's public name,
equal links come out equal, and no counter or random number has to be kept.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from amity.kernel.errors import NotFound

ID_LENGTH, LONGEST = 12, 200
SECRET_BYTES = 32
_PURPOSE = b"amity preference centre 1"
_TAG, _WHOSE, _MINUTES = 16, 16, 4
_MINUTE = 60_000


class LinkOver(NotFound):
    """A link that opens nothing (any more). `why`: `expired`, or `unknown` for all else."""

    def __init__(self, why: Literal["expired", "unknown"]) -> None:
        super().__init__("This link has ended." if why == "expired" else "This is no link that is in force.", code=f"link_{why}")
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a link holds. `ends_at` is in ms, a whole minute; `scope` is the purpose or topic that one click ends."""

    customer_id: UUID
    ends_at: int
    scope: str


def seal_link(*, link_id: str, secret: bytes, held: Sealed) -> str:
    """Return the link's token: the key's name and the sealed rest, in letters that need no escape in an address."""
    minutes = -(-held.ends_at // _MINUTE)
    body = held.customer_id.bytes + minutes.to_bytes(_MINUTES, "big") + held.scope.encode()
    return link_id + urlsafe_b64encode(AESSIV(secret).encrypt(body, [_PURPOSE, link_id.encode()])).decode().rstrip("=")


def open_link(token: str, *, secret: bytes, now: int) -> Sealed:
    """Return what a token holds. Raises LinkOver for one that was not made with this key, or that has ended."""
    link_id, text = token[:ID_LENGTH], token[ID_LENGTH:LONGEST]
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if len(sealed) < _TAG + _WHOSE + _MINUTES or urlsafe_b64encode(sealed).decode().rstrip("=") != text:
            raise LinkOver("unknown")
        body = AESSIV(secret).decrypt(sealed, [_PURPOSE, link_id.encode()])
    except (NoBase64, InvalidTag, ValueError):
        raise LinkOver("unknown") from None
    ends_at = int.from_bytes(body[_WHOSE : _WHOSE + _MINUTES], "big") * _MINUTE
    if ends_at <= now:
        raise LinkOver("expired")
    return Sealed(customer_id=UUID(bytes=body[:_WHOSE]), ends_at=ends_at, scope=body[_WHOSE + _MINUTES :].decode())
