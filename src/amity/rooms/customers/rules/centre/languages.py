"""Languages of the preference centre: which one a person reads, and how dates are written in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "pt": "Português"}
"""Each by its own name."""

_WANTED = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*")
_MOST = 30
_MONTHS: Mapping[str, str] = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_DATES: Mapping[str, str] = {
    "en": "{day} {month} {year}", "de": "{day}. {month} {year}", "fr": "{day} {month} {year}", "es": "{day} de {month} de {year}",
    "pt": "{day} de {month} de {year}",
}  # fmt: skip


def language_of(*, chosen: str, accepted: str) -> str:
    """Return the language to answer in: the one chosen, else the best of an Accept-Language header (RFC 9110), else English."""
    return chosen if chosen in LANGUAGES else next(iter(_best(accepted)), "en")


def first_known(texts: Mapping[str, str], language: str) -> str:
    """Return a text in a language, else in English, else in the first language that there is; empty for none."""
    order = [language, "en", *texts]
    return next((texts[one] for one in order if texts.get(one)), "")


def date_in(language: str, at: datetime) -> str:
    """Return a day as it is written out in a language."""
    day = "1er" if language == "fr" and at.day == 1 else str(at.day)
    return _DATES[language].format(day=day, month=_MONTHS[language].split()[at.month - 1], year=at.year)


def _best(accepted: str) -> list[str]:
    found: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:_MOST]):
        one = _WANTED.fullmatch(part)
        if one and one[1].lower() in LANGUAGES and (quality := float(one[2] or 1)) > 0:
            found.append((-quality, place, one[1].lower()))
    return [language for _, _, language in sorted(found)]
