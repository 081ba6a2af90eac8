"""Linden's audiences, and the traits that RFM and lifecycle need."""

from __future__ import annotations

import json
from typing import Any

from amity.rooms.customers.actions.audiences.verbs import create_audience
from amity.rooms.customers.actions.computed.standard import make_standard
from amity.rooms.customers.models import Audience, ComputedTrait
from amity.rooms.customers.rules.audiences.language import read
from amity.rooms.trust.contracts import Access

_Condition = dict[str, Any]


def make_audiences(access: Access) -> int:
    """Make the audiences that are missing."""
    there = set(Audience.objects.filter(workspace_id=access.workspace_id).values_list("name", flat=True))
    missing = [name for name in AUDIENCES if name not in there]
    for name in missing:
        about, where = AUDIENCES[name]
        create_audience(access, name=name, about=about, definition=read(json.dumps({"version": 1, "where": where})))
    return len(missing)


def make_traits(access: Access) -> int:
    """Make the standard traits of what customers buy, where there are none."""
    if ComputedTrait.objects.filter(workspace_id=access.workspace_id).exclude(origin="").exists():
        return 0
    return len(make_standard(access, purchase="Order Completed", refund="Order Refunded"))


def _last(days: int) -> _Condition:
    return {"kind": "last", "amount": days, "unit": "days"}


def _did(name: str, *tests: tuple[str, str, Any], within: int, **more: Any) -> _Condition:
    event: _Condition = {"name": name}
    if tests:
        event["where"] = [{"of": of, "is": how, "to": to} for of, how, to in tests]
    return {"kind": "did", "event": event, "within": _last(within), **more}


def _all(*conditions: _Condition) -> _Condition:
    return {"kind": "all", "of": list(conditions)}


def _not(condition: _Condition) -> _Condition:
    return {"kind": "not", "of": condition}


_LIKELY = {"name": "Survey Answered", "where": [{"of": "properties.type", "is": "equal", "to": "nps"}]}

AUDIENCES: dict[str, tuple[str, _Condition]] = {
    "Collectors": (
        "Six orders or more in half a year.", _did("Order Completed", within=180, at_least=6),
    ),
    "Pays abroad": (
        "Three card payments abroad or more in 90 days.",
        _did("Card Payment Succeeded", ("properties.abroad", "equal", True), within=90, at_least=3),
    ),
    "Branch and kiosk regulars": (
        "In a branch, or at a kiosk, on three days or more in 90.",
        {"kind": "did", "event": {"where": [{"of": "name", "is": "one_of", "to": ["Store Visited", "Kiosk Used"]}]},
         "within": _last(90), "at_least": 3, "count": "days"},
    ),
    "Parcel came late": (
        "A parcel came after the promised day in the last 30 days.",
        _did("Order Delivered", ("properties.late", "equal", True), within=30),
    ),
    "Waits for an answer": (
        "Wrote a ticket in the last week, and no ticket of theirs was answered in it.",
        _all(_did("Ticket Opened", within=7), _not(_did("Ticket Answered", within=7))),
    ),
    "Left the checkout": (
        "Put something in the basket, began to pay within a day, and ordered nothing in the two days after.",
        {"kind": "sequence",
         "steps": [{"event": {"name": "Product Added"}},
                   {"event": {"name": "Checkout Started"}, "within": {"amount": 1, "unit": "days"}}],
         "then_not": {"event": {"name": "Order Completed"}, "within": {"amount": 2, "unit": "days"}}, "within": _last(14)},
    ),
    "Detractors worth much": (
        "Gave 6 or less when last asked, and ordered for 500 or more in a year.",
        _all(
            {"kind": "measure", "event": _LIKELY, "take": "last", "of": "properties.score", "is": "at_most", "to": 6,
             "within": _last(180)},
            {"kind": "measure", "event": {"name": "Order Completed"}, "take": "sum", "of": "value", "is": "at_least", "to": 500,
             "within": _last(365)},
        ),
    ),
    "Left the identity check": (
        "Failed it twice in the last 90 days and has opened no account since.",
        _all(
            _did("ID Check Failed", within=90, at_least=2),
            _not(_did("Account Opened", within=90)),
        ),
    ),
    "Buyers who went quiet": (
        "Ordered twice or more in a year, and nothing seen of them for 60 days.",
        _all(
            _did("Order Completed", within=365, at_least=2),
            _not({"kind": "did", "event": {}, "within": _last(60)}),
        ),
    ),
}  # fmt: skip
