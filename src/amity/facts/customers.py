"""Facts of the customers room, as they enter the log: each is an interaction's name and the shape of its properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

NOTE_ADDED = "Note added"
AUDIENCE_ENTERED = "Audience entered"
AUDIENCE_LEFT = "Audience left"
CUSTOMERS_MERGED = "Customers merged"
CUSTOMER_CORRECTED = "Customer corrected"
CUSTOMERS_UNMERGED = "Customers unmerged"
CONSENT_CHANGED = "Consent changed"


class NoteAdded(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague wrote something down about a customer. Ours, not the customer's: it counts as no activity.

    `author` is the person's or token's name as it was then, `author_id` says which.
    """

    text: str
    author: str
    author_id: str


class CustomerCorrected(msgspec.Struct, frozen=True, kw_only=True):
    """A person's data was corrected because they asked. The values are in `context.traits`, as in any interaction that tells some.

    `traits` are the names of what changed, `by` who did it (the person's or token's name as it was then) and `by_id` which, `request`
    names the request. Ours: it counts as no activity.
    """

    traits: list[str]
    by: str
    by_id: str
    request: str


class CustomersMerged(msgspec.Struct, frozen=True, kw_only=True):
    """A person said that customers are one, or applied rules that make them one. What the pipeline merges is told by no fact.

    `merged_ids` are those that became part of `customer_id`. `rule` is `people` or `rules`, `by` the person's or token's name.
    """

    customer_id: str
    merged_ids: list[str]
    rule: str
    by: str


class CustomersUnmerged(msgspec.Struct, frozen=True, kw_only=True):
    """A person took merges back, or applied rules that split a customer: who was `customer_id` is also those of `parted_ids` now; anything computed of them is old.

    Told once for each customer that lost something. `by` is the person's or token's name.
    """

    customer_id: str
    parted_ids: list[str]
    by: str


class ConsentChanged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer answered in the preference centre, or a colleague noted what a customer said.

    `choices` are yes and no by name: a purpose, `topic:…`, `frequency:…` or `pause:…`, each behind `said:`. `texts` holds by name
    which version of which text was read, and its SHA-256. `person` noted it, for the `reason`.
    """

    choices: Mapping[str, bool]
    origin: str
    place: str
    texts: Mapping[str, Sequence[str]] = {}
    person: str = ""
    reason: str = ""


class AudienceEntered(msgspec.Struct, frozen=True, kw_only=True):
    """A customer began to meet an audience's definition, or came on its list. Ours: it counts as no activity.

    `audience` is its name as it was then.
    """

    audience_id: int
    audience: str


class AudienceLeft(msgspec.Struct, frozen=True, kw_only=True):
    """A customer no longer meets an audience's definition, or went off its list. Ours: it counts as no activity."""

    audience_id: int
    audience: str
