"""Hundreds of interactions of every kind come out as they always did: whoever makes placing quicker must not change it."""

from __future__ import annotations

import random
from hashlib import sha256

import msgspec
import pytest
from django.db import connection

from amity.rooms.customers import api
from amity.rooms.customers.models import IdentityRule, IdentitySetting
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.making import MINUTE, event

pytestmark = pytest.mark.django_db

PEOPLE = 12
# What placing made of this history in batches of so many, before anything was made quicker.
EXPECTED = {
    12: "c73e50e2337d701c21c3565239977dcfd7756a94e0b19c80f4652bcc8123c400",
    600: "063decfd686cf0103aecd8d957a0b438d8402528680e6c0414317c8b6802b3f1",
}
TABLES = {
    "customers_customer": "id, created_at, traits, origins, words::text, merged_into",
    "customers_identifier": "value, kind, customer_id, added_at, source_id, key, aliased",
    "customers_activity": 'customer_id, merged, seen_minute, first_seen, last_seen, last_key, last_name, interactions, channels, "values", '
    "consent, session_id, session_start, session_campaign",
    "customers_merge": "old_id, into_id, rule, time, merged_at, source_id, key, identifiers, moved",
    "customers_mark": "customer_id, since, recount",
}


def history(house: int, *, number: int = 600, seed: int = 7):
    """Sign-ins, shared tablets, aliases, late and odd ones, orders, consent, campaigns, mails; mostly in order of time."""
    dice = random.Random(seed)
    for n in range(number):
        who = dice.randrange(PEOPLE)
        kind = dice.choices(("track", "identify", "page", "group", "alias"), (12, 4, 3, 1, 1))[0]
        context: dict[str, object] = {}
        if dice.random() < 0.4:
            context["consent"] = {"categoryPreferences": {f"purpose {dice.randrange(3)}": dice.random() < 0.5, "odd": "yes"}}
        if dice.random() < 0.1:
            context["device"] = {"id": f"d{who}", "advertisingId": "00000000"}
        if dice.random() < 0.1:
            context["externalIds"] = [{"type": "loyalty", "id": f"L{who}"}, {"type": "", "id": 5}, "x"]
        if dice.random() < 0.1:
            context["traits"] = {"email": f"M{who}@Example.com", "plan": dice.choice(("pro", None))}
        traits = {}
        if kind in {"identify", "group"}:
            traits = dice.choice(
                (
                    {"email": f"m{who}@example.com"},
                    {"phone": "+49 30 123456"},
                    {"name": "Ada \ud800", "n": n},
                    {"deep": {"a": [1, None]}},
                )
            )
        order = dice.random() < 0.2
        yield event(
            f"e{n}",
            workspace=house if dice.random() < 0.99 else house + 999,
            source=1 + n % 3,
            at=n * MINUTE * dice.choice((1, 1, 1, 1, 1, 1, 1, 2)) - (dice.random() < 0.05) * 90 * MINUTE,
            received_at=1_790_000_000_000 + n * MINUTE,
            kind=kind,
            name="Order Completed" if order else f"Step {n % 7}",
            user_id=f"user-{who}" if dice.random() < 0.4 else dice.choice((None, None, "undefined", "0")),
            anonymous_id=f"browser-{dice.choice((who, who, who, dice.randrange(3)))}" if dice.random() < 0.8 else None,
            previous_id=f"old-{who}" if kind == "alias" else None,
            traits=traits,
            properties={"total": n / 4, "currency": dice.choice(("EUR", "usd", ""))} if order else {"revenue": "x"},
            context=context,
            channel=dice.choice(("web", "app", "store")),
            gpc=dice.random() < 0.05,
            voice=dice.choices(("did", "said", "ours"), (8, 1, 2))[0],
            campaign=("mail", "email", f"c{n % 3}") if dice.random() < 0.1 else ("", "", ""),
        )


def digest(placements) -> str:
    """Return a hash of all that was answered and all that is stored."""
    told = [[*(str(getattr(p, name)) for name in FIELDS), *((r.kind, r.value, r.reason) for r in p.refused)] for p in placements]
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(f"SELECT {columns} FROM {table}")
            told.append(sorted([str(value) for value in row] for row in cursor.fetchall()))
    return sha256(msgspec.json.encode(told)).hexdigest()


FIELDS = [
    "key",
    "customer_id",
    "rejected",
    "created",
    "session_id",
    "session_start",
    "previous_name",
    "previous_key",
    "previous_time",
    "value",
    "currency",
    "consent",
    "late",
]


@pytest.mark.parametrize("size", [12, 600])
def test_it_comes_out_as_ever_in_batches_of_any_size(size):
    house = Workspace.objects.create(pk=4_711, slug="history", name="History", sessions_end_at_midnight=True).pk
    IdentityRule.objects.create(workspace_id=house, kind="anonymous_id", limit=4, priority=50, blocked=["browser-2"])
    IdentitySetting.objects.create(workspace_id=house, phone_region="DE")
    events = list(history(house))
    placements = [one for start in range(0, len(events), size) for one in api.place(events[start : start + size]).placements]
    assert digest(placements) == EXPECTED[size]
