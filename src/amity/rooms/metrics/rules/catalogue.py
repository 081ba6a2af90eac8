"""The metrics that come with Amity, as definitions: each is offered where the interactions that it is made of arrive. Pure.

Names of events are those of Segment's specification (Order Completed, Email Delivered …) and of what support and surveys send.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WEEK: Mapping[str, Any] = {"kind": "last", "amount": 7, "unit": "days"}
MONTH: Mapping[str, Any] = {"kind": "last", "amount": 30, "unit": "days"}
QUARTER: Mapping[str, Any] = {"kind": "last", "amount": 90, "unit": "days"}
ANYTHING: Mapping[str, Any] = {}
CONTACTS = ("Call Ended", "Chat Started", "Ticket Opened", "Complaint Filed", "Message Received", "Conversation Started")

_TROUBLES = (
    ("script_errors", "Script errors", "Errors of the page's own scripts, each once a page.", "JavaScript Error"),
    (
        "failed_requests",
        "Failed requests",
        "Calls of the page that were answered with an error, or not at all.",
        "Request Failed",
    ),
    ("rage_clicks", "Rage clicks", "Three quick clicks on the same spot.", "Rage Click"),
    ("dead_clicks", "Dead clicks", "Clicks on what looks clickable, and nothing happened.", "Dead Click"),
    ("error_clicks", "Error clicks", "Clicks that an error of a script followed.", "Error Click"),
    ("forms_left", "Forms left", "Forms that somebody wrote into and didn't send.", "Form Abandoned"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """One of them: `origin` is its name for Amity; `needs` are the events without which it says nothing."""

    origin: str
    name: str
    about: str
    definition: Mapping[str, Any]
    needs: Sequence[Mapping[str, Any]]

    @property
    def text(self) -> str:
        """The definition as JSON."""
        return json.dumps({"version": 1, **self.definition})


def shipped(currency: str = "EUR") -> list[Shipped]:
    """Return all of them; money is counted in one currency, since adding others would mean nothing."""
    contact = {"where": [{"of": "name", "is": "one_of", "to": list(CONTACTS)}]}
    asked, answered, page = named("Survey Sent"), named("Survey Answered"), {"type": "page"}
    order = named("Order Completed", ("currency", "equal", currency))
    paid = {
        "where": [
            {"of": "name", "is": "one_of", "to": ["Order Completed", "Store Purchase"]},
            test("currency", "equal", currency),
        ]
    }
    return [
        _one("nps", "NPS", "Would they recommend us? Answers to the relationship survey.",
             {"kind": "nps", "event": named("Survey Answered", ("properties.type", "equal", "nps"))}, within=QUARTER, unit="NPS"),
        _one("csat", "CSAT", "Satisfaction after a contact: the share of 4 and 5.",
             {"kind": "csat", "event": named("Survey Answered", ("properties.type", "equal", "csat"))}, unit="of answers"),
        _one("ces", "CES", "“They made it easy”, 1 to 7: the mean.",
             {"kind": "ces", "event": named("Survey Answered", ("properties.type", "equal", "ces"))}, unit="of 7"),
        _one("response_rate", "Response rate", "Of the customers who were sent a survey, how many answered one.",
             {"kind": "share", "event": answered, "among": asked}, unit="of customers asked", needs=[asked, answered]),
        _one("revenue", f"Revenue in {currency}", f"Orders and purchases in {currency}; other currencies are left out.",
             {"kind": "sum", "event": paid, "of": "value"}, unit=currency),
        _one("order_value", f"Average order value in {currency}", "",
             {"kind": "mean", "event": order, "of": "value"}, unit=currency),
        _one("repeat", "Repeat purchase", "Of the customers who ordered in 90 days, how many did so at least twice.",
             {"kind": "share", "event": named("Order Completed"), "among": named("Order Completed"), "times": 2}, within=QUARTER,
             unit="of buyers"),
        _one("checkout", "Checkout conversion", "Of the customers who started a checkout, how many ordered.",
             {"kind": "share", "event": named("Order Completed"), "among": named("Checkout Started")}, unit="of customers",
             needs=[named("Order Completed"), named("Checkout Started")]),
        _one("active", "Active customers", "Customers who did or said anything.",
             {"kind": "customers", "event": ANYTHING}, unit="customers"),
        _one("frequency", "Interaction frequency", "Interactions for each active customer.",
             {"kind": "ratio", "over": {"event": ANYTHING}, "under": {"event": ANYTHING, "take": "customers"}}, unit="per customer"),
        _one("stickiness", "Stickiness", "DAU over MAU: on how many days of 30 an active customer is active.",
             {"kind": "stickiness", "event": ANYTHING}, unit="of days"),
        _one("retention", "Came back", "Of the customers active in the 30 days before, how many are in these 30.",
             {"kind": "retention", "event": ANYTHING}, unit="of customers"),
        _one("lapsed", "Went quiet", "Of the customers active in the 30 days before, how many are not in these 30. Without a contract, "
             "that is all that can be seen of leaving.",
             {"kind": "retention", "event": ANYTHING, "count": "lost"}, direction="down", unit="of customers"),
        _one("closed", "Accounts closed", "Customers who closed their account.",
             {"kind": "customers", "event": named("Account Closed")}, direction="down", unit="customers"),
        _one("session_seconds", "Session duration", "From the first page view of a session to its last; a single one lasts 0 seconds.",
             {"kind": "session", "event": page}, unit="seconds", needs=[page]),
        _one("session_pages", "Pages per session", "", {"kind": "session", "event": page, "take": "interactions"}, unit="pages",
             needs=[page]),
        _one("contacts", "Contacts", "Calls, chats, tickets, complaints and messages.",
             {"kind": "count", "event": contact}, direction="down", unit="contacts"),
        _one("contact_rate", "Contacts per active customer", "What it takes customers to get along with us.",
             {"kind": "ratio", "over": {"event": contact}, "under": {"event": ANYTHING, "take": "customers"}}, direction="down",
             unit="per customer", needs=[contact]),
        _one("fcr", "First contact resolution", "Contacts that no other contact of the customer followed within seven days, of those whose seven days are "
             "over. It says what is seen: who gave up doesn't come back either.",
             {"kind": "followed", "event": contact, "until": contact, "count": "alone"}, unit="of contacts", needs=[contact]),
        _one("first_response", "First response to tickets", "The median time from a ticket to its first answer.",
             {"kind": "wait", "event": named("Ticket Opened"), "until": named("Ticket Answered"), "same": "properties.ticket_id"},
             direction="down", unit="seconds", needs=[named("Ticket Opened"), named("Ticket Answered")]),
        _one("resolution", "Resolution of tickets, 90th percentile", "Nine of ten tickets that were solved took at most so long.",
             {"kind": "wait", "event": named("Ticket Opened"), "until": named("Ticket Solved"), "same": "properties.ticket_id",
              "at": 90}, direction="down", unit="seconds", needs=[named("Ticket Opened"), named("Ticket Solved")]),
        _one("call_wait", "Waiting for a call, 90th percentile", "Nine of ten callers wait at most so long.",
             {"kind": "percentile", "event": named("Call Ended"), "of": "properties.wait_seconds", "at": 90}, direction="down",
             unit="seconds", needs=[named("Call Ended", ("properties.wait_seconds", "present"))]),
        _one("call_length", "Length of calls", "The mean, waiting included.",
             {"kind": "mean", "event": named("Call Ended"), "of": "properties.duration_seconds"}, direction="down", unit="seconds",
             needs=[named("Call Ended", ("properties.duration_seconds", "present"))]),
        _one("late", "Late deliveries", "Of the parcels that were delivered, how many came late.",
             {"kind": "ratio", "over": {"event": named("Order Delivered", ("properties.late", "equal", True))},
              "under": {"event": named("Order Delivered", ("properties.late", "present"))}}, direction="down", unit="per delivery",
             needs=[named("Order Delivered", ("properties.late", "present"))]),
        _one("errors", "Errors per page view", "Error messages that customers were shown, for each page view.",
             {"kind": "ratio", "over": {"event": named("Error Shown")}, "under": {"event": page}}, direction="down",
             unit="per page", needs=[named("Error Shown"), page]),
        _one("met_error", "Customers who met an error", "Of the active customers, how many were shown an error.",
             {"kind": "share", "event": named("Error Shown"), "among": ANYTHING}, direction="down", unit="of customers",
             needs=[named("Error Shown")]),
        _one("lcp", "Largest contentful paint, 75th percentile", "How long the largest part of a page takes to show; good is 2,500 ms.",
             {"kind": "percentile", "event": named("Web Vitals"), "of": "properties.lcp_ms", "at": 75}, direction="down",
             unit="ms", needs=[named("Web Vitals", ("properties.lcp_ms", "present"))]),
        _one("inp", "Interaction to next paint, 75th percentile", "How long a page takes to answer a click or key; good is 200 ms.",
             {"kind": "percentile", "event": named("Web Vitals"), "of": "properties.inp_ms", "at": 75}, direction="down",
             unit="ms", needs=[named("Web Vitals", ("properties.inp_ms", "present"))]),
        _one("cls", "Cumulative layout shift, 75th percentile", "How far a page jumps while it is read; good is 0.1.",
             {"kind": "percentile", "event": named("Web Vitals"), "of": "properties.cls", "at": 75}, direction="down",
             needs=[named("Web Vitals", ("properties.cls", "present"))]),
        _one("ttfb", "Time to first byte, 75th percentile", "How long the first answer takes; good is 800 ms.",
             {"kind": "percentile", "event": named("Web Vitals"), "of": "properties.ttfb_ms", "at": 75}, direction="down",
             unit="ms", needs=[named("Web Vitals", ("properties.ttfb_ms", "present"))]),
        *(
            _one(origin, f"{name} per page view", about, {"kind": "ratio", "over": {"event": named(event)}, "under": {"event": page}},
                 direction="down", unit="per page", needs=[named(event), page])
            for origin, name, about, event in _TROUBLES
        ),
        _one("check_availability", "Availability of checks", "Of the runs of synthetic checks, how many were as they must be. Part it by properties.check.",
             {"kind": "share", "event": named("Check ran", ("properties.ok", "equal", True)), "among": named("Check ran")},
             within=WEEK, unit="of runs", needs=[named("Check ran")]),
        _one("check_duration", "Duration of checks, 75th percentile", "Of the runs without fault, three of four took at most so long.",
             {"kind": "percentile", "event": named("Check ran", ("properties.ok", "equal", True)), "of": "properties.duration_ms", "at": 75},
             within=WEEK, direction="down", unit="ms", needs=[named("Check ran")]),
        _one("checks_failed", "Failed runs of checks", "Watch it by the hour above a limit, to be told within a minute.",
             {"kind": "count", "event": named("Check ran", ("properties.ok", "equal", False))},
             within=WEEK, direction="down", unit="runs", needs=[named("Check ran")]),
        _one("mail_opened", "E-mails opened", "Of the customers who got mail, how many opened one.",
             {"kind": "share", "event": named("Email Opened"), "among": named("Email Delivered")}, unit="of customers",
             needs=[named("Email Opened"), named("Email Delivered")]),
    ]  # fmt: skip


def named(name: str, *tests: tuple[Any, ...]) -> dict[str, Any]:
    """Return an event by its name, with tests of its properties."""
    return {"name": name} | ({"where": [test(*one) for one in tests]} if tests else {})


def test(of: str, how: str, *to: Any) -> dict[str, Any]:
    """Return a test of a property."""
    return {"of": of, "is": how} | ({"to": to[0]} if to else {})


def _one(  # noqa: PLR0913  one argument for each part
    origin: str, name: str, about: str, measure: Mapping[str, Any], *, within: Mapping[str, Any] = MONTH, unit: str = "",
    direction: str = "up", needs: Sequence[Mapping[str, Any]] | None = None,
) -> Shipped:  # fmt: skip
    definition = {"measure": measure, "within": within, "unit": unit, "direction": direction}
    wanted = needs if needs is not None else [measure["event"]] if "event" in measure else []
    return Shipped(origin=origin, name=name, about=about, definition=definition, needs=wanted)
