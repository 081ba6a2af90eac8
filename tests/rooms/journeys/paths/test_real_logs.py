"""Real event logs as cases: cases, events, activities, variants, what follows what, rework and durations, told by Polars, too.

Once by the rules alone, once through the past, where each case is a ticket of a customer who has several.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import polars as pl
import pytest

from amity.engines.past.behaviour.language import Event
from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, money, seconds
from amity.rooms.journeys.queries.paths.cases import ask_cases
from amity.rooms.journeys.rules.paths.language import Paths
from amity.rooms.journeys.rules.paths.trails import Trails, activities, durations, edges, variants
from tests.rooms.customers.people import Place
from tests.rooms.journeys.paths.logs import Log, receipt, trails, xes

# Cases, events, activities, variants: of the help desk as published with it, of the others counted where they came from.
FIGURES = {
    "bpi/Helpdesk.xes.gz": (4_580, 21_348, 14, 226), "bpi/helpdesk_full_attrs.xes.gz": (4_580, 21_348, 14, 226),
    "pm4py/receipt.csv": (1_434, 8_577, 27, 116), "pm4py/running-example.xes": (6, 42, 8, 6),
}  # fmt: skip
TOP = {"bpi/Helpdesk.xes.gz": [2_366, 552, 228], "bpi/helpdesk_full_attrs.xes.gz": [2_366, 552, 228]}


def read(name: str) -> Log:
    return receipt(name) if name.endswith(".csv") else xes(name)


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_known_of_it_and_what_polars_counts(name):
    log = read(name)
    made = trails(log)
    _, kinds = variants(made)
    assert (made.cases, len(made.activity), len(made.names), kinds) == FIGURES[name]
    as_polars(log, made)
    assert [way.cases for way in variants(made, most=3)[0]] == TOP.get(name, [way.cases for way in variants(made, most=3)[0]])


def test_the_help_desk_through_the_past(transactional_db, past_ready):
    log, here = xes("bpi/Helpdesk.xes.gz"), Place()
    keys = iter(range(uuid4().int >> 64 << 64, 2**128))  # in the order of the file, which tells what came first at one instant
    people = [uuid4() for _ in range(500)]
    rows = [
        InteractionRow(
            workspace_id=here.workspace.pk, customer_id=people[n % len(people)], time=seconds(at), message_key=UUID(int=next(keys)),
            message_id="", type="track", source_id=1, received_at=seconds(at), projected_at=seconds(at), log_seq=1, log_index=1,
            name=name, channel="email", voice="did", value=money(None), properties={"ticket": case},
        )
        for n, (case, events) in enumerate(log.items())
        for at, name in events
    ]  # fmt: skip
    insert_rows(table="interactions_raw", rows=rows, token=f"help desk {here.workspace.pk}")
    made = ask_cases(
        Paths(event=Event(), period=None, case="properties.ticket"), workspace_id=here.workspace.pk, time_zone="UTC",
        as_of=round(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000),
    )  # fmt: skip
    _, kinds = variants(made)
    assert (made.cases, len(made.activity), kinds) == (4_580, 21_348, 226)
    assert len({one.name for one in activities(made)}) == 14
    assert len(set(made.customers.tolist())) == 500
    as_polars(log, made)


def as_polars(log: Log, made: Trails) -> None:
    """Hold everything that is counted of a log to the same in Polars."""
    table = pl.DataFrame(
        [(case, at, name) for case, events in log.items() for at, name in events], schema=["case", "at", "name"], orient="row"
    ).sort("case", "at", maintain_order=True)
    follows = (
        table.with_columns(then=pl.col("name").shift(-1).over("case"), took=pl.col("at").shift(-1).over("case") - pl.col("at"))
        .drop_nulls("then")
        .group_by("name", "then")
        .agg(times=pl.len(), cases=pl.col("case").n_unique(), median=pl.col("took").median(), p90=pl.col("took").quantile(0.9, "linear"))
    )  # fmt: skip
    mine = {(made.names[e.first], made.names[e.then]): (e.times, e.cases, e.took.p50, e.took.p90) for e in edges(made)}
    assert mine == {(one[0], one[1]): pytest.approx(one[2:]) for one in follows.iter_rows()}
    ways = table.group_by("case").agg(way=pl.col("name").str.join(" → ")).group_by("way").len()
    told, _ = variants(made, most=10**6)
    assert {" → ".join(made.names[code] for code in way.steps): way.cases for way in told} == dict(ways.iter_rows())
    again = (
        table.group_by("case", "name")
        .len()
        .group_by("name")
        .agg(pl.col("len").sum(), pl.len().alias("cases"), (pl.col("len") > 1).sum().alias("reworked"))
    )
    assert {(one.name, one.times, one.cases, one.reworked) for one in activities(made)} == set(again.iter_rows())
    lasted = table.group_by("case").agg(took=pl.col("at").max() - pl.col("at").min())["took"]
    whole = durations(made)
    assert whole is not None
    assert (whole.n, whole.p25, whole.p50, whole.p75, whole.p90) == pytest.approx(
        (len(lasted), *(lasted.quantile(at, "linear") for at in (0.25, 0.5, 0.75, 0.9)))
    )
