"""The texts that tell of purposes: a workspace's own, each version kept, else Amity's."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from amity.rooms.customers.models import PurposeText
from amity.rooms.customers.rules.centre.words import PURPOSES, WORDS
from amity.rooms.customers.rules.choices.purposes import ALL_MARKETING


def newest_texts(workspace_id: int, *, empty: bool = False) -> Mapping[tuple[str, str], PurposeText]:
    """Return the newest version of each text by purpose and language; those that were emptied last only if asked."""
    rows = PurposeText.objects.filter(workspace_id=workspace_id).order_by("version")
    newest = {(row.purpose, row.language): row for row in rows}
    return {key: row for key, row in newest.items() if row.text or empty}


def versions_of(workspace_id: int, purpose: str) -> list[PurposeText]:
    """Return every version of a purpose's texts, newest first."""
    return list(PurposeText.objects.filter(workspace_id=workspace_id, purpose=purpose).order_by("language", "-version"))


def shown_text(workspace_id: int, purpose: str, version: str) -> tuple[str, str] | None:
    """Return (version, SHA-256) of a text by the version that a page showed: `de/3`, or `de/amity`; None for no such text."""
    language, _, number = version.partition("/")
    if number == "amity":
        text = PURPOSES.get(language, {}).get(purpose, ("", ""))[1] or _acts(language).get(purpose, "")
        return (version, hash_of(text)) if text else None
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        return None
    row = PurposeText.objects.filter(workspace_id=workspace_id, purpose=purpose, language=language, version=int(number)).first()
    return (version, row.hash) if row else None


def _acts(language: str) -> Mapping[str, str]:
    words = WORDS.get(language, {})
    return {ALL_MARKETING: words["stop_text"]} if words else {}


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8, as hexadecimal: anybody can work it out again."""
    return sha256(text.encode()).hexdigest()
