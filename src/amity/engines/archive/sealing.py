"""Seals frames: with AES-256-GCM under a passphrase, or with a digest where there is none.

The key comes from scrypt and the file's own random salt, so no two files share one, and a frame's number can be its nonce.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Protocol

from amity.engines.archive.layout import DIGEST, Damaged, Key, Locked, digest

_N, _R, _P = 2**17, 8, 1  # 128 MB and about half a second for each guess
_MOST_N, _MOST_R, _MOST_P = 2**20, 16, 4  # what a header may ask of us


class Seal(Protocol):
    """Closes and opens the body of a frame; `about` is what is sealed with it without being in it."""

    def close(self, number: int, body: bytes, about: bytes) -> bytes:
        """Return the body as it is stored."""

    def open(self, number: int, stored: bytes, about: bytes) -> bytes:
        """Return the body. Raises Damaged if it isn't what was closed."""


class Digest:
    """Notices damage, keeps nothing secret."""

    def close(self, number: int, body: bytes, about: bytes) -> bytes:  # noqa: ARG002  the number stands in `about`
        """Return the body with its digest."""
        return body + digest(about, body)

    def open(self, number: int, stored: bytes, about: bytes) -> bytes:
        """Return the body. Raises Damaged if the digest is another."""
        body, found = stored[:-DIGEST], stored[-DIGEST:]
        if digest(about, body) != found:
            raise Damaged(f"its frame {number} was changed or damaged")
        return body


class Cipher:
    """AES-256-GCM with a frame's number as nonce."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._aes = AESGCM(key)

    def close(self, number: int, body: bytes, about: bytes) -> bytes:
        """Return the encrypted body with its tag."""
        return self._aes.encrypt(number.to_bytes(12, "big"), body, about)

    def open(self, number: int, stored: bytes, about: bytes) -> bytes:
        """Return the decrypted body. Raises Damaged if anything of it was changed."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._aes.decrypt(number.to_bytes(12, "big"), stored, about)
        except (InvalidTag, ValueError):
            raise Damaged(f"its frame {number} was changed or damaged") from None


def new_seal(passphrase: str | None) -> tuple[Seal, Key | None]:
    """Return a seal for a new file and what its header has to say of the key."""
    if passphrase is None:
        return Digest(), None
    key = Key(salt=secrets.token_hex(32), n=_N, r=_R, p=_P)
    secret, check = _derive(passphrase, key)
    return Cipher(secret), Key(salt=key.salt, n=key.n, r=key.r, p=key.p, check=check.hex())


def seal_of(key: Key | None, passphrase: str | None) -> Seal:
    """Return the seal that opens a file. Raises Locked without the right passphrase."""
    if key is None:
        return Digest()
    if passphrase is None:
        raise Locked("is encrypted: give its passphrase when asked, with --passphrase-file FILE, or in AMITY_BACKUP_PASSPHRASE")
    if not (1 < key.n <= _MOST_N and 0 < key.r <= _MOST_R and 0 < key.p <= _MOST_P):
        raise Damaged("its header asks for a key that no Amity makes")
    secret, check = _derive(passphrase, key)
    if not hmac.compare_digest(check.hex(), key.check):
        raise Locked("does not open with this passphrase")
    return Cipher(secret)


def _derive(passphrase: str, key: Key) -> tuple[bytes, bytes]:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    made = Scrypt(salt=bytes.fromhex(key.salt), length=48, n=key.n, r=key.r, p=key.p).derive(passphrase.encode())
    return made[:32], made[32:]
