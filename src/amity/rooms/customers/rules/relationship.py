"""How it stands with a customer: what they answered lately, what is still open, how hard we made it, where they like to be.

Everything comes with its number of interactions. Names count as `event_key` spells them; `ANSWERS` and `REQUESTS` are also what
the past is asked for, by the same spelling (`standing.sql`, `timeline.sql`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from amity.rooms.customers.contracts import Moment
from amity.rooms.customers.rules.friction import Met
from amity.rooms.customers.rules.portrait.blanks import scored
from amity.rooms.customers.rules.portrait.trouble import trouble_of
from amity.rooms.customers.rules.portrait.words import event_key

POSTHOGS_ANSWER = "survey sent"  # its client calls an answer so, letter by letter; others call the question `Survey Sent`
ANSWERS = (
    "surveyanswered", "surveycompleted", "surveysubmitted", "surveyresponsesubmitted", "npssubmitted", "npsanswered",
    "feedbacksubmitted", "feedbackgiven",
)  # fmt: skip
_OPENING = {
    "ticketcreated": "request", "ticketopened": "request", "ticketreopened": "request", "conversationstarted": "request",
    "complaint": "complaint", "complaintfiled": "complaint", "complaintreceived": "complaint", "complaintmade": "complaint",
}  # fmt: skip
_CLOSING = {
    "ticketsolved": "request", "ticketresolved": "request", "ticketclosed": "request", "conversationresolved": "request",
    "complaintresolved": "complaint",
}  # fmt: skip
REQUESTS = (*_OPENING, *_CLOSING)
_IDS = ("ticket_id", "ticketId", "ticket_number", "conversation_id", "conversationId", "complaint_id", "complaintId", "case_id")
_NOWHERE = frozenset({"", "server"})  # an interaction that a company's systems tell came on no channel that the customer chose


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """Scores of answers, newest first. `mean` is from 0 (worst) to 100 (best) over the `n` of which the scale is known."""

    last: Moment
    mark: float
    most: float | None
    mean: float | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Requests and complaints that nothing resolved, newest first, of the `n` that were looked at. `more`: there were more."""

    issues: Sequence[Moment]
    n: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How many of `n` tracked events went wrong, whatever came after, and which was the last."""

    troubles: int
    n: int
    last: Met | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred:
    """The channel on which the customer was most often, in `times` of `n` interactions on channels that they chose."""

    channel: str
    times: int
    n: int


def satisfaction(answers: Sequence[Moment]) -> Satisfaction | None:
    """Return how satisfied answers are, newest first; None where none of them has a score.

    A score counts from the lowest that its scale has: 0 where it ends at 10 (as in NPS), else 1. How easy something was (CES) is
    asked on scales where more is better, too.
    """
    marked = [(one, mark, most) for one in answers for mark, most in [scored(one)] if mark is not None]
    if not marked:
        return None
    shares = [share for _, mark, most in marked if (share := _share(mark, most)) is not None]
    last, mark, most = marked[0]
    mean = sum(shares) / len(shares) if shares else None
    return Satisfaction(last=last, mark=mark, most=most, mean=mean, n=len(shares) or len(marked))


def open_issues(told: Sequence[Moment], *, most: int) -> Open:
    """Return what is open of requests, complaints and their ends, in any order. `most`: so many were asked for at most.

    An end with an id closes what was opened under that id before it; one without closes all of its kind that have none.
    """
    opened: dict[tuple[str, str], Moment] = {}
    seen: set[tuple[str, str]] = set()
    for one in sorted(told, key=lambda moment: (moment.time, moment.key)):
        name, number = event_key(one.name), _number(one)
        if kind := _OPENING.get(name):
            place = (kind, number or one.key.hex)
            seen.add(place)
            opened[place] = one
        elif kind := _CLOSING.get(name):
            for place in [place for place in opened if place[0] == kind and _closes(number, opened[place])]:
                del opened[place]
    newest = sorted(opened.values(), key=lambda moment: (moment.time, moment.key), reverse=True)
    return Open(issues=newest, n=len(seen), more=len(told) >= most)


def effort(met: Iterable[Met]) -> Effort:
    """Return how much went wrong among what a customer met, by name; what was mended afterwards cost effort as well."""
    known = list(met)
    troubles = [one for one in known if trouble_of(one.name) and event_key(one.name) not in REQUESTS]
    last = max(troubles, key=lambda one: (one.last_time, one.name), default=None)
    return Effort(troubles=sum(one.times for one in troubles), n=sum(one.times for one in known), last=last)


def preferred(channels: Mapping[str, int]) -> Preferred | None:
    """Return the channel that a customer was on most often; None where there is none, or two as often."""
    chosen = sorted(((n, name) for name, n in channels.items() if name not in _NOWHERE and n > 0), reverse=True)
    if not chosen or (len(chosen) > 1 and chosen[0][0] == chosen[1][0]):
        return None
    return Preferred(channel=chosen[0][1], times=chosen[0][0], n=sum(n for n, _ in chosen))


def is_answer(name: str) -> bool:
    """Whether a tracked event of this name is an answer with which customers score."""
    return name == POSTHOGS_ANSWER or event_key(name) in ANSWERS


def _share(mark: float, most: float | None) -> float | None:
    if most is None:
        return None
    least = 0.0 if most == 10 else 1.0
    return 100 * (mark - least) / (most - least) if most > least and least <= mark <= most else None


def _number(one: Moment) -> str:
    found = (one.properties.get(name) for name in _IDS)
    return next(
        (str(value) for value in found if isinstance(value, str | int) and not isinstance(value, bool) and value != ""), ""
    )


def _closes(number: str, opening: Moment) -> bool:
    return number == _number(opening)
