"""Encrypt what the database must not give away by itself: the secrets of authenticator apps and recovery codes."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import blake2b

from cryptography.fernet import Fernet
from django.conf import settings


def seal(text: str) -> str:
    """Return text encrypted and authenticated under a key that is derived from the console's."""
    return _box().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Return what was sealed. Raises InvalidToken for anything else."""
    return _box().decrypt(sealed.encode("ascii")).decode()


def _box() -> Fernet:
    key = blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"amity.trust.seal").digest()
    return Fernet(urlsafe_b64encode(key))
