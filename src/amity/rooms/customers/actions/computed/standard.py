"""Give a workspace RFM, lifecycle and engagement out of the box, as computed traits like any other."""

from __future__ import annotations

import json

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.audiences.verbs import create_audience
from amity.rooms.customers.actions.computed.verbs import change_trait, create_trait
from amity.rooms.customers.models import Audience, ComputedTrait
from amity.rooms.customers.queries.computed.preview import preview
from amity.rooms.customers.queries.computed.rfm import standard_ids
from amity.rooms.customers.rules.audiences.language import read as read_audience
from amity.rooms.customers.rules.computed.language import Definition, read
from amity.rooms.customers.rules.computed.standard import bound, standard
from amity.rooms.trust.contracts import Access

FALLBACK, SHORTEST, LONGEST = 30, 1, 730  # days of the usual rhythm, where nobody bought twice, and its bounds


def make_standard(
    access: Access, *, purchase: str, refund: str = "", typical: int | None = None, request: HttpRequest | None = None
) -> list[ComputedTrait]:
    """Make the standard traits for a purchase's event, or change those that are there. Raises Invalid with what to mend.

    `typical`: the usual number of days between two purchases; without it, the median of customers who bought twice or more.
    """
    purchase, refund = purchase.strip(), refund.strip()
    if not purchase:
        raise Invalid("Name the event of a purchase, such as Order Completed.")
    if typical is None:
        typical = _usual(access, purchase)
    if not SHORTEST <= typical <= LONGEST:
        raise Invalid(f"The usual time between purchases is {SHORTEST} to {LONGEST} days.")
    ids = standard_ids(access.workspace_id)
    made = []
    with transaction.atomic():
        for one in standard(purchase=purchase, refund=refund, typical=typical):
            definition = read(json.dumps({"version": 1, "value": bound(one.value, ids)}))
            if one.origin in ids:
                trait = change_trait(access, trait_id=ids[one.origin], about=one.about, definition=definition, request=request)
            else:
                trait = create_trait(
                    access, name=one.name, about=one.about, definition=definition, origin=one.origin, request=request
                )
                ids[one.origin] = trait.pk
            made.append(trait)
    return made


def save_cell(access: Access, *, recency: int, frequency: int, name: str = "", request: HttpRequest | None = None) -> Audience:
    """Make an audience of a cell of the RFM grid; it follows the scores. Raises Invalid."""
    ids = standard_ids(access.workspace_id)
    if not {"rfm.r", "rfm.f"} <= ids.keys():
        raise Invalid("RFM isn't set up here yet.")
    where = {"kind": "all", "of": [
        {"kind": "computed", "id": ids["rfm.r"], "is": "equal", "to": recency},
        {"kind": "computed", "id": ids["rfm.f"], "is": "equal", "to": frequency},
    ]}  # fmt: skip
    return create_audience(
        access, name=name or f"RFM: recency {recency}, frequency {frequency}",
        definition=read_audience(json.dumps({"version": 1, "where": where})), request=request,
    )  # fmt: skip


def save_named(access: Access, *, origin: str, value: str, request: HttpRequest | None = None) -> Audience:
    """Make an audience of an RFM segment or a lifecycle stage. Raises Invalid."""
    ids = standard_ids(access.workspace_id)
    if origin not in ids:
        raise Invalid("RFM isn't set up here yet.")
    where = {"kind": "computed", "id": ids[origin], "is": "equal", "to": value}
    kind = "RFM segment" if origin == "rfm.segment" else "Lifecycle"
    definition = read_audience(json.dumps({"version": 1, "where": where}))
    return create_audience(access, name=f"{kind}: {value}", definition=definition, request=request)


def _usual(access: Access, purchase: str) -> int:
    """Return the median of customers' own days between purchases, of those who bought on two days or more."""
    event = {"name": purchase}
    days = {"kind": "days_since", "event": event}
    more = {
        "kind": "combine",
        "do": "subtract",
        "of": [{"kind": "count", "event": event, "each": "days"}, {"kind": "fixed", "is": 1}],
    }
    span = {"kind": "combine", "do": "subtract", "of": [{**days, "take": "first"}, {**days, "take": "last"}]}
    rhythm: Definition = read(json.dumps({"version": 1, "value": {"kind": "combine", "do": "divide", "of": [span, more]}}))
    found = preview(rhythm, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    return min(max(round(found.middle[1]), SHORTEST), LONGEST) if found.middle else FALLBACK
