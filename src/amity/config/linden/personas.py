"""Linden's personas: three of the six kinds of customers that its story is told of, seen as a team there would see them."""

from __future__ import annotations

from amity.rooms.customers.actions.personas.verbs import create_persona, quote_words
from amity.rooms.customers.models import Audience, Persona
from amity.rooms.customers.rules.personas.portrait import Portrait
from amity.rooms.trust.contracts import Access

_RESEARCH = "Twelve interviews and two diary studies in the spring, with customers who had been with Linden for a year or more."


def make_personas(access: Access) -> int:
    """Make the personas that are missing, each tied to its audience where that is there."""
    there = set(Persona.objects.filter(workspace_id=access.workspace_id).values_list("name", flat=True))
    audiences = dict(Audience.objects.filter(workspace_id=access.workspace_id, archived_at=None).values_list("name", "pk"))
    missing = [name for name in PERSONAS if name not in there]
    for name in missing:
        audience, portrait, quotes = PERSONAS[name]
        made = create_persona(access, name=name, portrait=portrait, audience_id=audiences.get(audience))
        for words, heard in quotes:
            quote_words(access, persona_id=made.pk, words=words, heard=heard)
    return len(missing)


PERSONAS: dict[str, tuple[str, Portrait, tuple[tuple[str, str], ...]]] = {
    "Clara, who collects": (
        "Collectors",
        Portrait(
            line="Buys often, knows the range by heart, and tells others about it.",
            about="Clara looks in a few times a week and knows what is new before the newsletter does. She orders small things often. "
            "What she minds is not the price but the wait, and above all a wait that nobody tells her of.",
            goals=("Be the first to have what is new", "Complete what she has begun"),
            needs=("To know the day, and that it holds", "To add to an order that isn’t sent yet"),
            frustrations=("A parcel that is late without a word", "Searching again for what she looked at yesterday"),
            contexts=("In the evening on the sofa, on the phone", "On the laptop when it comes to paying"),
            research=_RESEARCH, language="en", initials="C", tint=5,
        ),
        (("I don’t need it tomorrow. I need to know when.", "Interview, 14 April, participant 3"),),
    ),
    "Idris, on the road": (
        "Pays abroad",
        Portrait(
            line="Pays by card in five currencies and has no time for a declined one.",
            about="Idris travels for work every other week. His card is his luggage: if it fails at a hotel desk at midnight, he "
            "needs somebody at once and in his language, and afterwards he carries a second bank’s card.",
            goals=("Pay everywhere without thinking", "Keep work’s costs apart from his own"),
            needs=("Help at any hour, by message", "To tell the bank where he is before it asks"),
            frustrations=("Declined at a desk, with people behind him", "Explaining the same trip twice"),
            contexts=("Airports and hotels, at odd hours", "The app, with one hand"),
            research=_RESEARCH, language="en", initials="I", tint=3,
        ),
        (("A declined card isn’t an inconvenience. It’s an embarrassment.", "Diary study, May, participant 8"),),
    ),
    "Helga, at the counter": (
        "Branch and kiosk regulars",
        Portrait(
            line="Prefers people to screens, and her branch to both.",
            about="Helga comes to the branch on Thursdays, pays in, prints her statements at the kiosk, and has a word with whoever "
            "is there. She calls when something is wrong, and remembers who helped.",
            goals=("Have it done properly, once", "Keep an eye on every cent"),
            needs=("A person who has the time", "Letters large enough to read"),
            frustrations=("Being sent to the app", "Waiting on the phone without knowing how long"),
            contexts=("The branch in the morning", "The landline in the kitchen"),
            research=_RESEARCH, language="en", initials="H", tint=7,
        ),
        (("If I wanted to talk to a machine, I’d talk to the kiosk.", "Interview, 2 June, participant 11"),),
    ),
}  # fmt: skip
