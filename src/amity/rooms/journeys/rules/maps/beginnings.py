"""Maps to begin with. Their events are names that are common; one's own are put in on the map."""

from __future__ import annotations

import json

from amity.rooms.journeys.rules.maps.language import JourneyMap, read

_Stages = list[tuple[str, str, int, list[str]]]
_KINDS: dict[str, tuple[str, str, _Stages]] = {
    "onboarding": (
        "Onboarding", "From signing up to the first value",
        [("Sign up", "Signed Up", 1, ["Compare what there is", "Fill in the form"]), ("Set up", "Onboarding Started", 0, ["Give details", "Prove who they are"]),
         ("First use", "Account Opened", 1, ["Try the main thing once"]), ("Habit", "Signed In", 2, ["Come back by themselves"])],
    ),
    "purchase": (
        "Purchase", "From looking around to having it",
        [("Look around", "Product Viewed", 1, ["Search", "Compare"]), ("Choose", "Product Added", 1, ["Put it in the basket"]),
         ("Pay", "Checkout Started", -1, ["Give address and card"]), ("Bought", "Order Completed", 2, ["Read the confirmation"]),
         ("Have it", "Order Delivered", 1, ["Wait", "Unpack"])],
    ),
    "support": (
        "Support", "From a question to an answer that holds",
        [("Has a question", "Ticket Opened", -1, ["Look for help", "Describe the problem"]), ("Gets an answer", "Ticket Answered", 0, ["Read it", "Try it"]),
         ("Solved", "Ticket Solved", 1, ["Go on with their day"])],
    ),
    "complaint": (
        "Complaint", "From what went wrong to made good",
        [("Complains", "Complaint Received", -2, ["Say what went wrong"]), ("Is heard", "Complaint Acknowledged", -1, ["Wait for an answer"]),
         ("Made good", "Complaint Resolved", 1, ["Accept or refuse what is offered"])],
    ),
    "renewal": (
        "Renewal", "From the reminder to staying",
        [("Reminded", "Renewal Reminded", 0, ["Remember what it costs"]), ("Weighs it", "Plan Viewed", 0, ["Compare with others"]),
         ("Stays", "Subscription Renewed", 1, ["Pay again"])],
    ),
    "account": (
        "Account opening", "Banking: from the form to a card that pays",
        [("Begin", "Onboarding Started", 1, ["Fill in name and address"]),
         ("Show who they are", "ID Check Started", -1, ["Photograph a document", "Look into the camera"]),
         ("Account open", "Account Opened", 2, ["Read the welcome"]), ("Card in hand", "Card Delivered", 1, ["Wait for the post", "Set the PIN"]),
         ("First payment", "Card Payment Succeeded", 2, ["Pay in a shop"])],
    ),
    "dispute": (
        "Card dispute", "Banking: from a payment that wasn’t theirs to an answer",
        [("Disputes it", "Dispute Opened", -2, ["See the payment", "Block the card", "Say why"]),
         ("Waits", "Dispute Acknowledged", -1, ["Hand in what is asked for", "Ask how it stands"]),
         ("Is told", "Dispute Resolved", 1, ["Read the decision", "See the money"])],
    ),
    "loan": (
        "Loan", "Banking: from the wish to the money",
        [("Asks", "Loan Requested", 0, ["Compare", "Give income and costs"]), ("Is answered", "Loan Approved", 1, ["Wait", "Read the conditions"]),
         ("Has it", "Loan Paid Out", 2, ["Sign", "See the money"])],
    ),
}  # fmt: skip


def beginnings() -> dict[str, tuple[str, str]]:
    """Return (name, what it is) of the maps to begin with."""
    return {kind: (name, about) for kind, (name, about, _) in _KINDS.items()}


def beginning(kind: str) -> JourneyMap:
    """Return a map to begin with; an empty one for what is no kind."""
    if kind not in _KINDS:
        return JourneyMap()
    stages = [
        {"key": f"s{n}", "name": name, "event": {"name": event}, "emotion": emotion, "steps": steps}
        for n, (name, event, emotion, steps) in enumerate(_KINDS[kind][2], 1)
    ]
    return read(json.dumps({"version": 1, "stages": stages}))
