"""Linden's funnels, the maps of its journeys, each stage counted from what customers do, and pain points, priced by the worker."""

from __future__ import annotations

import json
from typing import Any

from amity.rooms.journeys.actions.friction.pains import ask_price, keep_pain
from amity.rooms.journeys.actions.funnels import create_funnel
from amity.rooms.journeys.actions.maps import create_journey
from amity.rooms.journeys.models import Journey, PainPoint, SavedFunnel
from amity.rooms.journeys.rules.friction import language as friction
from amity.rooms.journeys.rules.funnels import language as funnels
from amity.rooms.journeys.rules.maps import language as maps
from amity.rooms.trust.contracts import Access


def make_funnels(access: Access) -> int:
    """Make the funnels that are missing."""
    there = set(SavedFunnel.objects.filter(workspace_id=access.workspace_id).values_list("name", flat=True))
    missing = [name for name in FUNNELS if name not in there]
    for name in missing:
        about, asked = FUNNELS[name]
        create_funnel(access, name=name, about=about, funnel=funnels.read(json.dumps({"version": 1, **asked})))
    return len(missing)


def make_journeys(access: Access) -> int:
    """Make the maps that are missing."""
    there = set(Journey.objects.filter(workspace_id=access.workspace_id).values_list("name", flat=True))
    missing = [name for name in JOURNEYS if name not in there]
    for name in missing:
        about, lifecycle, owner, days, stages = JOURNEYS[name]
        drawn = {
            "version": 1, "within": {"amount": days, "unit": "days"},
            "stages": [{"key": f"s{n}", "name": called, **told} for n, (called, told) in enumerate(stages.items(), 1)],
        }  # fmt: skip
        create_journey(access, name=name, about=about, lifecycle=lifecycle, owner=owner, content=maps.read(json.dumps(drawn)))
    return len(missing)


def make_pains(access: Access) -> int:
    """Make the pain points that are missing, on their stages where those are there, and ask for their prices."""
    there = set(PainPoint.objects.filter(workspace_id=access.workspace_id).values_list("name", flat=True))
    maps_there = dict(Journey.objects.filter(workspace_id=access.workspace_id, archived_at=None).values_list("name", "pk"))
    missing = [name for name in PAINS if name not in there]
    for name in missing:
        about, journey, stage, effort, told = PAINS[name]
        place = maps_there.get(journey)
        made = keep_pain(
            access, name=name, about=about, pain=friction.read(json.dumps({"version": 1, **told})), journey_id=place,
            stage=stage if place else "", effort=effort,
        )  # fmt: skip
        ask_price(access, pain_id=made.pk)
    return len(missing)


def _steps(*names: str) -> list[dict[str, Any]]:
    return [{"event": {"name": name}} for name in names]


FUNNELS: dict[str, tuple[str, dict[str, Any]]] = {
    "From a product to its order": (
        "Within a day, by the device on which it began.",
        {"steps": _steps("Product Viewed", "Product Added", "Checkout Started", "Order Completed"),
         "within": {"amount": 1, "unit": "days"}, "by": {"kind": "value", "of": "device"}},
    ),
    "From the form to the first payment": (
        "New accounts: the identity check is where they are lost.",
        {"steps": _steps("Onboarding Started", "ID Check Started", "ID Check Passed", "Account Opened", "Card Payment Succeeded"),
         "within": {"amount": 30, "unit": "days"}, "period": {"kind": "last", "amount": 365, "unit": "days"}},
    ),
}  # fmt: skip

JOURNEYS: dict[str, tuple[str, str, str, int, dict[str, dict[str, Any]]]] = {
    "Opening an account": (
        "From the first form to a card that pays.", "Joining", "Amara Obi", 30,
        {
            "Begin": {
                "event": {"name": "Onboarding Started"}, "emotion": 1, "owner": "Amara Obi",
                "steps": ["Install the app", "Fill in name and address"], "touchpoints": ["App"],
            },
            "Show who they are": {
                "event": {"name": "ID Check Started"}, "emotion": -1, "owner": "Teun Visser",
                "steps": ["Photograph a document", "Look into the camera", "Try again"], "touchpoints": ["App", "Camera"],
                "pains": ["On simple phones the camera fails, and says only “error”"],
                "opportunities": ["Offer the check in a branch after the second failure"],
                "backstage": ["Identity provider", "Rules on money laundering"],
            },
            "Known": {
                "event": {"name": "ID Check Passed"}, "emotion": 1, "owner": "Teun Visser",
                "steps": ["Read that it worked"], "touchpoints": ["App", "E-mail"],
            },
            "Account open": {
                "event": {"name": "Account Opened"}, "emotion": 2, "owner": "Amara Obi",
                "steps": ["See the balance", "Read the welcome"], "touchpoints": ["App", "E-mail"],
            },
            "Card in hand": {
                "event": {"name": "Card Delivered"}, "emotion": 1, "owner": "Card operations",
                "steps": ["Wait for the post", "Set the PIN"], "touchpoints": ["Post"],
                "opportunities": ["Let them pay by phone before the card is there"], "backstage": ["Card maker", "Post"],
            },
            "First payment": {
                "event": {"name": "Card Payment Succeeded"}, "emotion": 2, "owner": "Card operations",
                "steps": ["Pay in a shop"], "touchpoints": ["Card"], "pains": ["Some first payments are declined as suspicious"],
            },
        },
    ),
    "Buying, and having it": (
        "From looking around to the parcel.", "Using", "Ines Rocha", 30,
        {
            "Look around": {
                "event": {"name": "Product Viewed"}, "emotion": 1, "owner": "Shop", "steps": ["Search", "Compare"],
                "touchpoints": ["Web", "App"], "pains": ["Pages are slow on phones"],
            },
            "Choose": {
                "event": {"name": "Product Added"}, "emotion": 1, "owner": "Shop", "steps": ["Put it in the basket"],
                "touchpoints": ["Web", "App"],
            },
            "Check out": {
                "event": {"name": "Checkout Started"}, "emotion": -1, "owner": "Shop",
                "steps": ["Give address and card", "Choose the day"], "touchpoints": ["Web", "App"],
                "pains": ["On simple phones the last button sometimes fails"], "backstage": ["Payment provider"],
            },
            "Bought": {
                "event": {"name": "Order Completed"}, "emotion": 2, "owner": "Shop", "steps": ["Read the confirmation"],
                "touchpoints": ["Web", "App", "E-mail"],
            },
            "On its way": {
                "event": {"name": "Order Shipped"}, "emotion": 1, "owner": "Delivery", "steps": ["Follow the parcel"],
                "touchpoints": ["E-mail"], "opportunities": ["Say at once when the day can’t be kept"],
                "backstage": ["Warehouse", "Correio, Paket, Colis"],
            },
            "Have it": {
                "event": {"name": "Order Delivered"}, "emotion": 1, "owner": "Delivery", "steps": ["Wait at home", "Unpack"],
                "touchpoints": ["Post"], "pains": ["Parcels come late to cities without a warehouse"],
            },
        },
    ),
    "A complaint": (
        "From what went wrong to made good.", "When it goes wrong", "Jonas Weber", 60,
        {
            "Complains": {
                "event": {"name": "Complaint Filed"}, "emotion": -2, "owner": "Service", "steps": ["Say what went wrong"],
                "touchpoints": ["Web form"], "pains": ["Has to look for the form"],
            },
            "Is heard": {
                "event": {"name": "Complaint Answered"}, "emotion": -1, "owner": "Service", "steps": ["Wait", "Read the answer"],
                "touchpoints": ["E-mail"], "opportunities": ["Tell how long it will take, on the first day"],
            },
            "Made good": {
                "event": {"name": "Complaint Resolved"}, "emotion": 1, "owner": "Service", "steps": ["Accept what is offered"],
                "touchpoints": ["E-mail"], "backstage": ["Refunds"],
            },
        },
    ),
}  # fmt: skip

_PAYS = {"where": [{"of": "name", "is": "one_of", "to": ["Card Payment Succeeded", "Card Declined"]}]}

PAINS: dict[str, tuple[str, str, str, int, dict[str, Any]]] = {
    "Parcel comes late": (
        "Later than the day that was promised.", "Buying, and having it", "s6", 3,
        {"friction": {"name": "Order Delivered", "where": [{"of": "properties.late", "is": "equal", "to": True}]},
         "chance": {"name": "Order Delivered"}, "known": ["traits.plan", "traits.city"],
         "outcome": {"kind": "spending", "event": {"name": "Order Completed"}, "of": "properties.revenue", "days": 30}},
    ),
    "Card declined for no reason": (
        "Suspected fraud or a fault, though the money was there.", "Opening an account", "s6", 4,
        {"friction": {"name": "Card Declined",
                      "where": [{"of": "properties.reason", "is": "one_of", "to": ["suspected_fraud", "technical"]}]},
         "chance": _PAYS, "known": ["traits.plan"], "worth": 180,
         "outcome": {"kind": "leaving", "event": {"name": "Account Closed"}, "days": 30}},
    ),
    "Error at the last button": (
        "The checkout fails, on simple phones above all.", "Buying, and having it", "s3", 2,
        {"friction": {"name": "Checkout Failed"}, "chance": {"name": "Checkout Started"}, "known": ["traits.plan"],
         "outcome": {"kind": "spending", "event": {"name": "Order Completed"}, "of": "properties.revenue", "days": 30}},
    ),
}  # fmt: skip
