"""Where a customer stands comes out the same, whether the past sums it up or a story at hand does."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from itertools import count
from uuid import UUID

import msgspec
import pytest

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, seconds
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import NotFound
from amity.kernel.ids import new_id
from amity.rooms.customers.contracts import Customer
from amity.rooms.customers.queries.standing import get_moment, standing, what_matters
from amity.rooms.customers.queries.story import timeline

pytestmark = [pytest.mark.usefixtures("past_ready")]

NAMES = (
    "Order Completed", "Payment Declined", "Payment Completed", "App Crashed", "Page Viewed", "Review Written", "Survey Answered",
    "survey_answered", "survey sent", "Survey Sent", "Ticket Created", "ticket-SOLVED", "Complaint", "Größe gewählt",
)  # fmt: skip
_tokens = count()


def customer(*ids: UUID) -> Customer:
    return Customer(
        workspace_id=77, id=ids[0], asked_id=ids[0], name="", email="", user_id="", created_at=0, first_seen=0, last_seen=0,
        interactions=0, channels={}, values={}, last_name="", session_id=UUID(int=0), session_start=0, traits=[], consent=[],
        merged_ids=list(ids[1:]),
    )  # fmt: skip


def row(owner: UUID, dice: random.Random, *, days: int) -> InteractionRow:
    at = now_ms() - dice.randrange(days * DAY) // 1000 * 1000
    return InteractionRow(
        workspace_id=77, customer_id=owner, time=seconds(at), message_key=UUID(int=dice.getrandbits(128)), message_id="m",
        type=dice.choice(("track", "track", "track", "page")), source_id=1, received_at=seconds(at), projected_at=seconds(at),
        log_seq=1, log_index=1, name=dice.choice(NAMES), channel=dice.choice(("web", "app", "")),
        voice=dice.choice(("did", "did", "said", "ours")), session_id=dice.choice((None, *SESSIONS)),
        value=dice.choice((None, Decimal("7.5"), Decimal(0), Decimal(-3))), currency="EUR",
    )  # fmt: skip


SESSIONS = tuple(new_id() for _ in range(6))


def store(rows: list[InteractionRow]) -> None:
    insert_rows(table="interactions_raw", rows=rows, token=f"standing-{new_id()}-{next(_tokens)}")


@pytest.mark.parametrize(("seed", "rows"), [(1, 0), (2, 1), (3, 12), (4, 49), (5, 12), (6, 30)])
def test_a_story_at_hand_sums_up_to_what_the_past_says(seed, rows):
    dice = random.Random(seed)
    one = customer(new_id(), new_id())  # the second was merged into it
    store(
        [row(dice.choice(one.all_ids), dice, days=dice.choice((5, 60, 400))) for _ in range(rows)]
        or [row(new_id(), dice, days=5)]
    )
    newest = timeline(workspace_id=77, customer_ids=one.all_ids, limit=50)
    assert not newest.before
    assert len(newest.moments) == rows
    here, there = standing(customer=one, newest=newest), standing(customer=one)
    assert here == there
    assert there.stakes == what_matters(customer=one)


def test_a_long_story_is_summed_up_by_the_past_whatever_is_at_hand():
    dice = random.Random(9)
    one = customer(new_id())
    store([row(one.id, dice, days=200) for _ in range(120)])
    whole, newest = (timeline(workspace_id=77, customer_ids=one.all_ids, limit=n) for n in (200, 50))
    assert newest.before
    told = standing(customer=one, newest=newest)
    assert told == standing(customer=one) == standing(customer=one, newest=whole)
    paid = [m for m in whole.moments if m.value and m.value > 0]
    assert (told.sums.payments, told.sums.last_payment) == (len(paid), paid[0].time)
    assert told.sums.sessions == len({m.session_id for m in whole.moments} - {UUID(int=0)})
    assert [m.key for m in told.said] == [m.key for m in whole.moments if m.voice == "said"][:5]
    assert told.worst in whole.moments


def test_what_was_said_long_ago_is_found_below_what_is_at_hand():
    dice = random.Random(11)
    one = customer(new_id())
    said = msgspec.structs.replace(row(one.id, dice, days=1), voice="said", time=seconds(now_ms() - 900 * DAY))
    rest = [msgspec.structs.replace(row(one.id, dice, days=9), voice="did") for _ in range(60)]
    store([said, *rest])
    newest = timeline(workspace_id=77, customer_ids=one.all_ids, limit=50)
    assert [m.key for m in standing(customer=one, newest=newest).said] == [said.message_key]


def test_a_row_that_stands_twice_for_a_moment_counts_once_in_sums():
    dice = random.Random(13)
    one = customer(new_id())
    paid = msgspec.structs.replace(row(one.id, dice, days=5), value=Decimal(5), type="page")
    store([paid])
    store([paid])  # under another token, as while a replay puts it in its own place
    assert standing(customer=one).sums.payments == 1
    assert standing(customer=one, newest=timeline(workspace_id=77, customer_ids=one.all_ids)) == standing(customer=one)


def test_one_interaction_is_found_with_its_time_and_without():
    dice = random.Random(15)
    one = customer(new_id())
    held = row(one.id, dice, days=300)
    store([held])
    (told,) = timeline(workspace_id=77, customer_ids=one.all_ids).moments
    assert (
        get_moment(customer=one, key=held.message_key) == get_moment(customer=one, key=held.message_key, time=told.time) == told
    )
    with pytest.raises(NotFound):
        get_moment(customer=one, key=held.message_key, time=told.time + 1)
    with pytest.raises(NotFound):
        get_moment(customer=replace(one, workspace_id=78), key=held.message_key)


def test_many_are_read_in_order_to_the_same_pages():
    dice = random.Random(17)
    one, other = customer(new_id()), customer(new_id(), new_id())
    store([row(who.id, dice, days=700) for who in (one, other) for _ in range(130)])
    for who in (one, other):
        for given in ({}, {"channels": ["web"]}, {"voices": ["said"], "types": ["track"]}, {"since": now_ms() - 90 * DAY}):
            few, many = ([], []), ([], [])
            for pages, known in ((few, 0), (many, 10**6)):
                before = ""
                while True:
                    told = timeline(workspace_id=77, customer_ids=who.all_ids, limit=40, before=before, known=known, **given)
                    pages[0].extend(told.moments)
                    pages[1].append(before := told.before)
                    if not before:
                        break
            assert few == many
            assert few[0]
