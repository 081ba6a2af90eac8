"""Real files, through the log and the pipeline to the past: their published figures come out again. Skipped where they aren't."""

from __future__ import annotations

import asyncio
import io
import itertools
from contextlib import aclosing
from pathlib import Path
from threading import Event

import pytest

from amity.engines.addresses import addresses
from amity.engines.log.client import Log
from amity.engines.past.guard import ask_people
from amity.engines.present import seen
from amity.rooms.collection.actions.imports.register import digest_of, queue, register
from amity.rooms.collection.actions.imports.run import Run, claim
from amity.rooms.collection.rules.imports.looking import look
from amity.rooms.collection.rules.imports.mapping import plain, read_mapping
from amity.rooms.collection.rules.imports.preview import preview
from amity.rooms.trust.contracts import COMMAND_LINE
from amity.rooms.trust.models import Workspace
from amity.workers import position
from amity.workers.carrier import carry, shards_of
from amity.workers.projector import Projector
from tests.rooms.collection.imports.read import NOW

DATA = Path(__file__).parents[5] / "shared" / "data"
ROOT = Path(__file__).parents[4]
_numbers = itertools.count(1)


def real(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real data {name} is not here")
    return path


def seen_in(name: str, given: str = ""):
    path = real(name)
    with path.open("rb") as file:
        found = look(file, name=path.name, size=path.stat().st_size, given=read_mapping(given))
        assert found.questions == []
        return found, preview(found, received_at=NOW)


def test_the_help_desk_is_4580_cases_and_21348_events():
    found, made = seen_in("bpi/Helpdesk.xes.gz")
    assert (found.mapping.user_id, found.mapping.event.column) == ("case:concept:name", "concept:name")
    assert (made.interactions, len(made.names), made.rejected) == (21_348, 14, 0)


def test_the_receipt_log_is_8577_events():
    _, made = seen_in("pm4py/receipt.csv")
    assert (made.interactions, made.rejected) == (8_577, 0)


def test_the_complaints_are_28156_with_american_dates():
    found, made = seen_in("cfpb/consumer_complaints_2015.csv", "{user_id: Complaint ID, event: Complaint Submitted}")
    assert (made.interactions, found.looks["Date received"].dates.form) == (28_156, "mdy")


def test_shop_clicks_are_12391_views_of_known_and_unknown_visitors():
    found, made = seen_in("diginetica_sample/sample_train-item-views.csv", "{event: Product Viewed}")
    assert (found.mapping.user_id, found.mapping.anonymous_id) == ("user_id", "session_id")
    assert (made.interactions, made.rejected) == (12_391, 0)


def test_the_object_log_is_read_by_the_type_that_is_the_customer():
    _, made = seen_in("pm4py/ocel/ocel20_example.jsonocel", "{object_type: Purchase Order}")
    assert made.interactions + made.rejected >= 13
    assert made.interactions == 5


def test_a_list_of_players_with_a_mark_is_read():
    found, made = seen_in("cookie_cats/cookie_cats.csv")
    assert (found.mapping.user_id, found.mapping.kind, made.interactions) == ("userid", "identify", 90_189)


@pytest.fixture
def workspace(transactional_db, log_ready, past_ready) -> int:
    seen._made.clear()
    return Workspace.objects.create(slug=f"real{next(_numbers)}", name="Real").pk


def through(workspace: int, path: Path, given: str = "") -> None:
    """Import a file, and work what the log then holds as a worker would."""
    with path.open("rb") as file:
        digest, size = digest_of(file)
        found = look(file, name=path.name, size=size, given=read_mapping(given))
    made = register(
        workspace_id=workspace, actor=COMMAND_LINE, path=path, name=path.name, digest=digest, size=size, own_file=False
    )
    queue(workspace_id=workspace, import_id=made.id, mapping=plain(found.mapping), source_id=None, actor=COMMAND_LINE)

    async def roomy_end() -> int:
        log = await Log.connect(addresses().log, name="test")
        await log.prepare(max_bytes=9 * 10**8, max_days=1)
        last = (await log.state()).last_seq
        await log.close()
        return last

    start = asyncio.run(roomy_end())
    assert Run(claim(made.id)).work().state == "done"
    projector = Projector(position.take_up(0, 1), stopping=Event())
    for entries in asyncio.run(_entries(start)):
        projector.work(entries)
        carry(shards_of(0, 1))


async def _entries(start: int) -> list:
    log = await Log.connect(addresses().log, name="test")
    last, seq, found = (await log.state()).last_seq, start, []
    async with asyncio.timeout(90), aclosing(log.read(start, idle=0.2)) as reading:
        while seq < last:
            entries = await anext(reading)
            found += [[one] for one in entries]
            seq = entries[-1].seq if entries else seq
    await log.close()
    return found


def ask(workspace: int, sql: str) -> list:
    return ask_people(sql=sql, workspace_id=workspace, seconds=30, memory=10**9, limit=100).objects()


RETAIL = ROOT / "docs" / "maps" / "online_retail.yaml"
FIGURES = """
SELECT count() AS n, uniqExact(toString(properties.order_id)) AS invoices, round(sum(value), 2) AS net,
       uniqExactIf(user_id, user_id != '') AS known, uniqExact(customer_id) AS customers, countIf(name = 'Order Refunded') AS refunds
FROM interactions
"""


def test_a_slice_of_online_retail_gives_its_orders_customers_and_money(workspace, tmp_path):
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    lines = pq.read_table(real("online_retail/online_retail.parquet")).slice(0, 12_000)
    net = pc.sum(pc.multiply(lines["Quantity"].cast("float64"), lines["UnitPrice"])).as_py()
    invoices = pc.count_distinct(lines["InvoiceNo"]).as_py()
    known = pc.count_distinct(lines["CustomerID"], mode="only_valid").as_py()
    pq.write_table(lines, tmp_path / "slice.parquet")
    through(workspace, tmp_path / "slice.parquet", RETAIL.read_text())
    [found] = ask(workspace, FIGURES)
    assert (found["n"], found["invoices"], found["known"]) == (invoices, invoices, known)
    assert float(found["net"]) == pytest.approx(net, abs=0.01)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_all_of_online_retail_gives_25900_invoices_4372_customers_and_9747747_93(workspace):
    through(workspace, real("online_retail/online_retail.parquet"), RETAIL.read_text())
    [found] = ask(workspace, FIGURES)
    assert (found["n"], found["invoices"], found["known"], found["refunds"]) == (25_900, 25_900, 4_372, 3_836)
    assert found["customers"] == 4_372 + 3_710, "each of the 3,710 invoices without a customer is a guest of its own"
    assert float(found["net"]) == pytest.approx(9_747_747.93, abs=0.01)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_help_desk_is_in_the_past_with_its_variants(workspace):
    through(workspace, real("bpi/Helpdesk.xes.gz"))
    [found] = ask(workspace, "SELECT count() AS n, uniqExact(customer_id) AS cases, uniqExact(name) AS names FROM interactions")
    assert found == {"n": 21_348, "cases": 4_580, "names": 14}


def test_the_documented_map_fits_its_file():
    path = real("online_retail/online_retail.parquet")
    with path.open("rb") as file:
        found = look(io.BytesIO(file.read()), name=path.name, size=path.stat().st_size, given=read_mapping(RETAIL.read_text()))
    assert found.questions == []
