"""RFM, lifecycle and engagement out of the box: scores by NTILE, cells that are their customers, and a real shop's numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.audiences.refresh import recompute, recompute_trait
from amity.rooms.customers.actions.computed.standard import make_standard, save_cell, save_named
from amity.rooms.customers.models import Audience, ComputedTrait, ComputedValue, Customer, Member
from amity.rooms.customers.queries.computed.rfm import cell, grid, segments, stages, standard_ids
from tests.rooms.collection.imports.test_real_files import RETAIL, real, through, workspace  # noqa: F401  a fixture
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.audiences.test_refresh import happened, person, row
from tests.rooms.customers.computed import naive
from tests.rooms.customers.people import Place
from tests.rooms.customers.test_people_decide import access as access_of


def work_out(workspace_id: int, *, now: int | None = None) -> None:
    for pk in ComputedTrait.objects.filter(workspace_id=workspace_id).order_by("pk").values_list("pk", flat=True):
        recompute_trait(pk, now=now)


def held(workspace_id: int, origin: str) -> dict[UUID, Any]:
    found = ComputedValue.objects.filter(trait__workspace_id=workspace_id, trait__origin=origin, value__isnull=False)
    return dict(found.values_list("customer_id", "value"))


def ntile(numbers: dict[UUID, float], *, best: str = "high") -> dict[UUID, int]:
    return {who: n for who, n in naive.tiles({"best": best}, numbers).items() if n is not None}


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def buyers(here: Place, days: list[list[int]]) -> list[UUID]:
    """Keep customers who bought so many days ago, each time for 10."""
    now = now_ms()
    return [
        keep(here.workspace.pk, person(*[row(at=now - ago * DAY - 60_000, value=10.0) for ago in ago_days])) for ago_days in days
    ]


def test_scores_are_ntile_and_each_cell_is_its_customers(here):
    who = buyers(here, [[1], [1, 3], [2, 4, 6], [5, 9], [20, 40, 60, 80], [50], [90, 91], [200], [3], [7, 8, 9, 10, 11]])
    guest = keep(here.workspace.pk, person(row("Viewed", at=now_ms() - DAY)))
    made = make_standard(access_of(here.workspace.pk), purchase="Bought")
    assert len(made) == 14
    work_out(here.workspace.pk)
    ws = here.workspace.pk
    recency, frequency, money = (held(ws, f"rfm.{one}") for one in ("recency", "frequency", "money"))
    assert frequency[guest] == 0
    assert set(recency) == set(who)
    assert held(ws, "rfm.r") == ntile(recency, best="low")
    assert held(ws, "rfm.f") == ntile({one: frequency[one] for one in who})
    assert held(ws, "rfm.m") == ntile({one: money[one] for one in who})
    ids = standard_ids(ws)
    cells = [one for row_ in grid(ids) for one in row_]
    assert (sum(one.customers for one in cells), sum(one.money for one in cells)) == (10, 220)
    for one in cells:
        listed = cell(ids, recency=one.recency, frequency=one.frequency, limit=100, offset=0)
        assert (len(listed), sum(b.money or 0 for b in listed)) == (one.customers, one.money)
    full = max(cells, key=lambda one: one.customers)
    saved = save_cell(access_of(here.workspace.pk), recency=full.recency, frequency=full.frequency)
    recompute(saved.pk)
    inside = set(Member.objects.filter(audience=saved, inside=True).values_list("customer_id", flat=True))
    assert inside == {b.customer_id for b in cell(ids, recency=full.recency, frequency=full.frequency, limit=100, offset=0)}
    assert sum(one.customers for one in segments(ids)) == 10
    assert sum(one.customers for one in stages(ids)) == 11


def test_the_lifecycle_goes_by_the_customers_own_rhythm(here):
    stories = {
        "New": [3], "Active": [15], "At risk": [38], "Lapsed": [60], "Won back": [2, 200],
    }  # fmt: skip
    who = dict(zip(stories, buyers(here, list(stories.values())), strict=True))
    # Every 100 days: 150 days are no reason to worry. Every 5 days: 15 are.
    slow, quick = buyers(here, [[150, 250, 350, 450], [15, 20, 25, 30]])
    never = keep(here.workspace.pk, person(row("Viewed", at=now_ms() - DAY)))
    make_standard(access_of(here.workspace.pk), purchase="Bought", typical=10)
    work_out(here.workspace.pk)
    found = held(here.workspace.pk, "life.stage")
    assert found == {one: name for name, one in who.items()} | {slow: "Active", quick: "At risk", never: "Not yet"}
    saved = save_named(access_of(here.workspace.pk), origin="life.stage", value="At risk")
    recompute(saved.pk)
    assert set(Member.objects.filter(audience=saved, inside=True).values_list("customer_id", flat=True)) == {
        who["At risk"],
        quick,
    }
    happened(here.workspace.pk, quick, row(at=now_ms() - 1_000, value=10.0))
    from amity.rooms.customers import api as customers

    customers.refresh_touched()
    assert held(here.workspace.pk, "life.stage")[quick] == "Active"
    assert set(Member.objects.filter(audience=saved, inside=True).values_list("customer_id", flat=True)) == {who["At risk"]}


def test_engagement_is_the_mean_of_three_ranks(here):
    who = buyers(here, [[1], [1, 2, 3], [60], [5, 6]])
    make_standard(access_of(here.workspace.pk), purchase="Bought")
    work_out(here.workspace.pk)
    score = held(here.workspace.pk, "engagement.score")
    days = dict(zip(who, [1, 1, 60, 5], strict=True))
    counts = dict(zip(who, [1, 3, 0, 2], strict=True))
    ranks = [naive.tiles({"tiles": 100, "best": "low"}, days), *[naive.tiles({"tiles": 100}, counts) for _ in range(2)]]
    assert {one: pytest.approx(sum(rank[one] for rank in ranks) / 3) for one in who} == score


def test_it_is_set_up_once_and_changed_after(here):
    buyers(here, [[1, 11, 31], [5, 45]])
    with pytest.raises(Invalid):
        make_standard(access_of(here.workspace.pk), purchase=" ")
    first = make_standard(access_of(here.workspace.pk), purchase="Bought")
    assert "usual 28 days" in next(one.about for one in first if one.origin == "life.expected")  # the median of 15 and 40
    again = make_standard(access_of(here.workspace.pk), purchase="Ordered", refund="Refunded", typical=7)
    assert [one.pk for one in again] == [one.pk for one in first]
    assert ComputedTrait.objects.filter(workspace=here.workspace).count() == 14


def test_the_page_sets_up_shows_and_saves(here):
    url = f"/w/{here.workspace.slug}/rfm/"
    page = here.client.get(url).content.decode()
    assert "Who buys lately, often" in page
    buyers(here, [[1], [2, 3], [9]])
    here.client.post(url + "set-up", {"purchase": "Bought"})
    assert "still being worked out" in here.client.get(url).content.decode()
    work_out(here.workspace.pk)
    page = here.client.get(url).content.decode()
    assert "still being worked out" not in page
    full = [one for row_ in grid(standard_ids(here.workspace.pk)) for one in row_ if one.customers]
    for one in full:
        shown = here.client.get(f"{url}{one.recency}-{one.frequency}/").content.decode()
        assert shown.count("data-row") == one.customers
        assert f"/rfm/{one.recency}-{one.frequency}/" in page
    response = here.client.post(url + "save", {"what": f"cell:{full[0].recency}-{full[0].frequency}"})
    assert Audience.objects.get(workspace=here.workspace, name__startswith="RFM: recency").pk == int(
        response["Location"].split("/")[-2]
    )
    here.client.post(url + "save", {"what": "rfm.segment:Champions"})
    assert Audience.objects.filter(workspace=here.workspace, name="RFM segment: Champions").exists()
    for wrong in ("", "cell:x-y", "nothing:1"):
        assert here.client.post(url + "save", {"what": wrong}).status_code == 404
    assert here.client.get(url + "7-1/").status_code == 404
    viewer = here.sign_in("viewer")
    assert viewer.get(url).status_code == 200
    assert viewer.post(url + "set-up", {"purchase": "Bought"}).status_code == 403


NOW = 1_325_386_800_000  # 2012-01-01 03:00 UTC: nobody ordered at three in the morning, so days are the same to the minute


def shop_rfm(lines: Any) -> Any:
    """RFM of Online Retail by Polars alone: who, days, purchases, money, r, f."""
    import polars as pl

    invoices = (
        lines.with_columns(
            who=pl.when(pl.col("CustomerID").fill_null("") == "").then("guest " + pl.col("InvoiceNo")).otherwise("CustomerID"),
            total=pl.col("Quantity").cast(pl.Float64) * pl.col("UnitPrice").cast(pl.Float64),
        )
        .group_by("InvoiceNo")
        .agg(pl.col("who").first(), pl.col("InvoiceDate").first(), pl.col("total").sum())
        .with_columns(kind=pl.col("InvoiceNo").str.slice(0, 1))
        .with_columns(at=_time(pl.col("InvoiceDate")))
    )
    bought = invoices.filter(~pl.col("kind").is_in(["A", "C"]))
    people = bought.group_by("who").agg(purchases=pl.len(), last=pl.col("at").max(), paid=pl.col("total").sum())
    back = invoices.filter(pl.col("kind") == "C").group_by("who").agg(back=pl.col("total").sum())
    people = people.join(back, on="who", how="left").with_columns(
        money=pl.col("paid") + pl.col("back").fill_null(0), days=(NOW - pl.col("last")) // DAY
    )
    ranked = people.with_columns(by_days=_fifths(-pl.col("days")), by_number=_fifths(pl.col("purchases")))
    return ranked.with_columns(r=pl.col("by_days").min().over("days"), f=pl.col("by_number").min().over("purchases"))


def _time(column: Any) -> Any:
    import polars as pl

    parsed = column.str.strptime(pl.Datetime("ms"), format="%Y-%m-%d %H:%M:%S", strict=True)
    return parsed.dt.replace_time_zone("Europe/London").dt.epoch("ms")


def _fifths(column: Any) -> Any:
    import polars as pl

    n, place = pl.len(), column.rank("ordinal") - 1
    each, more = n // 5, n % 5
    long = more * (each + 1)
    return pl.when(place < long).then(place // (each + 1)).otherwise(more + (place - long) // each) + 1


def prove(workspace_id: int, lines: Any) -> None:
    import polars as pl

    wanted = shop_rfm(lines)
    make_standard(access_of(workspace_id), purchase="Order Completed", refund="Order Refunded")
    work_out(workspace_id, now=NOW)
    ids = standard_ids(workspace_id)
    cells = {(one.recency, one.frequency): one for row_ in grid(ids) for one in row_ if one.customers}
    counted = {(r, f): (n, money) for r, f, n, money in wanted.group_by("r", "f").agg(pl.len(), pl.col("money").sum()).rows()}
    assert {key: one.customers for key, one in cells.items()} == {key: n for key, (n, _) in counted.items()}
    for key, one in cells.items():
        assert one.money == pytest.approx(counted[key][1], abs=0.02)
    champions = next(one for one in segments(ids) if one.name == "Champions")
    assert champions.customers == wanted.filter((pl.col("r") >= 4) & (pl.col("f") >= 4)).height
    where = {"kind": "all", "of": [
        {"kind": "did", "event": {"name": "Order Completed"}, "at_least": 2},
        {"kind": "computed", "id": ids["rfm.money"], "is": "at_least", "to": 500},
    ]}  # fmt: skip
    good = Audience.objects.create(
        workspace_id=workspace_id, name="Good", definition={"version": 1, "where": where}, created_at=0, updated_at=0
    )
    assert recompute(good.pk, now=NOW)[0] == wanted.filter((pl.col("purchases") >= 2) & (pl.col("money") >= 500)).height
    assert Customer.objects.filter(workspace_id=workspace_id, merged_into=None).count() >= wanted.height


def test_a_slice_of_online_retail_gives_what_polars_gives(workspace, tmp_path):  # noqa: F811
    import polars as pl

    lines = pl.read_parquet(real("online_retail/online_retail.parquet")).slice(0, 25_000)
    lines.write_parquet(tmp_path / "slice.parquet")
    through(workspace, tmp_path / "slice.parquet", RETAIL.read_text())
    prove(workspace, lines)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_of_online_retail_gives_what_polars_gives(workspace):  # noqa: F811
    import polars as pl

    through(workspace, real("online_retail/online_retail.parquet"), RETAIL.read_text())
    prove(workspace, pl.read_parquet(real("online_retail/online_retail.parquet")))
