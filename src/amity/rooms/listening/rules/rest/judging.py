"""How often somebody is asked: rules, and whether they let one more question through. Pure; times in ms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid

MOST_RULES = 20
Clock = Literal["invited", "shown", "completed"]
Of = Literal["any", "survey", "channel"]
CLOCKS = {"invited": "invitations", "shown": "openings", "completed": "completed answers"}
_ONE = {"invited": "invitation", "shown": "opening", "completed": "completed answer"}
OF = {"any": "to any survey", "survey": "to the same survey", "channel": "by the same channel"}


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most so many within any so many days of 24 hours: of invitations, openings or completed answers."""

    most: Annotated[int, Meta(ge=1, le=100)]
    days: Annotated[int, Meta(ge=1, le=1_096)]
    clock: Clock = "invited"
    of: Of = "any"

    @property
    def words(self) -> str:
        """The rule as people read it."""
        what = (_ONE if self.most == 1 else CLOCKS)[self.clock]
        return f"at most {self.most} {what} {OF[self.of]} in {self.days:,} day{'' if self.days == 1 else 's'}"


DEFAULT = (Rule(most=1, days=30),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Something that happened between us and a customer."""

    clock: str
    survey_id: int
    channel: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The rule that keeps a question back longest, and when it doesn't any more if nothing else happens."""

    rule: Rule
    free_at: int


def judged(rules: Sequence[Rule], contacts: Iterable[Contact], *, survey_id: int, channel: str, now: int) -> Refused | None:
    """Return why a customer isn't asked now, or None: each rule counts what lies within its days before now."""
    known = list(contacts)
    refused = [found for rule in rules if (found := _by(rule, known, survey_id=survey_id, channel=channel, now=now))]
    return max(refused, key=lambda one: one.free_at, default=None)


def longest(rules: Sequence[Rule]) -> int:
    """Return how far back (ms) the rules look."""
    return max((rule.days for rule in rules), default=0) * DAY


def read(given: Any) -> tuple[Rule, ...]:
    """Return rules that JSON says. Raises Invalid."""
    try:
        found: list[Rule] = msgspec.convert(given, Annotated[list[Rule], Meta(max_length=MOST_RULES)])
    except msgspec.ValidationError as error:
        raise Invalid(f"{error}.") from None
    return tuple(dict.fromkeys(found))


def _by(rule: Rule, known: Sequence[Contact], *, survey_id: int, channel: str, now: int) -> Refused | None:
    times = sorted(
        one.at for one in known
        if one.clock == rule.clock and one.at > now - rule.days * DAY
        and (rule.of != "survey" or one.survey_id == survey_id) and (rule.of != "channel" or one.channel == channel)
    )  # fmt: skip
    if len(times) < rule.most:
        return None
    return Refused(rule=rule, free_at=times[len(times) - rule.most] + rule.days * DAY)
