"""Linden's story: the same each time, in order, believable in its proportions."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from itertools import islice

import pytest

from amity.demo import truth
from amity.demo.calendar import Calendar
from amity.demo.company import found, tell
from amity.demo.draws import Dice
from amity.demo.people import make_person
from amity.demo.wire import LogForm, message_id, segment_form
from amity.facts.envelope import decode_envelope
from amity.facts.interaction import Interaction
from amity.kernel.clock import DAY, from_ms
from tests.demo.panel import END, World

FORM = LogForm(seed=1, workspace=7, sources=[1, 2, 3], received_at=END)


def told(customers: int, *, seed: int = 1) -> list[bytes]:
    form = LogForm(seed=seed, workspace=7, sources=[1, 2, 3], received_at=END)
    return [form.write(one) for one in tell(found(customers=customers, seed=seed, end=END))]


def test_the_same_seed_tells_the_same_bytes_and_another_one_others() -> None:
    first = told(60)
    assert told(60) == first
    assert not set(told(60, seed=2)) & set(first)


def test_the_draws_are_those_of_every_machine() -> None:
    """A change here is another story: lives that were kept can't go on, and `record.VERSION` has to rise."""
    dice = Dice()
    dice.begin(1, 2, 3)
    assert [dice.random(), dice.normal(), dice.count(2.0)] == pytest.approx(
        [0.1637007943107397, -0.06615370463835271, 2], abs=1e-9
    )


def test_a_larger_company_holds_the_smaller_one() -> None:
    assert set(told(40)) <= set(told(80))


def test_time_runs_forward_and_ends_at_the_end(world: World) -> None:
    times = [one[0] for one in world.entries]
    assert times == sorted(times)
    assert times[-1] < END
    assert END - times[0] < (truth.DAYS + 1) * DAY
    assert END - times[-1] < DAY / 4


def test_what_lies_beyond_the_end_waits(world: World) -> None:
    waiting = [one[0] for life in world.company.lives for one in life.waiting]
    assert len(waiting) > 100
    assert min(waiting) >= END


def test_every_message_is_one_that_the_log_and_the_edge_take(world: World) -> None:
    ids = Counter(message_id(1, one) for one in world.entries)
    assert max(ids.values()) == 1
    for one in islice(world.entries, 0, None, 7):
        written = FORM.write(one)
        read = decode_envelope(b'{"v":1,"interactions":[' + written + b"]}").interactions[0]
        sent = json.loads(segment_form(1, one))
        assert isinstance(read, Interaction)
        assert (read.message_id, read.time, read.user_id, read.anonymous_id) == (
            sent["messageId"], one[0], sent.get("userId"), sent.get("anonymousId"),
        )  # fmt: skip
        assert read.user_id or read.anonymous_id
        assert json.loads(bytes(read.properties)) == sent.get("properties", {})
        assert json.loads(bytes(read.context))["channel"]
        assert (read.name == "") == (read.kind == "identify")
        assert len(written) < 4_000


def test_a_customer_has_about_fifty_interactions(world: World) -> None:
    assert 45 < len(world.entries) / len(world.company.people) < 62


def test_all_channels_and_personas_occur_in_their_shares(world: World) -> None:
    channels = Counter(json.loads(one[10])["channel"] for one in islice(world.entries, 0, None, 11))
    assert {"web", "app", "email", "phone", "chat", "whatsapp", "store", "kiosk", "survey", "card", "post", "loyalty"} <= set(
        channels
    )
    people = world.company.people
    for name, persona in truth.PERSONAS.items():
        share = sum(one.persona == name for one in people) / len(people)
        assert abs(share - persona.share) < 4 * (persona.share * (1 - persona.share) / len(people)) ** 0.5


def test_money_has_a_currency_and_a_price(world: World) -> None:
    seen = 0
    for one in islice(world.entries, 0, None, 5):
        if '"revenue"' in one[8]:
            more = json.loads(one[8])
            assert more["revenue"] > 0
            assert more["currency"] in {"EUR", "GBP", "CHF", "PLN"}
            seen += 1
    assert seen > 500


BEFORE = {
    "Order Shipped": "Order Completed", "Order Delivered": "Order Shipped", "Return Requested": "Order Delivered",
    "Order Refunded": "Return Requested",
}  # fmt: skip


def test_orders_go_their_way_in_order(world: World) -> None:
    steps: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for one in world.entries:
        if '"order_id"' in one[8]:
            order = json.loads(one[8])["order_id"]
            assert one[5] not in steps[order], (one[5], order)
            steps[order][one[5]] = one[0]
    assert len(steps) > 5_000
    for order, met in steps.items():
        for name, before in BEFORE.items():
            if name in met:
                assert met[before] < met[name], (order, name)


def test_stories_are_told_in_a_sensible_order(world: World) -> None:
    """No answer before its question, no message opened before it came, nothing in an account before it is open."""
    asked: Counter[int] = Counter()
    mails: defaultdict[int, set[str]] = defaultdict(set)
    opened: set[int] = set()
    for one in world.entries:
        who, name = one[1], one[5]
        if name == "Survey Sent":
            asked[who] += 1
        elif name == "Survey Answered":
            asked[who] -= 1
            assert asked[who] >= 0
        elif name == "Email Delivered":
            mails[who].add(json.loads(one[8])["subject"])
        elif name in {"Email Opened", "Email Clicked"}:
            assert json.loads(one[8])["subject"] in mails[who]
        elif name == "Account Opened":
            opened.add(who)
        person = world.company.people[who]
        if name == "Card Payment Succeeded" and person.joined >= 0:
            assert who in opened


def test_who_left_does_nothing_more(world: World) -> None:
    gone = {number: life.gone for number, life in enumerate(world.company.lives) if life.gone is not None}
    assert len(gone) > 300
    for number, at in gone.items():
        if number in world.seen:
            assert world.seen[number].last <= at
    closed = [number for number in gone if number in world.seen and world.seen[number].closed is not None]
    assert all(world.seen[number].closed == gone[number] for number in closed)


def test_names_come_in_many_scripts_and_lengths() -> None:
    dice = Dice()
    people = [make_person(dice, number, seed=1) for number in range(1_200)]
    emails = [email for one in people for email in one.emails]
    assert len(set(emails)) == len(emails)
    assert all(one.isascii() and one.split("@")[1] in {"example.com", "example.org", "example.net"} for one in emails)
    assert any(not one.name.isascii() for one in people)
    assert max(len(one.name) for one in people) > 60
    phones = [one.phone for one in people if one.phone]
    assert len(set(phones)) == len(phones)


@pytest.mark.parametrize(("channel", "closed"), [("desk", 6), ("store", 6)])
def test_nobody_works_at_night_or_on_sundays(channel: str, closed: int) -> None:
    calendar, dice = Calendar(end=END), Dice()
    dice.begin(3)
    for _ in range(300):
        assert 8 <= from_ms(calendar.moment(dice, channel, calendar.day(dice, channel, 0, 300), 0)).hour <= 19
    sundays = sum(calendar.weekday(calendar.day(dice, channel, 0, 300)) == closed for _ in range(300))
    assert sundays < 10
    for at in range(calendar.start, calendar.start + 9 * DAY, DAY // 3):
        opened = calendar.next_open(dice, channel, at, 1)
        assert opened >= at
        assert calendar.weekday(calendar.day_of(opened)) != closed
