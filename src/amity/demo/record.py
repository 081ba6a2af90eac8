"""What was told into this data folder: which story, and where each customer's life stands, for the live trickle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from amity.demo.company import Company, found
from amity.demo.pen import Life

T = TypeVar("T")
_STORY, _LIVES, _SENT = "demo-story.json", "demo-lives.json", "demo-sent.json"
VERSION = 1  # of the story: another one's lives can't be gone on with


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Which story it is: size, seed and end (milliseconds since 1970)."""

    customers: int
    seed: int
    end: int
    version: int = VERSION


class Lives(msgspec.Struct, kw_only=True):
    """All lives at the beginning of a month."""

    story: Story
    month: int
    lives: list[Life]


class Sent(msgspec.Struct, kw_only=True):
    """Up to when (ms) the trickle has sent what happened."""

    story: Story
    until: int


def remember_story(folder: Path, story: Story) -> None:
    """Write down which story was told."""
    _write(folder / _STORY, msgspec.json.encode(story))


def recall_story(folder: Path) -> Story | None:
    """Return which story was told last, None where none was, or one of another version."""
    story = _read(folder / _STORY, Story)
    return story if story is not None and story.version == VERSION else None


def remember_lives(folder: Path, company: Company, story: Story) -> None:
    """Write down where the customers' lives stand. What is true behind what waits isn't kept."""
    for life in company.lives:
        life.waiting = [(*one[:12], None) for one in life.waiting]
    _write(folder / _LIVES, msgspec.json.encode(Lives(story=story, month=company.month, lives=company.lives)))


def recall_lives(folder: Path, story: Story) -> Company | None:
    """Return the company as it stood, None where nothing is kept of this story."""
    kept = _read(folder / _LIVES, Lives)
    if kept is None or kept.story != story:
        return None
    company = found(customers=story.customers, seed=story.seed, end=story.end)
    company.month, company.lives = kept.month, kept.lives
    return company


def remember_sent(folder: Path, story: Story, until: int) -> None:
    """Write down up to when the trickle has sent."""
    _write(folder / _SENT, msgspec.json.encode(Sent(story=story, until=until)))


def recall_sent(folder: Path, story: Story) -> int:
    """Return up to when the trickle has sent: the story's end at first."""
    kept = _read(folder / _SENT, Sent)
    return kept.until if kept is not None and kept.story == story else story.end


def _read(path: Path, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _write(path: Path, body: bytes) -> None:
    """Write whole or not at all, for the owner only."""
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
    beside.replace(path)
