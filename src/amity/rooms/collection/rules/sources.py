"""What may be a source, and what the edge is told about it."""

from __future__ import annotations

from amity.facts.collection import SourceKey, snapshot_key
from amity.kernel.errors import Invalid
from amity.rooms.collection.contracts import SOURCE_KINDS, SourceView

LONGEST_NAME = 80
AMITY = "amity"


def check_name(name: str) -> str:
    """Return the name without space around it. Raises Invalid if there is none, or too much of it."""
    clean = " ".join(name.split())
    if not clean:
        raise Invalid("A source needs a name, for example: Web shop.")
    if len(clean) > LONGEST_NAME:
        raise Invalid(f"A source's name has at most {LONGEST_NAME} characters; this one has {len(clean)}.")
    if not clean.isprintable():
        raise Invalid("A source's name can't hold control characters.")
    return clean


def check_kind(kind: str) -> str:
    """Return the kind. Raises Invalid, naming the kinds there are."""
    if kind not in SOURCE_KINDS or kind == AMITY:
        raise Invalid(f"A source is one of: {', '.join(k for k in SOURCE_KINDS if k != AMITY)}; not {kind!r}.")
    return kind


def check_rate(requests_per_second: int) -> int:
    """Return the limit. Raises Invalid below 0 or above a million."""
    if not 0 <= requests_per_second <= 1_000_000:
        raise Invalid("Requests per second lie between 0 (no limit) and 1,000,000.")
    return requests_per_second


def snapshot_of(source: SourceView) -> dict[str, SourceKey]:
    """Return the entries by which the edge knows this source, one for each write key in force."""
    return {
        snapshot_key(key.key): SourceKey(
            workspace=source.workspace_id,
            source=source.id,
            name=source.name,
            write_key=key.key,
            enabled=source.disabled_at is None,
            anonymise_ip=source.anonymise_ip,
            requests_per_second=source.requests_per_second,
        )
        for key in source.keys
        if key.revoked_at is None
    }
