"""Kinds of data that a workspace may keep for less than for ever, each with what a rule about it deletes."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "interactions": "Interactions",
    "quarantine": "What was sent and turned away",
    "requests": "What people wrote in data requests that are at their end",
}
LONGEST_DAYS = 36_500


def says(what: str, name: str, channel: str) -> str:
    """Say in words what a rule is about."""
    words = KINDS[what]
    if name:
        words += f" called “{name}”"
    return f"{words} on the channel {channel}" if channel else words
