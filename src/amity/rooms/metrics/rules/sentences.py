"""A definition as a sentence that a person reads. Pure."""

from __future__ import annotations

from amity.engines.past.behaviour.words import event_words, of_words, window_words
from amity.rooms.metrics.rules.language import (
    Amount,
    Ces,
    Count,
    Csat,
    Customers,
    Definition,
    Followed,
    Mean,
    Measure,
    Nps,
    Percentile,
    Ratio,
    Retention,
    Session,
    Share,
    Stickiness,
    Sum,
    Wait,
)

_FORMULAS = {
    "mean": "the mean", "positive": "the share of 5 to 7", "index": "the percentage of 6 and 7 less that of 1 to 3",
}  # fmt: skip


def sentence(one: Definition) -> str:
    """Return a definition in words; who counts is said by the customers' room."""
    return f"{measure_words(one.measure)},{window_words(one.within) or ' ever'}."


def measure_words(measure: Measure) -> str:  # noqa: C901, PLR0911, PLR0912  one answer for each kind
    """Return what is measured."""
    match measure:
        case Count(event=event):
            return f"How often {event_words(event)} happened"
        case Customers(event=event):
            return f"How many different customers had {event_words(event)}"
        case Sum(event=event, of=of):
            return f"The sum of {of_words(of)} over {event_words(event)}"
        case Mean(event=event, of=of):
            return f"The mean of {of_words(of)} over {event_words(event)} that has it"
        case Percentile(event=event, of=of, at=at):
            return f"{_percentile(at)} of {of_words(of)} over {event_words(event)}"
        case Ratio(over=over, under=under):
            said = _amount(over)
            return f"{said[0].upper()}{said[1:]}, divided by {_amount(under)}"
        case Share(event=event, among=among, times=1):
            return f"Of the customers with {event_words(among)}, the share with {event_words(event)} in the same time"
        case Share(event=event, among=among, times=times):
            return f"Of the customers with {event_words(among)}, the share with {event_words(event)} at least {times} times in the same time"
        case Retention(event=event, count=count):
            kept = "again in this one" if count == "kept" else "no more in this one"
            return f"Of the customers with {event_words(event)} in the period before, the share with it {kept}"
        case Stickiness(event=event):
            return f"On how many of the days a customer with {event_words(event)} had it, on average"
        case Nps(event=event, of=of):
            return f"Net Promoter Score of {of_words(of)} in {event_words(event)}: the percentage of 9 and 10 less that of 0 to 6"
        case Csat(event=event, of=of, scale=scale):
            return f"The share of {scale - 1} and {scale}, the top two of {scale}, of {of_words(of)} in {event_words(event)}"
        case Ces(event=event, of=of, formula=formula):
            return f"Customer Effort Score of {of_words(of)}, 1 to 7, in {event_words(event)}: {_FORMULAS[formula]}"
        case Session(event=event, take="seconds"):
            return f"The mean length of a session of {event_words(event)}, in seconds"
        case Session(event=event):
            return f"How many of {event_words(event)} a session has, on average"
        case Followed(event=event, until=until, count=count, same=same, within=within):
            shared = f" with the same {of_words(same)}" if same else ""
            none = "not " if count == "alone" else ""
            return f"How many of {event_words(event)} are {none}followed by {event_words(until)}{shared} of the same customer within {within:,} hours"
        case Wait(event=event, until=until, at=at, same=same, within=within):
            shared = f" with the same {of_words(same)}" if same else ""
            return f"{_percentile(at)} of the seconds from {event_words(event)} to the next {event_words(until)}{shared}, within {within:,} hours"


def _amount(one: Amount) -> str:
    match one.take:
        case "sum":
            return f"the sum of {of_words(one.of or 'value')} over {event_words(one.event)}"
        case "customers":
            return f"the number of customers with {event_words(one.event)}"
        case "days":
            return f"the days on which each customer had {event_words(one.event)}, added up"
    return f"how often {event_words(one.event)} happened"


def _percentile(at: float) -> str:
    return "The median" if at == 50 else f"The {at:g}th percentile"
