from __future__ import annotations

import pytest

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers import api
from amity.rooms.customers.models import Customer
from amity.rooms.customers.queries import search as searching
from amity.rooms.customers.queries.rows import fetch
from amity.rooms.customers.rules.words import asked, customer_words, is_letter, words_of
from tests.rooms.customers.making import MINUTE, event

pytestmark = pytest.mark.django_db


def _place(workspace, number=60):
    names = ("Zoë Müller", "Bo García", "Ana Müllerová")
    return api.place([
        event(f"e{n}", workspace=workspace, at=n * MINUTE, kind="identify", user_id=f"user-{n}", anonymous_id=f"anon-{n:04}",
              traits={"name": names[n % 3], "email": f"P{n}@example.com", "address": {"city": "Kraków"}, "age": 40 + n % 2})
        for n in range(number)
    ])  # fmt: skip


def _names(page):
    return [line.user_id for line in page.lines]


def test_words_without_accents_and_case():
    assert words_of("Zoë MÜLLER-Łoś, zoe@Ex.org") == ["zoe", "muller", "łos", "zoe", "ex", "org"]
    words = customer_words(
        identifiers=[("email", "a.b@x.org"), ("anonymous_id", "f00")],
        traits={"n": 7, "ok": True, "url": "https://x.org/y", "deep": {"city": ["Hà Nội"]}},
    )
    assert words == ["a", "b", "x", "org", "ha", "noi", "7"]
    assert asked(3, "Zoë mu") == "'3:zoe' & '3:mu':*"
    assert asked(3, "'!&|") == ""


def test_finds_by_beginnings_of_words_most_recent_first(workspace, other_workspace):
    _place(workspace)
    _place(other_workspace, 3)
    page = api.search_customers(workspace_id=workspace, text="mul", limit=50)
    assert page.total == 40
    assert not page.more
    assert _names(page)[:3] == ["user-59", "user-57", "user-56"]
    assert api.search_customers(workspace_id=workspace, text="zoe mull").total == 20
    assert api.search_customers(workspace_id=workspace, text="muller krakow 41").total == 10
    assert api.search_customers(workspace_id=workspace, text="nobody").lines == []
    for odd in ("\0", "'", "a' | 'b", ":*", "\\", "%s", "é" * 500):
        api.search_customers(workspace_id=workspace, text=odd)


def test_an_identifier_comes_first_whatever_its_kind(workspace):
    placed = _place(workspace).placements
    for text in ("user-7", "p7@EXAMPLE.com", "anon-0007", str(placed[7].customer_id)):
        assert _names(api.search_customers(workspace_id=workspace, text=text))[0] == "user-7"
    assert len(api.search_customers(workspace_id=workspace, text="anon-000").lines) == 10


WAYS = {
    "sorted": {},
    "walked at once": {"COUNTED": 10, "_WALKED": 1_000},
    "walked on": {"COUNTED": 10, "_WALKED": 8, "_FAR": 1_000},
    "walked in vain": {"COUNTED": 10, "_WALKED": 3, "_FAR": 1_000},
    "all sorted": {"COUNTED": 10, "_WALKED": 4, "_FAR": 0},
}


@pytest.mark.parametrize("way", WAYS)
def test_pages_are_complete_and_without_repeats_whichever_way(workspace, other_workspace, monkeypatch, way):
    _place(workspace)
    _place(other_workspace)
    for name, value in WAYS[way].items():
        monkeypatch.setattr(searching, name, value)
    for text, number in (("", 60), ("muller", 40), ("m", 40), ("ana m", 20), ("mullerov", 20), ("40", 30), ("zzz", 0)):
        seen, after = [], ""
        while True:
            page = api.search_customers(workspace_id=workspace, text=text, after=after, limit=7)
            assert (page.total, page.more) == (min(number, searching.COUNTED), number > searching.COUNTED)
            seen += _names(page)
            after = page.after
            if not after:
                break
        assert len(seen) == len(set(seen)) == number
        assert seen == sorted(seen, key=lambda u: -int(u.split("-")[1]))
    with pytest.raises(Invalid):
        api.list_customers(workspace_id=workspace, after="nonsense")


def test_where_walking_on_would_take_too_long_all_are_sorted(workspace, monkeypatch):
    _place(workspace)
    for name, value in {"COUNTED": 10, "_WALKED": 4, "_FAR": 10}.items():
        monkeypatch.setattr(searching, name, value)
    asked_of = []
    monkeypatch.setattr(searching, "fetch", lambda sql, params: asked_of.append(sql) or fetch(sql, params))
    page = api.search_customers(workspace_id=workspace, text="mullerova", limit=20)
    assert _names(page) == [f"user-{n}" for n in range(59, 0, -3)]
    assert searching._ALL in asked_of
    assert searching._FEW not in asked_of


def test_one_letter_asks_the_list_and_not_the_index(workspace, monkeypatch):
    _place(workspace)
    monkeypatch.setattr(searching, "COUNTED", 10)
    asked_of = []
    monkeypatch.setattr(searching, "fetch", lambda sql, params: asked_of.append(sql) or fetch(sql, params))
    page = api.search_customers(workspace_id=workspace, text="K", limit=7)
    assert (page.total, page.more, len(page.lines)) == (10, True, 7)
    assert searching._IDS not in asked_of
    assert [is_letter(asked(workspace, text)) for text in ("k", "7", "é", "ka", "k a", "漢")] == [
        True,
        True,
        True,
        False,
        False,
        True,
    ]


def test_words_follow_what_is_known(workspace):
    _place(workspace, 1)
    change = event("x", workspace=workspace, kind="identify", user_id="user-0", at=9 * MINUTE, traits={"name": "Greta"})
    api.place([change])
    assert api.search_customers(workspace_id=workspace, text="zoe").total == 0
    assert _names(api.search_customers(workspace_id=workspace, text="greta")) == ["user-0"]


def test_a_merged_customer_is_found_once(workspace):
    api.place([
        event("1", workspace=workspace, user_id="u", kind="identify", traits={"name": "Ada"}),
        event("2", workspace=workspace, anonymous_id="a", kind="identify", traits={"city": "Oslo"}, at=1),
        event("3", workspace=workspace, user_id="u", anonymous_id="a", at=2),
    ])  # fmt: skip
    assert _names(api.search_customers(workspace_id=workspace, text="ada oslo")) == ["u"]
    assert api.search_customers(workspace_id=workspace, text="oslo").total == 1
    assert api.list_customers(workspace_id=workspace).total == 1


def test_no_other_workspace_is_ever_shown(workspace, other_workspace):
    customer = _place(workspace, 1).placements[0].customer_id
    assert api.search_customers(workspace_id=other_workspace, text="muller").lines == []
    assert api.search_customers(workspace_id=other_workspace, text="user-0").lines == []
    assert api.find_customer_by_identifier(workspace_id=other_workspace, text=str(customer)) is None
    with pytest.raises(NotFound):
        api.get_customer(workspace_id=other_workspace, customer_id=customer)
    assert api.list_identifiers(workspace_id=other_workspace, customer_id=customer) == []
    assert Customer.objects.count() == 1
