"""What a person is given of their data, to read: one HTML page that needs nothing else, and tables. Pure text in, pure text out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from typing import Any

from amity.kernel.cells import safe_cell

_MOMENTS = {"time", "first_seen", "last_seen", "since", "until", "at"}
_LONG_AGO = 10**11  # ms; a smaller number is no time of ours
_DEEPEST = 6
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-top: 1px solid #8886; padding-top: 1rem; }
nav ul { padding: 0; list-style: none; } nav li { display: flex; gap: 1rem; justify-content: space-between; max-width: 34rem; }
article { border: 1px solid #8884; border-radius: .5rem; padding: .75rem 1rem; margin: .75rem 0; break-inside: avoid; }
dl { display: grid; grid-template-columns: minmax(7rem, 14rem) 1fr; gap: .15rem 1rem; margin: 0; } dt { color: light-dark(#555, #bbb); }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; } dd dl { border-left: 2px solid #8884; padding-left: .75rem; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .3rem; } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What stands above an archive."""

    company: str
    request: str
    kind: str
    made_at: datetime
    contents: Sequence[tuple[str, str, int]]  # name, title, number of records of each store


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it, for `json.dumps(default=…)`."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, set | tuple | frozenset) else str(value)


def line(record: Mapping[str, Any]) -> str:
    """Return a record as one line of JSON."""
    return json.dumps(record, default=plain, ensure_ascii=False)


def page(about: About, records: Iterable[tuple[str, Iterable[Mapping[str, Any]]]]) -> Iterator[str]:
    """Yield the page, piece by piece: `records` are those of each store, in the order of `about.contents`. All text is escaped."""
    company = escape(about.company)
    yield (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Your data at {company}</title><style>{_STYLE}</style></head><body><main>\n<h1>Your data at {company}</h1>\n"
        f"<p>This is everything that {company} holds of you in its customer experience system, as of "
        f"{escape(_instant(about.made_at))}. The folder <code>data</code> holds the same for machines, as JSON.</p>\n"
        f'<p>Request {escape(about.request)}.</p>\n<nav aria-label="Contents"><ul>'
    )
    for name, title, number in about.contents:
        yield f'<li><a href="#{escape(name)}">{escape(title)}</a> <span>{number:,}</span></li>'
    yield "</ul></nav>\n"
    titles = {name: title for name, title, _ in about.contents}
    for name, some in records:
        yield f'<section><h2 id="{escape(name)}">{escape(titles[name])}</h2>\n'
        for one in some:
            yield f"<article>{_facts(one, 0)}</article>\n"
        yield "</section>\n"
    if not about.contents:
        yield "<p>Nothing is held.</p>\n"
    yield "</main></body></html>\n"


def columns(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of all fields of records, in the order in which they first come."""
    return list(dict.fromkeys(name for one in records for name in one))


def cells(record: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Return a record as cells of a table: what has parts as JSON, what a spreadsheet would take for a formula made harmless."""
    return [safe_cell(_cell(record.get(name))) for name in names]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _facts(record: Mapping[str, Any], depth: int) -> str:
    told = [(name, value) for name, value in record.items() if value not in (None, "", [], {})]
    if not told:
        return "<p>Nothing more is known.</p>"
    return (
        "<dl>" + "".join(f"<dt>{escape(_label(name))}</dt><dd>{_told(name, value, depth)}</dd>" for name, value in told) + "</dl>"
    )


def _told(name: str, value: Any, depth: int) -> str:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        value = _read(value)
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return _facts(value, depth + 1)
    if isinstance(value, list) and depth < _DEEPEST and any(isinstance(one, list | dict) for one in value):
        return "".join(_told(name, one, depth + 1) for one in value)
    if isinstance(value, list) and depth < _DEEPEST:
        return escape(", ".join(str(one) for one in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value > _LONG_AGO and (name in _MOMENTS or name.endswith("_at")):
        return escape(_instant(datetime.fromtimestamp(value / 1000, UTC)))
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _label(name: str) -> str:
    words = str(name).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _instant(value: datetime) -> str:
    here = value.astimezone(UTC)
    return f"{here.day} {here:%B %Y, %H:%M:%S} UTC"
