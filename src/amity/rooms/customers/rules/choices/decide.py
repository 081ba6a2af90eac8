"""Whether a customer's data may be used for a purpose at an instant. The one rule that every read asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from amity.kernel.clock import DAY
from amity.rooms.customers.rules.choices.policies import Policy
from amity.rooms.customers.rules.choices.purposes import WITHOUT_ASKING, Purpose, plain


@dataclass(frozen=True, slots=True)
class Answer:
    """A yes or no under a name, at a time in ms. `since` is when this yes was first said; repeats of it are no new consent."""

    name: str
    granted: bool
    time: int
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome. `reason`: `needs_none`, `agreed`, `refused`, `expired`, `silence_allows`, `never_asked` or `restricted`."""

    allowed: bool
    reason: str
    answer: Answer | None = None


def decide(purpose: Purpose, answers: Iterable[Answer], policy: Policy, at: int, *, restricted: bool = False) -> Decision:
    """Return whether the purpose is allowed at an instant (ms), given all answers known of a customer and the region's policy.

    A customer who is `restricted` allows what is strictly necessary, and nothing else (GDPR Art. 18(2)).

    The newest answer up to then that tells of the purpose wins; of equally new ones, a no. A yes that is too old for the policy
    counts as silence. No answer means no, unless the policy or the purpose's legal basis allows silence.
    """
    if restricted and purpose.basis != "necessary":
        return Decision(allowed=False, reason="restricted")
    if purpose.basis in WITHOUT_ASKING:
        return Decision(allowed=True, reason="needs_none")
    telling = [one for one in answers if one.time <= at and _tells(purpose, one)]
    newest = max(telling, key=lambda one: (one.time, not one.granted, one.since), default=None)
    silent = policy.allows_silence(purpose)
    if newest is None:
        return Decision(allowed=silent, reason="silence_allows" if silent else "never_asked")
    if not newest.granted:
        return Decision(allowed=False, reason="refused", answer=newest)
    if policy.expires_days and newest.since < at - policy.expires_days * DAY:
        return Decision(allowed=silent, reason="silence_allows" if silent else "expired", answer=newest)
    return Decision(allowed=True, reason="agreed", answer=newest)


def _tells(purpose: Purpose, answer: Answer) -> bool:
    name = plain(answer.name)
    return name in purpose.names or (not answer.granted and name in purpose.refused_by)
