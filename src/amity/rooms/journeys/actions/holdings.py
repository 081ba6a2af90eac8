"""What the room holds of a customer: nothing. It asks the past, and keeps what colleagues wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from amity.kernel.holdings import Record, Store, Subject

STORES: tuple[Store, ...] = ()
KEPT: Mapping[str, str] = {
    "journeys_allowance": "deviations that colleagues accepted, with their reasons",
    "journeys_audit": "figures over many customers, of whom none is named",
    "journeys_comment": "what colleagues say of maps",
    "journeys_dismissal": "findings that colleagues dismissed, with their reasons",
    "journeys_foretelling": "figures over many customers, of whom none is named",
    "journeys_funnel": "names and definitions of funnels, which colleagues wrote",
    "journeys_incident": "incidents as colleagues and programs told them: a time, and what shows that somebody met it",
    "journeys_incident_entry": "what colleagues wrote and did about an incident",
    "journeys_journey": "maps of journeys, which colleagues wrote",
    "journeys_pain": "pain points and their definitions, which colleagues wrote",
    "journeys_pricing": "figures over many customers, of whom none is named",
    "journeys_review": "who of the colleagues looked a map through, and when",
    "journeys_version": "maps of journeys as they were",
}


def find(subject: Subject) -> Mapping[str, int]:  # noqa: ARG001  it holds nothing of anybody
    """Return how many records each store holds of the subject."""
    return {}


def export(subject: Subject) -> Iterable[Record]:  # noqa: ARG001  it holds nothing of anybody
    """Give everything that the room holds of the subject."""
    return ()


def erase(subject: Subject) -> Mapping[str, int]:  # noqa: ARG001  it holds nothing of anybody
    """Erase all of it."""
    return {}
