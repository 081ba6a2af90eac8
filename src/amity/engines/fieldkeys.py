"""Encrypt single values: AES-256-GCM under a workspace's own keys, which lie in files outside every database.

`secrets/field-keys-<workspace>.json` holds the keys by number and which one is current. A rotation adds a key: what is sealed
from then on is sealed with it, and earlier keys go on opening what they sealed.

The nonce is the first 96 bits of an HMAC-SHA256, under a key derived from the same one, of what the value belongs to and of the
value. So the same interaction worked again gives the same bytes, equal values of two interactions don't show that they are
equal, and a nonce never meets another plaintext but by a collision of 96 bits (the construction of SIV, RFC 5297, with GCM;
for random nonces NIST SP 800-38D allows 2^32 values a key).
"""

from __future__ import annotations

import fcntl
import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from amity.kernel.errors import AmityError
from amity.kernel.sealed import PREFIX, is_sealed
from amity.kernel.settings import settings

FILES = "field-keys-*.json"
_NONCE = 12
_files: dict[int, tuple[tuple[int, int], Keys]] = {}


class Unreadable(AmityError):
    """A sealed value that no key of the workspace opens."""

    code = "unreadable"


@dataclass(frozen=True)
class Keys:
    """A workspace's keys by number."""

    workspace: int
    current: int
    keys: dict[int, bytes] = field(repr=False)

    def seal(self, value: Any, *, of: bytes) -> str:
        """Return a JSON value sealed; `of` is what it belongs to: the interaction's key and the name."""
        return self._seal(msgspec.json.encode(value), of)

    def _seal(self, plain: bytes, of: bytes) -> str:
        key = self.keys[self.current]
        derived = blake2b(key, digest_size=32, person=b"amity.nonce").digest()
        nonce = hmac.digest(derived, len(of).to_bytes(4, "big") + of + plain, "sha256")[:_NONCE]
        sealed = AESGCM(key).encrypt(nonce, plain, self._about)
        return f"{PREFIX}{self.current}.{urlsafe_b64encode(nonce + sealed).decode('ascii')}"

    def open(self, text: str) -> Any:
        """Return the value. Raises Unreadable for what these keys didn't seal, or what was changed since."""
        number, _, body = text.removeprefix(PREFIX).partition(".")
        try:
            raw = urlsafe_b64decode(body.encode("ascii"))
            return msgspec.json.decode(AESGCM(self.keys[int(number)]).decrypt(raw[:_NONCE], raw[_NONCE:], self._about))
        except (KeyError, ValueError, UnicodeError, InvalidTag, msgspec.DecodeError) as error:
            raise Unreadable("No key of this workspace opens this value. Are its field keys at hand?") from error

    @property
    def _about(self) -> bytes:
        return b"amity.field." + str(self.workspace).encode()


def keys_of(workspace: int) -> Keys:
    """Return a workspace's keys, made on first use. A rotation by another process is seen at the next call."""
    path = _path(workspace)
    try:
        found = path.stat()
    except FileNotFoundError:
        return _changed(workspace, rotate=False)
    stamp = (found.st_mtime_ns, found.st_ino)
    held = _files.get(workspace)
    if held is None or held[0] != stamp:
        held = _files[workspace] = (stamp, _read(workspace, path))
    return held[1]


def rotate(workspace: int) -> Keys:
    """Add a key and make it the current one."""
    return _changed(workspace, rotate=True)


def opened(workspace: int, value: Any) -> Any:
    """Return a value that may be sealed, open. Raises Unreadable."""
    return keys_of(workspace).open(value) if is_sealed(value) else value


def opened_deep(workspace: int, value: Any) -> Any:
    """Return a value with everything open that stands sealed in it, in texts that are JSON too; what no key opens stays."""
    if isinstance(value, dict):
        return {name: opened_deep(workspace, inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [opened_deep(workspace, inner) for inner in value]
    if not isinstance(value, str) or PREFIX not in value:
        return value
    try:
        if is_sealed(value):
            return opened(workspace, value)
        return msgspec.json.encode(opened_deep(workspace, msgspec.json.decode(value))).decode()
    except (Unreadable, msgspec.DecodeError, RecursionError):
        return value


def _changed(workspace: int, *, rotate: bool) -> Keys:
    path = _path(workspace)
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    with path.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        held = _read(workspace, path) if path.exists() else Keys(workspace, 0, {})
        if held.keys and not rotate:
            return held
        number = max(held.keys, default=0) + 1
        made = Keys(workspace, number, {**held.keys, number: AESGCM.generate_key(256)})
        _write(path, made)
    return made


def _read(workspace: int, path: Path) -> Keys:
    told = json.loads(path.read_text(encoding="ascii"))
    return Keys(workspace, told["current"], {int(number): urlsafe_b64decode(key) for number, key in told["keys"].items()})


def _write(path: Path, made: Keys) -> None:
    told = {"current": made.current, "keys": {n: urlsafe_b64encode(key).decode("ascii") for n, key in made.keys.items()}}
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())  # what it seals must not outlive it
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _path(workspace: int) -> Path:
    return settings().secrets / FILES.replace("*", str(workspace))
