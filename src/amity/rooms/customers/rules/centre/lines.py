"""What the preference centre shows of each purpose and topic, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from amity.kernel.clock import from_ms
from amity.rooms.customers.rules.centre.languages import date_in, first_known
from amity.rooms.customers.rules.centre.words import FREQUENCIES, PURPOSES, WORDS
from amity.rooms.customers.rules.choices.decide import Decision
from amity.rooms.customers.rules.choices.purposes import BUILT_IN, MARKETING, WITHOUT_ASKING, Purpose

# What has legal effects is asked where it is decided, unless a workspace wants it here.
_ELSEWHERE = frozenset({"legal_profiling"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One switch. `version` names the text that is shown, `status` says in words what holds since when, and why."""

    key: str
    title: str
    text: str
    version: str
    on: bool
    status: str
    locked: bool = False
    frequencies: Sequence[tuple[str, str]] = ()
    frequency: str = ""


def offered(purposes: Mapping[str, Purpose], wanted: Sequence[str]) -> list[Purpose]:
    """Return the purposes that the centre shows: those wanted, else all that an answer can be given to."""
    asked = [one for one in purposes.values() if one.basis not in WITHOUT_ASKING]
    return [one for one in asked if (one.key in wanted if wanted else one.key not in _ELSEWHERE)]


def is_channel(purpose: Purpose) -> bool:
    """Whether a purpose is a way of reaching somebody."""
    return purpose.key.startswith(MARKETING)


def titled(purpose: Purpose, language: str) -> str:
    """Return a purpose's name: as the workspace calls it, else in the person's language."""
    built = BUILT_IN.get(purpose.key)
    if built is None or built.name != purpose.name or purpose.key not in PURPOSES[language]:
        return purpose.name
    return PURPOSES[language][purpose.key][0]


def described(purpose: Purpose, language: str, texts: Mapping[str, tuple[str, int]]) -> tuple[str, str]:
    """Return (text, version) that tell of a purpose. `texts` are the workspace's own: (text, version) by language."""
    own = first_known({one: text for one, (text, _) in texts.items()}, language)
    built = PURPOSES[language].get(purpose.key)
    if language not in texts and built is not None and not own:
        return built[1], f"{language}/amity"
    for one, (text, version) in texts.items():
        if text == own:
            return text, f"{one}/{version}"
    return purpose.description, ""


def line(  # noqa: PLR0913  each is a part of what is shown
    purpose: Purpose, held: Decision, *, language: str, zone: tzinfo, texts: Mapping[str, tuple[str, int]], locked: bool = False
) -> Line:
    """Return the switch of a purpose."""
    text, version = described(purpose, language, texts)
    return Line(
        key=purpose.key, title=titled(purpose, language), text=text, version=version, on=held.allowed,
        status=said(held, language=language, zone=zone), locked=locked,
    )  # fmt: skip


def topic_line(topic: Mapping[str, Any], held: Decision, *, language: str, zone: tzinfo, frequency: str) -> Line:
    """Return the switch of a topic, with how often one may hear of it where there is a choice."""
    offers = [one for one in FREQUENCIES if one in topic.get("frequencies", ())]
    return Line(
        key=f"topic:{topic['key']}",
        title=first_known(topic["names"], language) or topic["key"],
        text="",
        version="",
        on=held.allowed,
        status=said(held, language=language, zone=zone) if held.answer else "",
        frequencies=[(one, WORDS[language][one]) for one in offers] if len(offers) > 1 else [],
        frequency=frequency if frequency in offers else (offers[0] if offers else ""),
    )


def said(held: Decision, *, language: str, zone: tzinfo) -> str:
    """Say in words what holds, since when, and until when."""
    words = WORDS[language]
    dates = {
        "date": date_in(language, from_ms(held.answer.moment).astimezone(zone)) if held.answer else "",
        "until": date_in(language, from_ms(held.until).astimezone(zone)) if held.until else "",
    }
    reason = "agreed_until" if held.reason == "agreed" and held.until else held.reason
    return words.get(reason, "").format(**dates)


def masked(email: str) -> str:
    """Return an address so that its owner knows it, and nobody else: `i•••@mail.example`."""
    name, at, host = email.rpartition("@")
    return f"{name[:1]}•••@{host}" if at and name else ""


def changes(lines: Iterable[Line], sent: Mapping[str, str]) -> tuple[dict[str, bool], dict[str, str]]:
    """Return what a form changes, and by which text: only what differs from what it showed, so that silence stays silence.

    A form holds `was.<key>` (1 or 0) as it was shown, `on.<key>` where it is on now, and `text.<key>` for the text's version.
    """
    choices: dict[str, bool] = {}
    shown: dict[str, str] = {}
    for one in lines:
        was, now = sent.get(f"was.{one.key}"), f"on.{one.key}" in sent
        if was in {"0", "1"} and not one.locked and (was == "1") != now:
            choices[one.key] = now
            shown[one.key] = sent.get(f"text.{one.key}", "")
        often = sent.get(f"often.{one.key}", "")
        if often != sent.get(f"was-often.{one.key}", "") and often in dict(one.frequencies):
            choices[f"frequency:{one.key.partition(':')[2]}:{often}"] = True
    return choices, shown
