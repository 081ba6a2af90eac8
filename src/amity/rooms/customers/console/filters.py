"""The sentence above a story: what kind, on which channel, since when. A GET form that works without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from django.http import QueryDict

from amity.kernel.clock import to_ms
from amity.rooms.customers.rules.portrait.portray import channel_words
from amity.rooms.customers.rules.relationship import ANSWERS, REQUESTS

KINDS = {
    "": "everything",
    "did": "what they did",
    "said": "what they said",
    "ours": "what we did",
    "answers": "answers with scores",
    "requests": "requests and complaints",
    "money": "payments and refunds",
    "seen": "pages and screens",
    "known": "changes of who they are",
}
_VOICES = ("did", "said", "ours")
_TYPES = {"seen": ("page", "screen"), "known": ("identify", "alias", "group")}
_NAMES = {"answers": ANSWERS, "requests": REQUESTS}
SINCE = {"": "the beginning", "1": "today", "7": "7 days ago", "30": "30 days ago", "90": "90 days ago", "year": "1 January"}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One option of a word in the sentence."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class StoryFilter:
    """What a reader wants to see of a story; unknown values mean everything."""

    kind: str = ""
    channel: str = ""
    since: str = ""

    @classmethod
    def read(cls, given: QueryDict) -> StoryFilter:
        """Read the filter from an address."""
        kind, since = given.get("kind", ""), given.get("since", "")
        return cls(
            kind=kind if kind in KINDS else "", channel=given.get("channel", "")[:60], since=since if since in SINCE else ""
        )

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.kind or self.channel or self.since)

    @property
    def voices(self) -> tuple[str, ...]:
        """Which voices are wanted; empty: all."""
        return (self.kind,) if self.kind in _VOICES else ()

    @property
    def types(self) -> tuple[str, ...]:
        """Which types of calls are wanted; empty: all."""
        return _TYPES.get(self.kind, ())

    @property
    def spelled(self) -> tuple[str, ...]:
        """Which names of tracked events are wanted; empty: all."""
        return _NAMES.get(self.kind, ())

    @property
    def money(self) -> bool:
        """Whether only what paid or was paid back is wanted."""
        return self.kind == "money"

    @property
    def channels(self) -> tuple[str, ...]:
        """Which channel is wanted; empty: all."""
        return (self.channel,) if self.channel else ()

    def since_ms(self, *, now: datetime, zone: tzinfo) -> int | None:
        """Return the instant from which on (ms), None for the beginning. Days begin at midnight of the workspace."""
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        if self.since == "year":
            return to_ms(midnight.replace(month=1, day=1))
        return to_ms(midnight - timedelta(days=int(self.since) - (self.since == "1"))) if self.since else None

    def query(self) -> dict[str, str]:
        """Return what an address needs to say to mean this filter."""
        return {name: value for name, value in (("kind", self.kind), ("channel", self.channel), ("since", self.since)) if value}

    def kind_choices(self) -> list[Choice]:
        """Return the options of the first word."""
        return [Choice(value=value, label=label, chosen=value == self.kind) for value, label in KINDS.items()]

    def channel_choices(self, channels: Iterable[str]) -> list[Choice]:
        """Return the options of the second word: the channels that this customer used, and the chosen one."""
        named = sorted({*channels, self.channel} - {""}, key=channel_words)
        options = [Choice(value=name, label=channel_words(name), chosen=name == self.channel) for name in named]
        return [Choice(value="", label="every channel", chosen=not self.channel), *options]

    def since_choices(self) -> list[Choice]:
        """Return the options of the third word."""
        return [Choice(value=value, label=label, chosen=value == self.since) for value, label in SINCE.items()]
