"""Accounts: who belongs, what is known, what they did for it, as the past tells it."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.engines.past.client import insert_rows
from amity.engines.past.migrate import migrate_past
from amity.engines.past.rows import MergeRow
from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.queries.accounts import account_story, get_account, list_accounts
from amity.rooms.customers.rules.accounts import name_of_account, plain_id, traits_of_account
from tests.rooms.customers.people import Place
from tests.rooms.customers.test_http import asked, client_of

EVIL = '../<script>alert("x")</script>?&#'


@pytest.fixture(scope="module")
def _past() -> None:
    migrate_past()


@pytest.fixture
def here(_past: None, db: None) -> Place:
    return Place()


def group_call(account: str, at: int, **traits):
    return {"type": "group", "name": "", "group_id": account, "at": at, "traits": traits, "told": json.dumps(traits)}


def text_of(response) -> str:
    assert response.status_code == 200, response.content[:500]
    return response.content.decode()


def test_members_belong_from_when_it_was_said(here: Place) -> None:
    now = now_ms()
    ada, bo = here.customer(traits={"name": "Ada"}), here.customer(traits={"name": "Bo"})
    here.tell(
        ada,
        {"name": "before", "at": now - 3 * DAY, "value": Decimal(100), "currency": "EUR"},
        group_call("acme", now - 2 * DAY, name="Acme", plan="free"),
        {"name": "for acme", "at": now - DAY, "value": Decimal("12.50"), "currency": "EUR"},
        {"name": "for another", "at": now - HOUR, "group_id": "other", "value": Decimal(7), "currency": "EUR"},
        group_call("acme", now - HOUR // 2, plan="business"),
    )
    here.tell(bo, {"name": "named with it", "at": now - HOUR, "group_id": "acme"}, {"name": "later", "at": now})
    here.tell(here.customer(), {"name": "of nobody", "at": now})
    acme = get_account(workspace_id=here.workspace.pk, account="acme")
    assert (acme.name, {t.name: t.value for t in acme.traits}) == ("Acme", {"name": "Acme", "plan": "business"})
    assert [(m.line.name, m.since) for m in acme.members] == [("Ada", now - 2 * DAY), ("Bo", now - HOUR)]
    story = account_story(workspace_id=here.workspace.pk, account=acme)
    assert [one.name for one in story.moments] == ["later", "", "named with it", "for acme", ""]
    assert acme.interactions == len(story.moments)
    assert acme.values == {"EUR": Decimal("12.50")}
    with pytest.raises(NotFound):
        get_account(workspace_id=here.workspace.pk, account="nobody named it")
    with pytest.raises(NotFound):
        get_account(workspace_id=Place().workspace.pk, account="acme")


def test_a_story_is_read_stretch_by_stretch(here: Place) -> None:
    now = now_ms()
    for number in range(3):
        one = here.customer()
        here.tell(one, *({"name": f"{number}-{n}", "at": now - n * HOUR, "group_id": "acme"} for n in range(4)))
    acme, names, before = get_account(workspace_id=here.workspace.pk, account="acme"), [], ""
    while True:
        story = account_story(workspace_id=here.workspace.pk, account=acme, before=before, limit=5)
        names += [one.name for one in story.moments]
        before = story.before
        if not before:
            break
    assert sorted(names) == sorted(f"{number}-{n}" for number in range(3) for n in range(4))
    with pytest.raises(Invalid):
        account_story(workspace_id=here.workspace.pk, account=acme, before="nonsense")


def test_who_was_joined_is_one_member(here: Place) -> None:
    now = now_ms()
    old, ada = here.customer(), here.customer(traits={"name": "Ada"})
    here.tell(old, {"name": "as visitor", "at": now - DAY, "group_id": "acme"})
    here.tell(ada, {"name": "signed in", "at": now, "group_id": "acme"})
    here.merge(old, ada)
    row = MergeRow(workspace_id=here.workspace.pk, old_id=old, current_id=ada, version=1)
    insert_rows(table="merges", rows=[row], token=f"accounts-{old}")
    acme = get_account(workspace_id=here.workspace.pk, account="acme")
    assert [(m.line.name, m.since, set(m.ids)) for m in acme.members] == [("Ada", now - DAY, {old, ada})]
    assert len(account_story(workspace_id=here.workspace.pk, account=acme).moments) == acme.interactions == 2


def test_a_stand_in_of_posthogs_is_nobody(here: Place) -> None:
    now = now_ms()
    here.tell(here.customer(), group_call("company:acme", now, name="Acme") | {"anonymous_id": "$company_acme"})
    acme = get_account(workspace_id=here.workspace.pk, account="company:acme")
    assert (acme.name, list(acme.members), acme.interactions) == ("Acme", [], 0)
    (line,) = list_accounts(workspace_id=here.workspace.pk).lines
    assert (line.name, line.members, line.interactions) == ("Acme", 0, 1)


def test_the_list_page_by_page_and_by_name(here: Place) -> None:
    now = now_ms()
    one = here.customer()
    here.tell(one, *({"name": "seen", "at": now - n * HOUR, "group_id": f"a-{n}"} for n in range(5)))
    here.tell(one, group_call("a-3", now - DAY, name="Größe & Söhne"), {"name": "no account", "at": now})
    names, after = [], ""
    while True:
        found = list_accounts(workspace_id=here.workspace.pk, after=after, limit=2)
        names += [line.id for line in found.lines]
        after = found.after
        if not after:
            break
    assert names == [f"a-{n}" for n in range(5)]
    assert [line.id for line in list_accounts(workspace_id=here.workspace.pk, text="GRÖSSE").lines] == []
    assert [line.id for line in list_accounts(workspace_id=here.workspace.pk, text="größe").lines] == ["a-3"]
    assert [line.id for line in list_accounts(workspace_id=here.workspace.pk, text="A-4").lines] == ["a-4"]
    for wrong in ("x", "1", "12345678901234567890.a"):
        with pytest.raises(Invalid):
            list_accounts(workspace_id=here.workspace.pk, after=wrong)


def test_pages_show_them_whatever_they_are_called(here: Place) -> None:
    url = f"/w/{here.workspace.slug}/accounts/"
    assert "No accounts yet" in text_of(here.client.get(url))
    ada = here.customer(traits={"name": "Ada"})
    here.tell(ada, *({"name": f"step {n}", "at": now_ms() - n * HOUR, "group_id": EVIL} for n in range(60)))
    here.tell(ada, group_call(EVIL, now_ms(), name=EVIL))
    listed = text_of(here.client.get(url, {"q": "script"}))
    assert "<script>alert" not in listed
    (link,) = re.findall(r'href="([^"]+one/\?id=[^"]+)"', listed)
    shown = text_of(here.client.get(link.replace("&amp;", "&")))
    assert "<script>alert" not in shown
    assert ">Ada<" in shown
    assert "Step 0" in shown
    older = re.search(r'href="([^"]+before=[^"]+)"', shown)[1].replace("&amp;", "&")
    assert "Step 59" in text_of(here.client.get(older, headers={"HX-Target": "older"}))
    assert here.client.get(f"{url}one/", {"id": "none"}).status_code == 404
    assert here.client.get(f"{url}one/", {"id": EVIL, "before": "x"}).status_code == 404
    assert here.client.get(url, {"after": "x"}).status_code == 302
    assert "No account found" in text_of(here.client.get(url, {"q": "zzz"}, headers={"HX-Target": "found"}))


def test_the_api_tells_the_same(here: Place) -> None:
    now = now_ms()
    ada = here.customer(("email", "ada@x.example"), traits={"name": "Ada"})
    here.tell(ada, group_call("acme/1", now - DAY, seats=5), {"name": "paid", "at": now, "value": Decimal(3), "currency": "EUR"})
    client = client_of(here)
    (line,) = asked(client, "/accounts")["accounts"]
    assert (line["id"], line["members"]) == ("acme/1", 1)
    one = asked(client, "/accounts/one", id="acme/1")
    assert [(m["customer_id"], m["email"]) for m in one["members"]] == [(str(ada), "ada@x.example")]
    assert one["values"] == [{"currency": "EUR", "amount": "3.0000"}]
    assert [(t["name"], t["value"]) for t in one["traits"]] == [("seats", 5)]
    story = asked(client, "/accounts/timeline", id="acme/1", limit=1)
    assert [(m["name"], m["customer_id"]) for m in story["interactions"]] == [("paid", str(ada))]
    rest = asked(client, "/accounts/timeline", id="acme/1", before=story["next"])
    assert [m["type"] for m in rest["interactions"]] == ["group"]
    asked(client, "/accounts/one", 404, id="none")
    asked(client, "/accounts/one", 422)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 3)), max_size=8))
def test_the_newest_value_of_each_trait_wins(told):
    naive: dict[str, object] = {}
    for values in told:  # oldest first
        naive |= values
    newest_first = [(time, 1, json.dumps(values)) for time, values in reversed(list(enumerate(told)))]
    found = {trait.name: trait.value for trait in traits_of_account(newest_first)}
    assert found == {name: value for name, value in naive.items() if value is not None}


@pytest.mark.parametrize(
    ("account", "plain"),
    [("company:acme", "acme"), ("acme", "acme"), ("https://x.example", "https://x.example"), ("a b:c", "a b:c"), ("x: ", "x: ")],
)
def test_a_type_before_an_id_is_no_name(account, plain):
    assert plain_id(account) == plain
    assert name_of_account(account, []) == plain_id(account)
