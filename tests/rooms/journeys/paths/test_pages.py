"""Paths over the real past, followed through customers, sessions and orders; every number opens its customers."""

from __future__ import annotations

import html
import re
from uuid import UUID, uuid4

import pytest

from amity.kernel.clock import HOUR, now_ms
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/journeys/paths/{rest}"


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return response.content.decode()


def someone(here: Place, *steps: str) -> UUID:
    """Keep a customer who did steps, such as `Viewed` or `Paid@7` (of order 7), an hour apart."""
    start = now_ms() - 20 * HOUR
    rows = []
    for n, step in enumerate(steps):
        name, _, order = step.partition("@")
        rows.append({"time": start + n * HOUR, "name": name, "type": "track", "voice": "did", "channel": "web", "value": None,
                     "properties": {"order_id": order} if order else {}, "key": UUID(int=uuid4().int)})  # fmt: skip
    return keep(here.workspace.pk, {"traits": {"name": f"Ada {EVIL}"}, "identifiers": [], "consent": {}, "rows": rows})


def links(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'href="([^"]+paths/customers[^"]+)"', page)]


def test_of_an_empty_past_it_says_so(here):
    assert "Nothing happened in this time" in text_of(here.client.get(url(here)))


def test_each_view_and_the_customers_behind_it(here):
    first = someone(here, "Home", "Viewed", "Viewed", f"Paid {EVIL}")
    second = someone(here, "Home", "Viewed")
    page = text_of(here.client.get(url(here)))
    assert EVIL not in page
    assert "4 of 4 connections are drawn" in page
    both = next(one for one in links(page) if "what=edge" in one and "Home" not in one)
    seen = {both: text_of(here.client.get(both))}
    assert any(str(first) in one or str(second) in one for one in seen.values())
    flow = text_of(here.client.get(url(here, "?view=flow&step=Home&period=last:30:days")))
    assert "2 did “<bdi>Home</bdi>”" in flow
    over = next(one for one in links(flow) if "what=stream" in one and "b=-2" in one)
    assert str(second) in text_of(here.client.get(over))
    assert str(first) not in text_of(here.client.get(over))
    ways = text_of(here.client.get(url(here, "?view=ways&period=last:30:days")))
    assert "2 different ways through" in ways
    assert "1 customer" in text_of(here.client.get(links(ways)[0]))
    again = text_of(here.client.get(url(here, "?view=again&period=last:30:days")))
    twice = next(one for one in links(again) if "what=again" in one)
    assert str(first) in text_of(here.client.get(twice))


def test_an_order_is_followed_through(here):
    someone(here, "Ordered@1", "Ordered@2", "Shipped@1", "Shipped@2", "Home")
    page = text_of(here.client.get(url(here, "?view=ways&case=order_id&period=last:30:days")))
    assert "1 different ways through" in page
    assert "of 1 customers" in page
    behind = text_of(here.client.get(links(page)[0]))
    assert "2 cases, by <bdi>order_id</bdi>" in behind
    apart = text_of(here.client.get(url(here, "?expand=order_id&hide=Home&period=last:30:days")))
    assert "Ordered · 1" in apart
    assert ">Home<" not in apart


@pytest.mark.parametrize(
    "address", ["?what=edge", "?what=way&a=99", "?what=node&a=0&col=99&step=Home", "?as_of=x", "?among=x", "?what=done&a=-3"]
)
def test_addresses_that_are_not_whole(here, address):
    someone(here, "Home")
    assert here.client.get(url(here, f"customers{address}")).status_code == 400
