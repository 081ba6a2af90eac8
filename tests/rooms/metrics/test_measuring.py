"""Measures against an oracle in Polars on random interactions, and laws: parts sum to the whole, both ways of summing agree."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from amity.engines.past.behaviour.language import Between, Last
from amity.engines.past.client import past
from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid
from amity.rooms.metrics.queries.behind import Chosen, customers_behind
from amity.rooms.metrics.queries.measuring import Scope, measure_definition
from amity.rooms.metrics.rules.language import Definition, read
from tests.emptying import empty_present
from tests.rooms.metrics import naive
from tests.rooms.metrics.telling import CHANNELS, NOW, join, person, place, random_rows, tell


def defined(kind: str, **rest) -> Definition:
    import json

    return read(json.dumps({"version": 1, "measure": naive.MEASURES[kind], **rest}))


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker):
    """A hundred customers, ten of them joined from two, and 1,500 interactions, told once for all tests."""
    from amity.engines.past.migrate import migrate_past

    migrate_past()
    with django_db_blocker.unblock():
        dice, workspace = Random(7), place()
        who = [person(workspace.pk, plan=dice.choice(("gold", "basic"))) for _ in range(100)]
        rows = random_rows(dice, who, number=1_500)
        olds = {one: person(workspace.pk) for one in who[:10]}
        for row in rows:
            if row["who"] in olds and dice.random() < 0.5:
                row["old"] = olds[row["who"]]
        tell(workspace.pk, rows)
        for one, old in olds.items():
            join(workspace.pk, old, one)
        tell(place("Others").pk, random_rows(dice, who, number=50))  # nobody else's interactions count
        yield Scope(workspace_id=workspace.pk, time_zone="UTC", now=NOW), rows, who
        number = workspace.pk
        empty_present()  # what stays committed would be found by others
        past().command("DELETE FROM interactions_raw WHERE workspace_id = {w:UInt32}", parameters={"w": number})


def whole(rows):
    return naive.frame([row | {"who": str(row["who"])} for row in rows])


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(naive.MEASURES))
def test_a_figure_is_what_the_rows_say(story, kind):
    scope, rows, _ = story
    first, everything = NOW - 30 * DAY + 1, whole(rows)
    found = measure_definition(defined(kind), scope)
    assert (found.first, found.last) == (first, NOW)
    assert found.figure.value == pytest.approx(naive.value(kind, everything, first, NOW, days=31), abs=1e-9)
    was = naive.value(kind, everything, first - 30 * DAY, first - 1, days=31)
    assert found.previous.value == pytest.approx(was, abs=1e-9)
    assert found.change is None or found.change.by == pytest.approx(found.figure.value - was)
    assert found.figure.few or kind == "nps" or found.figure.low <= found.figure.value <= found.figure.high


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(naive.MEASURES))
@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_a_series_is_each_step_measured_by_itself(story, kind, by):
    scope, _, _ = story
    series = measure_definition(defined(kind), scope, by=by).series
    inside = [point for point in series if point.whole][:4]
    assert inside or by == "month"
    for point in inside:
        from datetime import UTC, datetime

        days = [datetime.fromtimestamp(at / 1000, UTC).date().isoformat() for at in (point.first, point.last)]
        alone = measure_definition(defined(kind), scope, within=Between(first=days[0], last=days[1]))
        assert (alone.first, alone.last) == (point.first, point.last)
        if kind == "kept" and by == "month":
            continue  # the month before is not as long as this one
        assert (point.figure.value, point.figure.events, point.figure.customers) == (
            alone.figure.value,
            alone.figure.events,
            alone.figure.customers,
        )
        assert (point.figure.low, point.figure.high) == pytest.approx((alone.figure.low, alone.figure.high))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["count", "sum"])
@pytest.mark.parametrize("of", ["channel", "properties.plan", "trait:plan"])
def test_parts_sum_to_the_whole(story, kind, of):
    scope, _, _ = story
    found = measure_definition(defined(kind), scope, breakdown=of)
    assert sum(row.figure.value for row in found.segments) == pytest.approx(found.figure.value)
    assert sum(row.figure.events for row in found.segments) == found.figure.events
    assert len(found.segments) > 1


@pytest.mark.django_db
def test_the_largest_few_and_all_others(story, monkeypatch):
    from amity.rooms.metrics.queries import breaking

    monkeypatch.setattr(breaking, "MOST", 2)
    scope, rows, _ = story
    for kind in ("count", "customers", "p75"):
        found = measure_definition(defined(kind), scope, breakdown="channel")
        assert [row.rest for row in found.segments] == [False, False, True]
        shown = {row.value for row in found.segments[:2]}
        rest = [row for row in rows if row["channel"] not in shown]
        assert found.segments[2].figure.value == pytest.approx(naive.value(kind, whole(rest), found.first, NOW, days=31))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [kind for kind in naive.MEASURES if kind not in {"wait", "p75"}])
def test_both_ways_of_summing_agree(story, kind):
    """Restricted to everybody, sums are worked out here and not in the past; figures are the same."""
    scope, _, _ = story
    plain = measure_definition(defined(kind), scope, by="week", breakdown="channel")
    everybody = measure_definition(defined(kind, among={"kind": "all", "of": []}), scope, by="week", breakdown="channel")
    assert everybody.figure.value == pytest.approx(plain.figure.value)
    assert (everybody.figure.low, everybody.figure.high) == pytest.approx((plain.figure.low, plain.figure.high))
    assert (everybody.change is None) == (plain.change is None)
    assert plain.change is None or everybody.change.p == pytest.approx(plain.change.p)
    assert [p.figure.value for p in everybody.series] == pytest.approx([p.figure.value for p in plain.series])
    assert {s.value: s.figure.events for s in everybody.segments} == {s.value: s.figure.events for s in plain.segments}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["count", "sum", "customers", "ratio", "share", "nps", "kept"])
def test_a_union_of_groups_lies_between_them(story, kind):
    """Customers in gold and in basic are all customers: totals add up, shares and ratios lie between."""
    scope, _, _ = story
    parts = [
        measure_definition(defined(kind, among={"kind": "trait", "name": "plan", "is": "equal", "to": plan}), scope).figure
        for plan in ("gold", "basic")
    ]
    whole = measure_definition(defined(kind), scope).figure
    assert sum(part.customers for part in parts) == whole.customers
    if kind in {"count", "sum", "customers"}:
        assert sum(part.value for part in parts) == pytest.approx(whole.value)
    else:
        assert min(part.value for part in parts) - 1e-9 <= whole.value <= max(part.value for part in parts) + 1e-9


@pytest.mark.django_db
@pytest.mark.parametrize("kind", list(naive.MEASURES))
def test_as_many_customers_are_behind_it_as_it_says(story, kind):
    scope, _, who = story
    found = measure_definition(defined(kind), scope, breakdown="channel")
    total, some = customers_behind(defined(kind), scope, limit=1_000)
    assert total == len(some) == found.figure.customers
    assert {one.customer_id for one in some} <= set(who)  # of today: no id of before
    first = customers_behind(defined(kind), scope, limit=5)[1]
    assert first + customers_behind(defined(kind), scope, limit=1_000, after=first[-1].customer_id)[1] == some
    for row in found.segments:
        assert (
            customers_behind(defined(kind), scope, chosen=Chosen(breakdown="channel", value=row.value))[0] == row.figure.customers
        )
    gold = measure_definition(defined(kind), scope, breakdown="trait:plan").segments
    for row in gold:
        assert (
            customers_behind(defined(kind), scope, chosen=Chosen(breakdown="trait:plan", value=row.value))[0]
            == row.figure.customers
        )


@pytest.mark.django_db
def test_sides_part_the_customers(story):
    scope, _, _ = story
    nps = defined("nps")
    plus, minus = (customers_behind(nps, scope, chosen=Chosen(side=side))[0] for side in ("plus", "minus"))
    assert 0 < plus < customers_behind(nps, scope)[0]
    assert minus > 0
    share = defined("share")
    yes, no = (customers_behind(share, scope, chosen=Chosen(side=side))[0] for side in ("yes", "no"))
    assert yes + no == customers_behind(share, scope)[0]


@pytest.mark.django_db
def test_many_segments_are_judged_together(story):
    scope, _, _ = story
    found = measure_definition(defined("mean"), scope, breakdown="channel")
    changes = [row.change for row in found.segments]
    assert len(changes) == len(CHANNELS)
    assert all(one.adjusted >= one.p - 1e-12 for one in changes)


@pytest.mark.django_db
def test_nothing_at_all(story):
    scope, _, _ = story
    empty = replace(scope, workspace_id=place("Empty").pk)
    for kind in naive.MEASURES:
        found = measure_definition(defined(kind), empty, by="day", breakdown="channel")
        assert found.figure.value in {None, 0}
        assert (found.segments, found.change) == ([], None)
        assert customers_behind(defined(kind), empty) == (0, [])


@pytest.mark.django_db
def test_what_can_not_be_asked_is_said(story):
    scope, _, _ = story
    for breakdown, said in (
        ("chanel", "can't be tested"),
        ("audience:x", "by their numbers"),
        ("audience:999999", "no audience"),
        ("trait:", "Name the trait"),
    ):
        with pytest.raises(Invalid, match=said):
            measure_definition(defined("count"), scope, breakdown=breakdown)
    with pytest.raises(Invalid, match="at most 800"):
        measure_definition(defined("count"), scope, within=Last(amount=1_000, unit="days"), by="hour")
    with pytest.raises(Invalid, match="goes by"):
        measure_definition(defined("count"), scope, by="fortnight")
