"""Hostile values in every parameter of every page that a person can click to, and each such page asked for in a workspace that isn't its own.

Pages are found by following links in a workspace that holds something of each kind, and parameters by noting what each page asks of
its address. So a new page or a new parameter is tried without anybody adding it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import Resolver404, resolve

from amity.config.linden.furnish import furnish
from amity.kernel.clock import DAY, now_ms
from amity.rooms.collection.models import Source
from amity.rooms.customers.models import Audience, ComputedTrait, Customer, Persona
from amity.rooms.journeys.models import Journey, PainPoint, SavedFunnel
from amity.rooms.metrics.models import Dashboard, Metric
from amity.rooms.trust.models import Membership, Person, Workspace
from tests.emptying import empty_present
from tests.house.test_routes import close_stream
from tests.workers.conftest import World

MARK = "zqz"
HOSTILE = (f"{MARK}'\"`\\;--/*{{a:String}}%s%(a)s{MARK}", "9" * 40, "-1", "\x00", f"properties.{MARK}')", f"last:{MARK}:days")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
# A path into a JSON column can't be bound; it stands between backticks with all that could end it escaped.
QUOTED = re.compile(r"`(?:[^`\\]|\\.)*`")
LINK = re.compile(r"""(?:href|hx-get|src|action)=["']([^"'#]+)""")
NAMED = (Audience, Persona, ComputedTrait, Metric, Dashboard, SavedFunnel, Journey, PainPoint)
FOUND = 80
EACH = 2  # pages of one route that are followed, since what they link to may differ


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, past_ready, log_ready) -> Iterator[dict[str, Any]]:
    """A workspace with a little of everything, an empty one, and their owner's browser."""
    with django_db_blocker.unblock():
        own = Workspace.objects.create(slug="linden", name="Linden")
        empty = Workspace.objects.create(slug="birch", name="Birch")
        world = World.__new__(World)
        world.workspace, world.seq, world.entries = own.pk, 0, []
        world.source = Source.objects.create(workspace_id=own.pk, name="Web", kind="website").pk
        now = now_ms()
        world.entry(*(
            world.one(
                f"{name}-{n}", name=name, user_id=f"user-{n % 4}", time=now - n * DAY,
                properties={"score": n % 10, "value": n, "currency": "EUR", "category": "Shoes"},
                traits={"email": f"user-{n % 4}@linden.example", "name": "Ada Lind"} if n < 4 else {},
            )
            for n in range(12)
            for name in ("Order Completed", "Product Viewed", "Survey Answered", "Ticket Opened")
        ))  # fmt: skip
        projector = world.projector()
        projector.work(world.entries)
        world.carry()
        furnish()
        person = Person.objects.create(email="ada@linden.example", name="Ada")
        for one in (own, empty):
            Membership.objects.create(person=person, workspace=one, role="owner")
        browser = Client(raise_request_exception=False)
        browser.force_login(person, backend=BACKEND)
        yield {"browser": browser, "own": own, "empty": empty}
        empty_present()


@pytest.fixture(scope="module")
def pages(house: dict[str, Any], django_db_blocker) -> dict[str, list[str]]:
    """Addresses by their route, with what they were linked with; those that only take what is sent begin with POST."""
    with django_db_blocker.unblock():
        return crawl(house["browser"], "/w/linden/")


def crawl(browser: Client, start: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    waiting, met = [start], {start}
    while waiting:
        at = waiting.pop(0)
        path = urlsplit(at).path
        try:
            route = resolve(path).route
        except Resolver404:
            continue
        known = found.setdefault(route, [])
        if len(known) == EACH or any(urlsplit(one.removeprefix("POST ")).path == path for one in known):
            continue
        answer = browser.get(at)
        body = b"" if answer.streaming else answer.content
        close_stream(answer)
        if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            known.append(f"POST {at}")
            continue
        assert answer.status_code < 500, at
        known.append(at)
        links = [unescape(one) for one in LINK.findall(body.decode(errors="replace"))]
        links += [answer["Location"]] if answer.has_header("Location") else []
        for link in links:
            to = urljoin(at, link)
            if to.startswith("/w/linden/") and to not in met:
                met.add(to)
                waiting.append(to)
    return {route: there for route, there in found.items() if there}


@contextmanager
def noting(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[set[str], list[str]]]:
    """Note which parameters are asked of an address, and the text of all that is said to the engines."""
    asked: set[str] = set()
    said: list[str] = []

    def note(execute, sql, params, many, context):
        said.append(sql if isinstance(sql, str) else str(sql))
        return execute(sql, params, many, context)

    with monkeypatch.context() as patch:
        for name in ("get", "getlist", "__getitem__", "__contains__"):
            patch.setattr(QueryDict, name, _asking(getattr(QueryDict, name), asked))
        patch.setattr("clickhouse_connect.driver.httpclient.HttpClient.query", _saying("query", said))
        patch.setattr("clickhouse_connect.driver.httpclient.HttpClient.raw_query", _saying("raw_query", said))
        with connection.execute_wrapper(note):
            yield asked, said


def _asking(original, asked: set[str]):
    def wrapped(self, key, *rest, **more):
        if not self._mutable and isinstance(key, str):
            asked.add(key)
        return original(self, key, *rest, **more)

    return wrapped


def _saying(name: str, said: list[str]):
    from clickhouse_connect.driver.httpclient import HttpClient

    original = getattr(HttpClient, name)

    def wrapped(self, query, *rest, **more):
        said.append(query if isinstance(query, str) else query.decode(errors="replace"))
        return original(self, query, *rest, **more)

    return wrapped


@pytest.mark.django_db
def test_the_pages_were_found(pages):
    assert sum(not one[0].startswith("POST") for one in pages.values()) > FOUND
    assert sum(one[0].startswith("POST") for one in pages.values()) > FOUND // 4


@pytest.mark.django_db
def test_nothing_of_an_address_becomes_part_of_a_question(house, pages, monkeypatch):
    """Each parameter of each page with each hostile value: an answer that isn't our failure, and the engines hear it bound only."""
    failures, tried = [], 0
    for there in pages.values():
        if there[0].startswith("POST"):
            continue
        at = urlsplit(there[0])
        given = dict(parse_qsl(at.query))
        with noting(monkeypatch) as (asked, said):
            close_stream(house["browser"].get(there[0]))
            done: set[str] = set()
            while names := asked - done:  # a parameter may be asked for only where another is there
                for name, value in ((name, value) for name in sorted(names) for value in HOSTILE):
                    said.clear()
                    before = transaction.savepoint()
                    answer = house["browser"].get(at.path, given | {name: value})
                    close_stream(answer)
                    transaction.savepoint_rollback(before)  # so that one page's failure isn't that of all after it
                    tried += 1
                    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                        failures.append(f"{answer.status_code} {at.path} {name}={value[:40]!r}")
                    failures += [f"{at.path} {name}: {sql[:300]}" for sql in said if MARK in QUOTED.sub("", sql)]
                done |= names
    assert failures == []
    assert tried > FOUND * len(HOSTILE)


@pytest.mark.django_db
def test_what_one_workspace_holds_is_not_there_in_another(house, pages):
    """Of the same owner, so that nothing but the workspace keeps them apart."""
    wrong, tried = [], 0
    for route, there in pages.items():
        if not re.search(r"<(int|uuid):", route):
            continue
        for one in there:
            method = "POST" if one.startswith("POST") else "GET"
            at = one.removeprefix("POST ").replace("/w/linden/", "/w/birch/", 1)
            answer = house["browser"].generic(method, at, b"", content_type="application/x-www-form-urlencoded")
            close_stream(answer)
            tried += 1
            if answer.status_code != HTTPStatus.NOT_FOUND:
                wrong.append(f"{answer.status_code} {method} {at}")
    assert wrong == []
    assert tried > FOUND


@pytest.mark.django_db
def test_no_parameter_reaches_into_another_workspace(house, pages, monkeypatch):
    names = [name for model in NAMED for name in model.objects.filter(workspace=house["own"]).values_list("name", flat=True)]
    ids = sorted({str(model.objects.filter(workspace=house["own"]).first().pk) for model in (*NAMED, Customer)})
    theirs = {name for name in names if len(name) > len("Web")} | {"linden.example"}
    told = []
    for route, there in pages.items():
        if there[0].startswith("POST") or "<" in route.removeprefix("w/<slug:workspace>/"):
            continue
        at = urlsplit(there[0]).path.replace("/w/linden/", "/w/birch/", 1)
        with noting(monkeypatch) as (asked, _):
            before = body_of(house["browser"].get(at))
            for name, value in ((name, value) for name in sorted(asked) for value in ids):
                body = body_of(house["browser"].get(at, {name: value}))
                told += [f"{at} {name}={value}: {one}" for one in theirs if one in body and one not in before]
    assert told == []


def body_of(answer: Any) -> str:
    body = b"" if answer.streaming else answer.content
    close_stream(answer)
    return unescape(body.decode(errors="replace"))
