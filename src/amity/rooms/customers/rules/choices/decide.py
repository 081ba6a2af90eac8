"""Whether a customer's data may be used for a purpose at an instant. The one rule that every read asks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from amity.kernel.clock import DAY
from amity.rooms.customers.rules.choices.policies import Policy
from amity.rooms.customers.rules.choices.purposes import BY_PERSON, SALE_SHARE, WITHOUT_ASKING, Purpose, plain

_PAUSE = re.compile("pause:([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Answer:
    """A yes or no under a name, at a time in ms. `since` is when it was first said: repeats of it are no new answer."""

    name: str
    granted: bool
    time: int
    since: int

    @property
    def plain_name(self) -> str:
        """The name as it is compared: those that people gave themselves are marked with BY_PERSON."""
        return plain(self.name).removeprefix(BY_PERSON)

    @property
    def moment(self) -> int:
        """When it counts from. Global Privacy Control is told anew with each request, so the last one counts."""
        if not self.granted and self.plain_name == SALE_SHARE:
            return self.time
        return min(self.since, self.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome.

    `reason`: `needs_none`, `agreed`, `refused`, `expired`, `silence_allows`, `never_asked`, `paused` or `restricted`. `answer` decided; `until` is when a yes expires or a pause ends, in ms; None where neither does.
    """

    allowed: bool
    reason: str
    answer: Answer | None = None
    until: int | None = None


def decide(purpose: Purpose, answers: Iterable[Answer], policy: Policy, at: int, *, restricted: bool = False) -> Decision:
    """Return whether the purpose is allowed at an instant (ms), given all answers known of a customer and the region's policy.

    A customer who is `restricted` allows what is strictly necessary, and nothing else (GDPR Art. 18(2)).

    The newest answer up to then that tells of the purpose wins; of equally new ones, a no. A yes that is too old for the policy
    counts as silence. No answer means no, unless the policy or the purpose's legal basis allows silence. A pause stops marketing
    until it ends, whatever else was said.
    """
    if restricted and purpose.basis != "necessary":
        return Decision(allowed=False, reason="restricted")
    known = [one for one in answers if one.time <= at]
    found = settled(purpose, known, policy, at)
    if found.reason == "needs_none":
        return found
    if found.allowed and purpose.is_marketing and (pause := paused(known, at)) is not None:
        return Decision(allowed=False, reason="paused", answer=pause, until=pause_ends(pause))
    return found


def settled(purpose: Purpose, known: Iterable[Answer], policy: Policy, at: int) -> Decision:
    """Return what `decide` does, as if nothing were paused."""
    if purpose.basis in WITHOUT_ASKING:
        return Decision(allowed=True, reason="needs_none")
    newest = next(iter(told(purpose, known, at)), None)
    silent = policy.allows_silence(purpose)
    if newest is None:
        return Decision(allowed=silent, reason="silence_allows" if silent else "never_asked")
    if not newest.granted:
        return Decision(allowed=False, reason="refused", answer=newest)
    until = newest.moment + policy.expires_days * DAY if policy.expires_days else None
    if until is not None and until < at:
        return Decision(allowed=silent, reason="silence_allows" if silent else "expired", answer=newest, until=until)
    return Decision(allowed=True, reason="agreed", answer=newest, until=until)


def paused(answers: Iterable[Answer], at: int) -> Answer | None:
    """Return the answer that paused marketing and still does at an instant; None without. `pause:30` is one of thirty days."""
    pauses = [one for one in answers if one.time <= at and _PAUSE.fullmatch(one.plain_name)]
    newest = max(pauses, key=lambda one: (one.moment, not one.granted, pause_ends(one)), default=None)
    return newest if newest is not None and not newest.granted and pause_ends(newest) > at else None


def pause_ends(answer: Answer) -> int:
    """Return when a pause ends, in ms."""
    return answer.moment + int(answer.plain_name.partition(":")[2]) * DAY


def told(purpose: Purpose, answers: Iterable[Answer], at: int) -> list[Answer]:
    """Return the answers up to an instant that tell of a purpose, the one that counts first."""
    telling = [one for one in answers if one.time <= at and _tells(purpose, one)]
    return sorted(telling, key=lambda one: (one.moment, not one.granted, one.since, one.time, one.name), reverse=True)


def _tells(purpose: Purpose, answer: Answer) -> bool:
    name = answer.plain_name
    return name in purpose.names or (not answer.granted and name in purpose.refused_by)
