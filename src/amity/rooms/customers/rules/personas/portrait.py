"""What people write of a persona, and how a form's or a client's words become it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.traits import storable_text

PARTS: Mapping[str, str] = {
    "goals": "Goals",
    "needs": "Needs",
    "frustrations": "Frustrations",
    "contexts": "Where and when",
}
TINTS = (3, 4, 5, 6, 7, 8)  # categories of the charts; 1 and 2 are what customers do and say
LONGEST_LINE, LONGEST_TEXT, LONGEST_ITEM, MOST_ITEMS = 200, 4_000, 300, 12
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Portrait(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A persona in words. `language` is that of the text (BCP 47), `tint` the colour of its picture, `research` what it rests on."""

    line: str = ""
    about: str = ""
    goals: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    frustrations: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    research: str = ""
    language: str = ""
    initials: str = ""
    tint: int = 3


def read(stored: Any) -> Portrait:
    """Return a portrait as it was stored."""
    return msgspec.convert(stored, Portrait)


def written(portrait: Portrait) -> dict[str, Any]:
    """Return a portrait as it is stored."""
    return dict(msgspec.to_builtins(portrait))


def checked(portrait: Portrait) -> Portrait:
    """Return a portrait as it is kept: spaces trimmed, empty items left out. Raises Invalid with what to mend."""
    if portrait.tint not in TINTS:
        raise Invalid(f"The colour is one of {', '.join(map(str, TINTS))}.")
    language = portrait.language.strip()
    if language and (len(language) > 35 or not _LANGUAGE.fullmatch(language)):
        raise Invalid("The language is a code such as en, de or pt-BR.")
    return Portrait(
        line=_text(portrait.line, "The one line", LONGEST_LINE),
        about=_text(portrait.about, "The description", LONGEST_TEXT),
        research=_text(portrait.research, "What it rests on", LONGEST_TEXT),
        initials=_text(portrait.initials, "The initials", 3),
        language=language,
        tint=portrait.tint,
        **{name: _items(getattr(portrait, name), said) for name, said in PARTS.items()},
    )


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a form's field, one item each; a leading dash or dot is the writer's bullet."""
    return tuple(item for line in text.splitlines() if (item := re.sub(r"^\s*[-•*–]\s+", "", line).strip()))


def changes(before: Portrait, after: Portrait) -> list[str]:
    """Return the names of the parts that differ."""
    return [name for name in Portrait.__struct_fields__ if getattr(before, name) != getattr(after, name)]


def _items(given: Iterable[str], said: str) -> tuple[str, ...]:
    items = tuple(item for one in given if (item := _text(one, f"Each of “{said}”", LONGEST_ITEM)))
    if len(items) > MOST_ITEMS:
        raise Invalid(f"“{said}” has {len(items)} items; a persona that people remember has at most {MOST_ITEMS}.")
    return items


def _text(given: str, said: str, longest: int) -> str:
    text = storable_text(given).strip()
    if len(text) > longest:
        raise Invalid(f"{said} may have {longest:,} characters; it has {len(text):,}.")
    return text
