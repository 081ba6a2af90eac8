"""Secrets that Amity makes for itself, kept in files that only their owner can read."""

from __future__ import annotations

import os

from amity.kernel.ids import new_secret
from amity.kernel.settings import Settings

CONSOLE_KEY = "console-key"


def secret_key(chosen: Settings) -> str:
    """Return the key that signs sessions and links, made on first use."""
    return kept_secret(chosen, CONSOLE_KEY, size=48)


def kept_secret(chosen: Settings, name: str, *, size: int = 24) -> str:
    """Return the secret called `name`, made on first use; two processes that make it at once agree on one."""
    path = chosen.secrets / name
    if not path.exists():
        chosen.secrets.mkdir(parents=True, mode=0o700, exist_ok=True)
        fresh = path.with_name(f".{name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as f:
            f.write(new_secret(size=size))
            f.flush()
            os.fsync(f.fileno())  # data that this secret opens must not outlive it
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii")
