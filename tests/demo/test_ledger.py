"""The truth as it is written out: whole, readable by anyone, and true of the interactions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from amity.demo import truth
from amity.demo.ledger import coefficients, left_without
from amity.demo.wire import message_id
from tests.demo.panel import World


@pytest.fixture(scope="session")
def document(world: World) -> dict[str, Any]:
    return msgspec.json.decode(msgspec.json.encode(world.ledger.document()))


def test_it_names_every_interaction_by_ids_that_occur(world: World, document: dict[str, Any]) -> None:
    ids = {message_id(1, one) for one in world.entries}
    assert document["story"]["interactions"] == len(ids)
    assert set(document["comments"]) <= ids
    assert set(document["scores"]) <= ids


def test_every_comment_has_its_theme_and_the_words_are_said(world: World, document: dict[str, Any]) -> None:
    said = {message_id(1, one): one for one in world.entries if one[12] is not None}
    languages: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for key, comment in document["comments"].items():
        entry = said[key]
        words = getattr(entry[12], "said", None) or entry[12]
        assert words.text.replace('"', '\\"') in entry[8]
        assert entry[1] == comment["customer"]
        languages[comment["language"]] += 1
        texts[words.text] += 1
        marked["mixed"] += comment["mixed"]
        marked["sarcastic"] += comment["sarcastic"]
        assert (len(comment["themes"]) == 2) == comment["mixed"]
    assert set(languages) == {"en", "de", "fr"}
    assert min(languages.values()) > 500
    assert len(texts) > len(document["comments"]) / 2
    assert marked["mixed"] > 100
    assert marked["sarcastic"] > 50


def test_identities_are_all_there_and_tell_how_well_one_can_do(world: World, document: dict[str, Any]) -> None:
    identities, counts = document["identities"], document["identities"]["counts"]
    for entry in world.entries:
        for kind, value in (("user_ids", entry[6]), ("anonymous_ids", entry[7])):
            assert not value or entry[1] in identities[kind][value]
    assert counts["customers"] <= len(world.company.people)
    # Second accounts and changed guests can't be known to be one person; most anonymous browsers never say who they are.
    assert counts["user_ids"] < counts["customers"] < counts["emails"] < counts["profiles"] < counts["anonymous_ids"]
    shared = [who for who in identities["anonymous_ids"].values() if len(who) > 1]
    assert len(shared) == counts["shared_identifiers"] > 0
    assert all(one // 2 == other // 2 for one, other in shared)
    second = [one.number for one in world.company.people if one.second_account]
    owners = Counter(who[0] for who in identities["user_ids"].values())
    assert {number for number, times in owners.items() if times > 1} <= set(second)


def test_customers_carry_what_became_of_them_and_what_would_have(world: World, document: dict[str, Any]) -> None:
    left, without = 0, 0
    for one in document["customers"]:
        life = world.company.lives[one["customer"]]
        seen = world.seen.get(one["customer"])
        assert one["orders"] == (sum(seen.orders.values()) if seen else 0) <= life.orders
        assert one["expected_visits"] <= one["expected_visits_without_friction"] + 1e-9
        if one["never_started"]:
            continue
        left += one["left_month"] is not None
        without += one["left_month_without_friction"] is not None
        if one["left_month_without_friction"] is not None:
            assert one["left_month"] is not None
            assert one["left_month"] <= one["left_month_without_friction"]
        assert one["left_month_without_friction"] == left_without(world.company.people[one["customer"]])
    assert 0 < left - without < left / 3
    caused = sum(one["leaving_caused"] for one in document["realised"].values())
    assert caused == pytest.approx(left - without, abs=4 * left**0.5)


def test_frictions_of_the_truth_are_those_that_the_interactions_show(world: World, document: dict[str, Any]) -> None:
    for one in document["customers"]:
        if one["never_started"] or one["left_at"] is not None or one["customer"] not in world.seen:
            continue
        shown = {month: frictions for month, frictions in world.seen[one["customer"]].met.items() if frictions}
        true = {int(month): set(names) for month, names in one["frictions"].items() if int(month) < truth.MONTHS - 1}
        # What was due within days of a month's end may be delivered beyond the story.
        assert {m: f for m, f in shown.items() if m < truth.MONTHS - 1} == true, one["customer"]


def test_all_coefficients_are_written(document: dict[str, Any]) -> None:
    assert document["coefficients"] == msgspec.json.decode(msgspec.json.encode(coefficients()))
    assert {"FRICTIONS", "TIERS", "PERSONAS", "REMOTE", "BASE_RISK", "REDESIGN_DAY"} <= set(document["coefficients"])
    named = " ".join(document["equations"].values())
    assert all(f"{name}" in named for name in ("BASE_RISK", "FRICTIONS", "LATE", "BASE_SCORE", "CONVERSION"))
