"""What was told into this data folder: which story, and where each customer's life stands, for the live trickle."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from amity.demo.company import Company, found
from amity.demo.pen import Life

VERSION = 1  # of the story: another one's lives can't be gone on with


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """Which story it is: size, seed and end (milliseconds since 1970)."""

    customers: int
    seed: int
    end: int
    version: int = VERSION


class Lives(msgspec.Struct, kw_only=True):
    """All lives at the beginning of a month, and up to when (ms) the trickle has sent what happened."""

    story: Story
    month: int
    sent: int
    lives: list[Life]


def remember_story(folder: Path, story: Story) -> None:
    """Write down which story was told."""
    _write(folder / "demo-story.json", msgspec.json.encode(story))


def recall_story(folder: Path) -> Story | None:
    """Return which story was told last, None where none was, or one of another version."""
    try:
        story = msgspec.json.decode((folder / "demo-story.json").read_bytes(), type=Story)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return story if story.version == VERSION else None


def remember_lives(folder: Path, company: Company, story: Story, *, sent: int) -> None:
    """Write down where the customers' lives stand. What is true behind what waits isn't kept."""
    for life in company.lives:
        life.waiting = [(*one[:12], None) for one in life.waiting]
    body = msgspec.msgpack.encode(Lives(story=story, month=company.month, sent=sent, lives=company.lives))
    _write(folder / "demo-lives", body)


def recall_lives(folder: Path, story: Story) -> tuple[Company, int] | None:
    """Return the company as it stood, and up to when it was sent; None where nothing is kept of this story."""
    try:
        kept = msgspec.msgpack.decode((folder / "demo-lives").read_bytes(), type=Lives)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    if kept.story != story:
        return None
    company = found(customers=story.customers, seed=story.seed, end=story.end)
    company.month, company.lives = kept.month, kept.lives
    return company, kept.sent


def _write(path: Path, body: bytes) -> None:
    """Write whole or not at all, for the owner only."""
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
    beside.replace(path)
