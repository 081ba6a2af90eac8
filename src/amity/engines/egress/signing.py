"""Signatures of webhooks as Standard Webhooks 1.0.0 has them: HMAC-SHA256 over id, timestamp and body."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable
from hashlib import sha256

PREFIX = "whsec_"
OLD_FOR = 86_400_000
"""How long (ms) messages are signed with the former secret as well, after a new one was made."""


def new_secret() -> str:
    """Return a signing secret: 32 random bytes as base64 after `whsec_`."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def sign(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return `v1,<base64>` over `{id}.{timestamp}.{body}`; `timestamp` is in seconds."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, sha256)).decode("ascii")


def headers(in_force: Iterable[str], *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a message; it is signed with each secret in force, the newest first."""
    signed = " ".join(sign(secret, message_id=message_id, timestamp=timestamp, body=body) for secret in in_force)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signed}
