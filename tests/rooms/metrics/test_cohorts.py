"""Cohorts against a brute force in Polars on random histories of joined customers."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import polars as pl
import pytest

from amity.engines.past.client import past
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.models import Metric, MetricVersion
from amity.rooms.metrics.queries.cohorts import cohort_grid, customers_of_cell
from amity.rooms.metrics.queries.measuring import Scope
from amity.rooms.metrics.rules.language import read, written
from amity.rooms.metrics.rules.statistics import wilson
from tests.emptying import empty_present
from tests.rooms.metrics.telling import NOW, join, person, place, tell
from tests.rooms.metrics.test_pages import browser

KEPT = '{"measure": {"kind": "retention", "event": {"name": "Bought"}}}'
GOLD = '{"measure": {"kind": "retention", "event": {"name": "Bought"}}, "among": {"kind": "trait", "name": "plan", "is": "equal", "to": "gold"}}'


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker):
    """A hundred and fifty customers, fifteen of them joined from two, whose purchases begin over 500 days."""
    from amity.engines.past.migrate import migrate_past

    migrate_past()
    with django_db_blocker.unblock():
        dice, workspace = Random(11), place()
        rows, gold = [], set()
        for n in range(150):
            plan = dice.choice(("gold", "basic"))
            who = person(workspace.pk, plan=plan)
            old = person(workspace.pk) if n < 15 else None
            gold |= {who} if plan == "gold" else set()
            began = NOW - dice.randrange(500) * DAY - dice.randrange(DAY)
            times = [began] + [
                min(began + dice.randrange(300) * DAY + dice.randrange(DAY), NOW + 3 * DAY) for _ in range(dice.randrange(6))
            ]
            rows += [{"who": who, "t": t, "name": "Bought", "old": old if dice.random() < 0.5 else None} for t in times]
            rows += [{"who": who, "t": began - 40 * DAY, "name": "Asked"}]
            if old:
                join(workspace.pk, old, who)
        tell(workspace.pk, rows)
        yield Scope(workspace_id=workspace.pk, time_zone="UTC", now=NOW), rows, gold
        number = workspace.pk
        empty_present()  # what stays committed would be found by others
        past().command("DELETE FROM interactions_raw WHERE workspace_id = {w:UInt32}", parameters={"w": number})


def naive(rows, by: str, among=None) -> dict[tuple[int, int], set[str]]:
    """Return customers by (start of the cohort in ms, periods later)."""
    every = {"week": "1w", "month": "1mo"}[by]
    frame = pl.DataFrame(
        [{"who": str(row["who"]), "t": row["t"]} for row in rows if row["name"] == "Bought" and row["t"] <= NOW]
    ).with_columns(pl.from_epoch("t", time_unit="ms").dt.truncate(every).alias("period"))
    first = frame.group_by("who").agg(pl.col("period").min().alias("cohort"))
    found: dict[tuple[int, int], set[str]] = {}
    for who, period, cohort in frame.join(first, on="who").select("who", "period", "cohort").iter_rows():
        if among is not None and who not in among:
            continue
        later = (period - cohort).days // 7 if by == "week" else (period.year - cohort.year) * 12 + period.month - cohort.month
        found.setdefault((int(cohort.replace(tzinfo=UTC).timestamp() * 1000), later), set()).add(who)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["week", "month"])
@pytest.mark.parametrize("text", [KEPT, GOLD], ids=["all", "gold"])
def test_a_grid_is_what_the_rows_say(story, by, text):
    scope, rows, gold = story
    definition = read(text)
    grid = cohort_grid(definition, scope, by=by)
    truth = naive(rows, by, None if text is KEPT else {str(one) for one in gold})
    assert len(grid.cohorts) == {"week": 16, "month": 12}[by]
    assert sum(one.customers for one in grid.cohorts) > 10
    assert not grid.cohorts[-1].whole
    for one in grid.cohorts:
        for cell in one.cells:
            meant = truth.get((one.step.first, cell.later), set())
            assert cell.back == len(meant)
            if one.customers:
                assert cell.figure.value == pytest.approx(cell.back / one.customers)
                assert (cell.figure.low, cell.figure.high) == pytest.approx(wilson(cell.back / one.customers, one.customers))
            end = datetime.fromtimestamp(one.step.first / 1000, UTC)
            assert cell.whole == (one.cells[-1].later > cell.later), end  # only the period that runs isn't over
            if cell.back and cell.later % 3 == 0:
                total, found = customers_of_cell(definition, scope, by=by, first=one.step.first, later=cell.later, limit=500)
                assert (total, {str(who) for who in found}) == (cell.back, meant)
    for cell in grid.together:
        over = [one for one in grid.cohorts if cell.later < len(one.cells) and one.cells[cell.later].whole]
        assert cell.back == sum(one.cells[cell.later].back for one in over)


@pytest.mark.django_db
def test_cells_come_in_pages_and_what_has_none_is_said(story):
    scope, _, _ = story
    definition = read(KEPT)
    first = max(cohort_grid(definition, scope, by="month").cohorts, key=lambda one: one.customers).step.first
    total, whole = customers_of_cell(definition, scope, by="month", first=first, later=0, limit=500)
    _, some = customers_of_cell(definition, scope, by="month", first=first, later=0, limit=3)
    _, rest = customers_of_cell(definition, scope, by="month", first=first, later=0, after=some[-1], limit=500)
    assert some + rest == whole
    assert total == len(whole)
    for text, by in ((KEPT, "day"), ('{"measure": {"kind": "count", "event": {}}}', "month")):
        with pytest.raises(Invalid):
            cohort_grid(read(text), scope, by=by)


@pytest.mark.django_db(transaction=True)
def test_the_page_opens_its_customers(past_ready):
    workspace = place()
    client, at = browser(workspace, "analyst"), f"/w/{workspace.slug}/metrics/"
    made = Metric.objects.create(
        workspace=workspace, name="Came <back>", created_at=0, created_by="x", updated_at=0, updated_by="x"
    )
    MetricVersion.objects.create(metric=made, number=1, definition=written(read(KEPT)), made_at=0, made_by="x")
    assert "Nobody began yet" in client.get(f"{at}{made.pk}/cohorts/").content.decode()
    now = now_ms()
    who = [person(workspace.pk) for _ in range(40)]
    tell(workspace.pk, [{"who": one, "t": now - 40 * DAY, "name": "Bought"} for one in who])
    tell(workspace.pk, [{"who": one, "t": now - n * DAY // 40, "name": "Bought"} for n, one in enumerate(who[:30])])
    assert "Cohorts" in client.get(f"{at}{made.pk}/").content.decode()
    page = client.get(f"{at}{made.pk}/cohorts/?by=week").content.decode()
    assert "of 40 customers of" in page
    assert "(Wilson)" in page
    first = cohort_grid(read(KEPT), Scope(workspace_id=workspace.pk, time_zone="UTC"), by="week").cohorts
    begun = next(one for one in first if one.customers)
    cell = client.get(f"{at}{made.pk}/cohorts/customers?by=week&first={begun.step.first}&later=0").content.decode()
    assert "40 customers who began then" in cell
    assert client.get(f"{at}{made.pk}/cohorts/customers?by=week&first=1&later=0").status_code == 409
    assert client.get(f"{at}{made.pk}/cohorts/customers?by=day&first=1&later=0").status_code == 404
    assert browser(place("Others"), "owner").get(f"{at}{made.pk}/cohorts/").status_code == 404
