"""The phrases of all known events, found by name."""

from __future__ import annotations

from amity.rooms.customers.rules.portrait.phrases_bank import BANK
from amity.rooms.customers.rules.portrait.phrases_contact import CONTACT
from amity.rooms.customers.rules.portrait.phrases_product import POSTHOG, PRODUCT
from amity.rooms.customers.rules.portrait.phrases_shop import SHOP
from amity.rooms.customers.rules.portrait.shapes import Phrase
from amity.rooms.customers.rules.portrait.words import event_key

_PHRASES = SHOP | BANK | CONTACT | PRODUCT


def find_phrase(name: str) -> Phrase | None:
    """Return the phrase of a tracked event. PostHog's own names count letter by letter, others however they are written."""
    return POSTHOG.get(name) or _PHRASES.get(event_key(name))
