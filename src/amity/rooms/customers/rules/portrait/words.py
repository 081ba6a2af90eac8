"""Times, spans, counts and names as people say them."""

from __future__ import annotations

import re
from datetime import date, timedelta

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
_CODE = re.compile(r"^[A-Za-z0-9]+([_./:-][A-Za-z0-9]+)+$|^[a-z]+[A-Z]\w*$")
_KEEP = frozenset(
    {"API", "CSAT", "CES", "FAQ", "ID", "IP", "NPS", "PDF", "PIN", "QR", "SIM", "SMS", "SSO", "URL", "VAT", "VIP", "VPN"}
)


def event_key(name: str) -> str:
    """Return a name without case, spaces and marks, so that `Product Viewed` and `product_viewed` are one."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def plain_words(name: str) -> str:
    """Return an event's or property's name as a phrase: `subscription_paused` → `Subscription paused`."""
    spaced = re.sub(r"[_\-./:$]+", " ", name)
    words: list[str] = []
    for chunk in spaced.split():
        parts = _PARTS.findall(chunk) if chunk.isascii() and chunk.isalnum() else [chunk]
        words += parts or [chunk]
    said = [
        word if word.upper() in _KEEP and word.isupper() else word.upper() if word.upper() in _KEEP else word.lower()
        for word in words
    ]
    text = " ".join(said).strip()
    return text[:1].upper() + text[1:] if text else ""


def looks_like_code(text: str) -> bool:
    """Tell whether a value is a machine's word (`suspected_fraud`, `ORD-1842`), to be set in mono."""
    return bool(_CODE.match(text)) and len(text) <= 64


def cut(text: str, limit: int = 120) -> str:
    """Return one line of at most `limit` characters, ended by … where something was left out."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def count(number: int, one: str, many: str = "") -> str:
    """Return `1 page`, `3 pages`, `1,200 pages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def span(length: timedelta | float) -> str:
    """Return how long something took: `40 s`, `6 min 12 s`, `2 h 5 min`, `3 days`. Numbers are seconds."""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, left = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    if hours:
        return f"{hours} h {left} min" if left else f"{hours} h"
    if minutes >= 10 or (minutes and not rest):
        return f"{minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def day_name(day: date, today: date) -> str:
    """Return a day as a heading: `Today, Thursday 12 March`, `Yesterday`, `Monday 9 March`, `2 March`, `14 May 2021`."""
    if day == today:
        return f"Today, {day:%A} {day.day} {day:%B}"
    away = (today - day).days
    if away == 1:
        return "Yesterday"
    if 1 < away < 7:
        return f"{day:%A} {day.day} {day:%B}"
    return short_date(day, today)


def short_date(day: date, today: date) -> str:
    """Return `2 March`, and `14 May 2021` in another year."""
    return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B %Y}"
