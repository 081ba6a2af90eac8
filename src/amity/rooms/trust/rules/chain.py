"""The audit chain: each row's hash covers the row before it and its own content, in one canonical writing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
COVERED = (
    "seq", "time", "workspace_id", "actor_kind", "actor_id", "actor_name",
    "action", "target", "before", "after", "ip", "agent",
)  # fmt: skip
_SECRET = ("password", "secret", "token", "code", "write_key", "authorization", "cookie", "credential")
_LONGEST = 2_000


def row_hash(previous: str, row: Mapping[str, Any]) -> str:
    """Return the SHA-256 in hex of a row that follows the row with hash `previous`.

    Content is JSON with sorted keys, no spaces, UTF-8; `time` is ISO 8601 in UTC with microseconds.
    """
    content = {name: row[name] for name in COVERED}
    content["time"] = _instant(row["time"])
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{previous}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def plain(value: Any, *, depth: int = 0) -> Any:
    """Return what the audit may keep of a value: text, whole numbers, truth, lists and objects of them.

    Floats and everything else become text, since JSON of databases may write numbers in another way than they came.
    Values whose name says that they are secret are replaced; NUL and lone surrogates, which PostgreSQL refuses, go.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return clean(value)
    if depth > 4:
        return "…"
    if isinstance(value, Mapping):
        return {clean(str(k)): "(hidden)" if _is_secret(str(k)) else plain(v, depth=depth + 1) for k, v in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes | bytearray):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(v, depth=depth + 1) for v in items]
    return clean(_instant(value) if isinstance(value, datetime) else str(value))


def clean(text: str, longest: int = _LONGEST) -> str:
    """Return text that PostgreSQL takes, cut to `longest` characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()[:longest]


def _is_secret(name: str) -> bool:
    lower = name.lower()
    return any(part in lower for part in _SECRET) and not lower.endswith(("_id", "_name", "_hint", "_role"))


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")
