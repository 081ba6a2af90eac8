"""Receipts: what was erased, signed with Ed25519 (RFC 8032) over canonical JSON, so that nobody can change one unnoticed."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNED = "amity-erasure-receipt-1"


def signing_key(secret: str) -> Ed25519PrivateKey:
    """Return the installation's key, derived from its secret: a restored installation signs as the old one did."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(blake2b(secret.encode(), digest_size=32, person=b"amity.receipts").digest())


def public_key(secret: str) -> str:
    """Return the public half as base64 of its 32 bytes, which anybody may have."""
    return b64encode(signing_key(secret).public_key().public_bytes_raw()).decode()


def sign(body: Mapping[str, Any], *, secret: str) -> dict[str, Any]:
    """Return the receipt: the body with the key's public half and the signature."""
    whole = {**body, "format": SIGNED, "public_key": public_key(secret)}
    return {**whole, "signature": b64encode(signing_key(secret).sign(canonical(whole))).decode()}


def is_genuine(receipt: Mapping[str, Any], *, trusted: str) -> bool:
    """Whether the holder of the public key `trusted` signed exactly this."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    body = {name: value for name, value in receipt.items() if name != "signature"}
    if body.get("format") != SIGNED or body.get("public_key") != trusted:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(trusted, validate=True))
        key.verify(b64decode(str(receipt.get("signature", "")), validate=True), canonical(body))
    except (ValueError, InvalidSignature):
        return False
    return True


def canonical(body: Mapping[str, Any]) -> bytes:
    """Return the one text of a body: keys in order, no spaces, UTF-8; as RFC 8785 has it for what receipts hold."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
