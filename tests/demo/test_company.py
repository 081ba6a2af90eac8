"""Linden's story: the same each time, in order, believable in its proportions."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from random import Random
from typing import Any

import pytest

from amity.demo.calendar import Calendar
from amity.demo.catalogue import PHONES
from amity.demo.company import DAYS, SOURCES, Told, tell
from amity.demo.people import make_person
from amity.demo.words import Speaker, sentences
from amity.kernel.clock import DAY, from_ms

END = 1_795_300_000_000
CUSTOMERS = 400


@cache
def story() -> list[Told]:
    return tell(customers=CUSTOMERS, seed=1, end=END)


@cache
def messages() -> list[tuple[Told, dict[str, Any]]]:
    return [(one, json.loads(one.body)) for one in story()]


def test_the_same_seed_tells_the_same_story() -> None:
    assert tell(customers=60, seed=1, end=END) == tell(customers=60, seed=1, end=END)
    assert tell(customers=60, seed=2, end=END) != tell(customers=60, seed=1, end=END)


def test_a_larger_company_holds_the_smaller_one() -> None:
    few = {one.body for one in tell(customers=40, seed=1, end=END)}
    assert few <= {one.body for one in tell(customers=80, seed=1, end=END)}


def test_time_runs_forward_and_ends_at_the_end() -> None:
    times = [one.time for one in story()]
    assert times == sorted(times)
    assert times[-1] < END
    assert END - times[0] < (DAYS + 1) * DAY
    assert END - times[-1] < 2 * DAY


def test_every_message_is_one_that_the_edge_takes() -> None:
    ids = Counter(message["messageId"] for _, message in messages())
    assert max(ids.values()) == 1
    for one, message in messages():
        assert one.source in SOURCES
        assert message["type"] in {"track", "identify", "page", "screen"}
        assert message.get("userId") or message.get("anonymousId")
        assert message["context"]["channel"]
        assert ("event" in message) == (message["type"] == "track")
        assert len(one.body) < 32_000
        assert len(message["messageId"]) <= 100


def test_a_customer_has_about_thirty_five_interactions() -> None:
    assert 28 < len(story()) / CUSTOMERS < 45


def test_all_channels_and_kinds_of_words_occur() -> None:
    channels = Counter(message["context"]["channel"] for _, message in messages())
    assert {"web", "app", "email", "phone", "chat", "store", "survey", "card", "post"} == set(channels)
    said = [
        words
        for _, message in messages()
        for key in ("comment", "message", "text")
        if (words := message.get("properties", {}).get(key))
    ]
    assert len(set(said)) > 200
    assert all("{" not in one for one in said)


def test_money_has_a_currency() -> None:
    for _, message in messages():
        properties = message.get("properties", {})
        if "value" in properties:
            assert properties["value"] > 0
            assert properties["currency"] in {"EUR", "GBP", "CHF", "PLN"}


def test_the_identity_check_breaks_on_some_phones_while_version_5_3_is_out() -> None:
    broken = {one.model for one in PHONES if one.breaks}
    tries: Counter[tuple[bool, str]] = Counter()
    fails: Counter[tuple[bool, str]] = Counter()
    for _, message in messages():
        if message.get("event") in {"ID Check Failed", "ID Check Started"}:
            group = (message["context"]["device"]["model"] in broken, message["context"]["app"]["version"])
            (tries if message["event"] == "ID Check Started" else fails)[group] += 1
    assert fails[True, "5.3.1"] / tries[True, "5.3.1"] > 0.7
    assert fails[False, "5.3.1"] / tries[False, "5.3.1"] < 0.25


def test_people_browse_before_they_are_known_and_one_mail_joins_their_devices() -> None:
    mails: dict[str, set[str]] = {}
    for _, message in messages():
        if message["type"] == "identify":
            assert message["traits"]["email"].split("@")[1] in {"example.com", "example.org", "example.net"}
            mails.setdefault(message["traits"]["email"], set()).add(message.get("userId") or message["anonymousId"])
    assert sum(1 for ids in mails.values() if len(ids) > 1) > 50
    first = {}
    for one, message in messages():
        first.setdefault(one.customer, message)
    assert sum(1 for message in first.values() if "userId" not in message) > CUSTOMERS / 4


def test_names_come_in_many_scripts_and_lengths() -> None:
    people = [make_person(number, seed=1, days=DAYS) for number in range(1_200)]
    assert len({one.email for one in people}) == 1_200
    assert all(one.email.isascii() for one in people)
    assert any(not one.name.isascii() for one in people)
    assert max(len(one.name) for one in people) > 60
    phones = [one.phone for one in people if one.phone]
    assert len(set(phones)) == len(phones)


def test_sentences_are_spread() -> None:
    assert sum(len(lines) for lines in sentences().values()) > 240
    speaker = Speaker(Random(1))
    said = [speaker.say("fine") for _ in sentences()["fine"]]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize(("channel", "closed"), [("desk", 6), ("store", 6)])
def test_nobody_calls_at_night(channel: str, closed: int) -> None:
    calendar, rng = Calendar(end=END, days=DAYS), Random(3)
    for _ in range(300):
        moment = from_ms(calendar.moment(rng, channel, calendar.day(rng, channel), ahead=0))
        assert 8 <= moment.hour <= 19
    sundays = sum(from_ms(calendar.start + calendar.day(rng, channel) * DAY).weekday() == closed for _ in range(300))
    assert sundays < 10
