"""A notebook reads what was sent to the edge, through the API, as each kind of frame."""

from __future__ import annotations

import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import httpx
import pandas as pd
import polars as pl
import pytest

import amity as amity_package
from amity.kernel.errors import AmityError, Invalid, NotRunning
from tests.flows.wait import wait_for

pytestmark = pytest.mark.timeout(300)  # the first test of a run waits until all of Amity has started


@pytest.fixture(scope="module")
def sent(amity):
    """Return a name that only this test's customers bear, once 20 of them are in the past."""
    made = json.loads(amity.cli("source", "create", "Notebook", "--json"))
    name = f"Bea{uuid4().hex[:8]}"
    amity.send(
        made["write_key"],
        *[{"type": "identify", "userId": f"{name}-{n}", "traits": {"name": f"{name} {n}", "vip": n % 2 == 0}} for n in range(20)],
        *[
            {"type": "track", "event": f"{name} paid", "userId": f"{name}-{n}", "properties": {"revenue": n + 0.25}}
            for n in range(20)
        ],
    )
    asked = f"select count() as n from interactions where user_id like '{name}%'"
    wait_for(lambda: json.loads(amity.cli("query", asked, "--json"))[0]["n"] == 40)
    return name


@pytest.fixture(scope="module")
def shop(amity):
    token = json.loads(amity.cli("token", "create", "--role", "analyst", "--json"))["token"]
    with amity_package.connect(amity.console, token=token, purpose="necessary") as connection:
        yield connection


def test_interactions_are_the_same_in_each_kind_of_frame(shop, sent):
    wanted = shop.interactions(event=f"{sent} paid", type="track", since=datetime.now(UTC) - timedelta(days=1))
    table = wanted.arrow()
    assert table.num_rows == 20
    assert sorted(table["value"].to_pylist()) == [Decimal(n) + Decimal("0.2500") for n in range(20)]
    frame, polars = wanted.pandas(), wanted.polars()
    assert isinstance(frame, pd.DataFrame)
    assert isinstance(polars, pl.DataFrame)
    assert list(frame["key"]) == polars["key"].to_list() == table["key"].to_pylist()
    assert frame["value"].sum() == polars["value"].sum() == sum(table["value"].to_pylist())
    assert shop.interactions(event=f"{sent} paid", until=datetime.now(UTC) - timedelta(days=1)).arrow().num_rows == 0


def test_customers_are_found_by_search_and_by_trait(shop, sent, tmp_path):
    assert shop.customers(search=sent).arrow().num_rows == 20
    vips = shop.customers(search=sent, trait={"vip": True}).pandas()
    assert {json.loads(traits)["vip"] for traits in vips["traits"]} == {True}
    assert len(vips) == 10
    saved = shop.customers(search=sent).save(tmp_path / "customers.parquet")
    assert pl.read_parquet(saved).height == 20
    assert [one.name for one in tmp_path.iterdir()] == ["customers.parquet"]


def test_a_read_names_its_purpose_and_tells_who_was_left_out(amity, shop, sent, monkeypatch):
    asked = shop.customers(search=sent, purpose="marketing_sms")
    assert asked.withheld is None
    assert (asked.arrow().num_rows, asked.withheld) == (0, 20)
    everybody = shop.interactions(event=f"{sent} paid")
    assert (everybody.polars().height, everybody.withheld) == (20, 0)
    with pytest.raises(AmityError) as unknown:
        shop.customers(purpose="fax").arrow()
    assert unknown.value.code == "unknown_purpose"
    token = json.loads(amity.cli("token", "create", "--role", "analyst", "--json"))["token"]
    with amity_package.connect(amity.console, token=token) as silent:
        with pytest.raises(Invalid, match="AMITY_PURPOSE"):
            silent.customers()
        assert silent.query("select 1 as one").rows == [[1]]
    monkeypatch.setenv("AMITY_PURPOSE", "necessary")
    with amity_package.connect(amity.console, token=token) as told:
        assert told.customers(search=sent).arrow().num_rows == 20


def test_computed_traits_as_of_an_instant(amity, shop, sent):
    given = {"name": f"Paid {sent}", "definition": {"version": 1, "value": {
        "kind": "number", "take": "sum", "of": "value", "event": {"name": f"{sent} paid"}}}}  # fmt: skip
    token = json.loads(amity.cli("token", "create", "--role", "owner", "--json"))["token"]
    answer = httpx.post(f"{amity.console}/api/v1/computed-traits", json=given, headers={"Authorization": f"Bearer {token}"})
    made = answer.json()["id"]
    now = shop.traits(made, as_of=datetime.now(UTC)).polars()
    assert sorted(now.filter(pl.col(f"Paid {sent}") > 0)[f"Paid {sent}"].to_list()) == [n + 0.25 for n in range(20)]
    before = shop.traits(made, as_of=datetime.now(UTC) - timedelta(days=1), known="happened")
    assert before.polars().filter(pl.col(f"Paid {sent}") > 0).height == 0
    assert before.withheld == 0


def test_an_audience_is_a_frame_of_who_allows_the_purpose(amity, shop, sent):
    given = {"name": f"Payers {sent}", "definition": {"version": 1, "where": {
        "kind": "measure", "take": "sum", "of": "value", "event": {"name": f"{sent} paid"}, "is": "at_least", "to": 10}}}  # fmt: skip
    token = json.loads(amity.cli("token", "create", "--role", "owner", "--json"))["token"]
    answer = httpx.post(f"{amity.console}/api/v1/audiences", json=given, headers={"Authorization": f"Bearer {token}"})
    made = answer.json()["id"]
    wait_for(lambda: [made, f"Payers {sent}", 10] in [row[:3] for row in shop.audiences().rows])
    listed = shop.audiences().polars().filter(pl.col("id") == made)
    assert (listed["name"].to_list(), listed["size"].to_list()) == ([f"Payers {sent}"], [10])
    members = shop.audience(made)
    frame = members.polars()
    assert sorted(frame["user_id"].to_list()) == sorted(f"{sent}-{n}" for n in range(10, 20))
    assert members.withheld == 0
    assert list(shop.audience(f"Payers {sent}").pandas()["customer_id"]) == frame["customer_id"].to_list()
    unasked = shop.audience(made, purpose="marketing_sms")
    assert (unasked.arrow().num_rows, unasked.withheld) == (0, 10)
    with pytest.raises(Invalid, match="No audience is called 'nobody'"):
        shop.audience("nobody")


def test_a_question_in_sql_is_a_frame(shop, sent):
    answer = shop.query(f"select user_id, count() as n from interactions where user_id like '{sent}%' group by user_id", limit=5)
    assert answer.truncated
    assert answer.pandas().shape == (5, 2)
    assert answer.polars()["n"].to_list() == [2] * 5
    assert shop.query("select name from interactions where 1 = 0").arrow().num_rows == 0
    with pytest.raises(Invalid):
        shop.query("drop table interactions")


def test_what_is_refused_says_so(amity, shop, sent, tmp_path):
    with pytest.raises(Invalid, match="AMITY_TOKEN"):
        amity_package.connect(amity.console)
    with pytest.raises(AmityError) as wrong:
        amity_package.connect(amity.console, token="amity_wrong")
    assert wrong.value.code == "unauthorized"
    with pytest.raises(AmityError, match="no Amity's answer"):
        amity_package.connect(f"{amity.console}/nowhere", token="amity_wrong")
    viewer = json.loads(amity.cli("token", "create", "--role", "viewer", "--json"))["token"]
    with (
        amity_package.connect(amity.console, token=viewer, purpose="necessary") as connection,
        pytest.raises(AmityError) as refused,
    ):
        connection.customers(search=sent).save(tmp_path / "no.parquet")
    assert refused.value.code == "forbidden"
    assert list(tmp_path.iterdir()) == []
    assert viewer not in repr(connection)


def test_nobody_there_and_half_an_answer_are_told_apart(tmp_path):
    with pytest.raises(NotRunning):
        amity_package.connect("http://127.0.0.1:1", token="amity_any")
    with breaking_off() as url:
        from amity.notebook.connection import Connection

        with Connection(url, token="amity_any", purpose="necessary") as connection, pytest.raises(AmityError, match="broke off"):
            connection.customers().save(tmp_path / "half.parquet")
    assert list(tmp_path.iterdir()) == []


class breaking_off:  # noqa: N801  used as a context
    """A server that promises 100 bytes, sends 4 and hangs up."""

    def __enter__(self) -> str:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._answer, daemon=True)
        self.thread.start()
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def _answer(self) -> None:
        one, _ = self.socket.accept()
        with one:
            one.recv(65_536)
            one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nPAR1")

    def __exit__(self, *_: object) -> None:
        self.thread.join(5)
        self.socket.close()
