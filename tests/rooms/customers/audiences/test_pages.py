"""The pages of audiences, without JavaScript: the list, the builder, one with its members, and the reasons."""

from __future__ import annotations

import json

import pytest

from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.actions.audiences.refresh import recompute
from amity.rooms.customers.models import Audience, Member
from tests.rooms.customers.audiences.keeping import keep, store
from tests.rooms.customers.audiences.test_refresh import BOUGHT, audience, person, row
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/audiences/{rest}"


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return response.content.decode()


def buyers(here: Place) -> tuple[Audience, list]:
    who = [keep(here.workspace.pk, person(row(at=now_ms() - DAY), traits={"name": f"Ada {n}"})) for n in range(3)]
    keep(here.workspace.pk, person(traits={"name": "Nobody"}))
    made = audience(here.workspace.pk, BOUGHT, name="Buyers")
    recompute(made.pk)
    return made, who


def test_an_empty_list_teaches(here):
    page = text_of(here.client.get(url(here)))
    assert "No audience yet" in page
    assert f'href="{url(here, "new")}"' in page


def test_an_audience_is_made_with_sentences_alone(here):
    buyers(here)
    shown = text_of(
        here.client.post(url(here, "new"), {"as": "lines", "join": "all", "name": "Both", "about": "", "act": "add:did"})
    )
    assert 'name="c0-times"' in shown
    given = {
        "as": "lines", "join": "all", "name": "Both", "about": EVIL, "act": "save",
        "c0-kind": "did", "c0-name": "Bought", "c0-times": "1", "c0-window": "last:30:days", "c0-property": "", "c0-not": "",
        "c1-kind": "trait", "c1-name": "name", "c1-test": "not_equal", "c1-to": "Ada 1",
        "c2-kind": "consent", "c2-name": "ads", "c2-test": "denied", "c2-not": "1",
    }  # fmt: skip
    counted = text_of(here.client.post(url(here, "count"), given))
    assert "<strong>2</strong>" in counted
    assert "Ada 0" in counted
    response = here.client.post(url(here, "new"), given)
    made = Audience.objects.get(name="Both")
    assert response.headers["Location"] == url(here, f"{made.pk}/")
    assert [part["kind"] for part in made.definition["where"]["of"]] == ["did", "trait", "not"]
    recompute(made.pk)
    page = text_of(here.client.get(url(here, f"{made.pk}/")))
    assert EVIL not in page
    for said in ("did “Bought” in the last 30 days", "name is not “Ada 1”", "not: said no to ads", "Ada 2", "All 2"):
        assert said in page, said
    again = text_of(here.client.get(url(here, f"{made.pk}/edit")))
    assert 'value="last:30:days" selected' in again


def test_an_account_is_asked_for_with_sentences(here):
    ada, _ = (keep(here.workspace.pk, person(traits={"name": name})) for name in ("Ada", "Bob"))
    store(here.workspace.pk, ada, [row("", type="group", group="acme", told={"plan": "business", "seats": 12})])
    shown = text_of(
        here.client.post(url(here, "new"), {"as": "lines", "join": "all", "name": "B2B", "about": "", "act": "add:account"})
    )
    assert "Belongs to an account whose" in shown
    assert '<datalist id="of-accounts"><option value="plan"></option><option value="seats"></option>' in shown
    given = {
        "as": "lines", "join": "all", "name": "B2B", "about": "", "act": "save",
        "c0-kind": "account", "c0-name": "seats", "c0-test": "at_least", "c0-to": "10",
        "c1-kind": "account", "c1-name": "", "c1-test": "one_of", "c1-to": "acme, zeta",
        "c2-kind": "account", "c2-name": "", "c2-test": "present", "c2-to": "",
    }  # fmt: skip
    empty = text_of(here.client.post(url(here, "new"), given | {"c1-to": ""}), 400)
    assert "write an account’s id" in empty
    assert "can&#x27;t be compared by above" in text_of(here.client.post(url(here, "new"), given | {"c1-test": "above"}), 400)
    assert "<strong>1</strong>" in text_of(here.client.post(url(here, "count"), given))
    here.client.post(url(here, "new"), given)
    made = Audience.objects.get(name="B2B")
    assert made.definition["where"]["of"] == [
        {"kind": "account", "name": "seats", "is": "at_least", "to": 10},
        {"kind": "account", "is": "one_of", "to": ["acme", "zeta"]},
        {"kind": "account"},
    ]
    recompute(made.pk)
    page = text_of(here.client.get(url(here, f"{made.pk}/")))
    for said in ("belongs to an account whose seats is at least 10", "whose id is one of “acme”", "belongs to an account<"):
        assert said in page, said
    why = text_of(here.client.get(url(here, f"{made.pk}/why/{ada}")))
    assert "is in it" in why
    assert f"/customers/{ada}/moments/" in why
    assert 'value="acme, zeta"' in text_of(here.client.get(url(here, f"{made.pk}/edit")))


def test_what_is_wrong_is_said_and_nothing_is_lost(here):
    given = {
        "as": "lines",
        "join": "all",
        "name": "X",
        "about": "",
        "act": "save",
        "c0-kind": "trait",
        "c0-name": "",
        "c0-test": "equal",
    }
    page = text_of(here.client.post(url(here, "new"), given), 400)
    assert "Condition 1 isn’t whole yet: write the name of a trait" in page
    given = {"as": "json", "name": "X", "about": "", "act": "save", "json": '{"version":1,"where":{"kind":"dud"}}'}
    page = text_of(here.client.post(url(here, "new"), given), 400)
    assert "Conditions are: all, any, not" in page
    assert "&quot;dud&quot;" in page


def test_nested_conditions_are_edited_as_json(here):
    where = {"kind": "all", "of": [{"kind": "any", "of": [BOUGHT, {"kind": "consent", "purpose": "ads", "is": "granted"}]}]}
    made = audience(here.workspace.pk, where, name="Nested")
    page = text_of(here.client.get(url(here, f"{made.pk}/edit")))
    assert 'name="json"' in page
    given = {
        "as": "json",
        "name": "Nested",
        "about": "",
        "act": "save",
        "json": json.dumps({"version": 1, "where": {**where, "kind": "any"}}),
    }
    here.client.post(url(here, f"{made.pk}/edit"), given)
    made.refresh_from_db()
    assert (made.definition["where"]["kind"], made.computed_at, made.wanted_at is None) == ("any", None, False)


def test_it_cannot_refer_to_itself(here):
    first = audience(here.workspace.pk, BOUGHT, name="First")
    second = audience(here.workspace.pk, {"kind": "audience", "id": first.pk}, name="Second")
    given = {
        "as": "lines",
        "join": "all",
        "name": "First",
        "about": "",
        "act": "save",
        "c0-kind": "audience",
        "c0-name": str(second.pk),
    }
    assert "refer to itself" in text_of(here.client.post(url(here, f"{first.pk}/edit"), given), 400)


def test_members_come_in_pages_and_every_one_once(here, monkeypatch):
    made, who = buyers(here)
    monkeypatch.setattr("amity.rooms.customers.console.audiences.pages.ON_A_PAGE", 2)
    first = text_of(here.client.get(url(here, f"{made.pk}/")))
    after = first.split("?after=")[1][:32]
    second = text_of(here.client.get(url(here, f"{made.pk}/?after={after}")))
    assert [f"Ada {n}" in first for n in range(3)] == [str(one) <= str(sorted(who)[1]) for one in who]
    assert [(f"Ada {n}" in first) != (f"Ada {n}" in second) for n in range(3)] == [True] * 3


def test_the_reasons_name_the_deciding_interactions(here):
    made, who = buyers(here)
    page = text_of(here.client.get(url(here, f"{made.pk}/why/{who[0]}")))
    assert "Why <bdi>Ada 0</bdi> is in it" in page.replace("\n", "")
    assert f"/customers/{who[0]}/moments/" in page
    assert "Time alone can change this" in page
    assert f'/audiences/{made.pk}/why/{who[0]}"' in text_of(here.client.get(here.url(f"{who[0]}/traits/")))
    out = keep(here.workspace.pk, person(traits={"name": "Bob"}))
    page = text_of(here.client.get(url(here, f"{made.pk}/why/{out}")))
    assert "is not in it" in page
    assert "Not met" in page


def test_a_copy_an_archive_and_a_computation(here):
    made, _ = buyers(here)
    here.client.post(url(here, f"{made.pk}/duplicate"))
    assert Audience.objects.filter(name="Buyers (copy)").exists()
    here.client.post(url(here, f"{made.pk}/recompute"))
    made.refresh_from_db()
    assert made.wanted_at is not None
    here.client.post(url(here, f"{made.pk}/archive"))
    assert not Member.objects.filter(audience=made).exists()
    assert "Buyers (copy)" in text_of(here.client.get(url(here)))
    assert ">Buyers<" not in text_of(here.client.get(url(here))).replace("<bdi>", "").replace("</bdi>", "")


def test_another_workspace_has_none_of_it(here):
    other = Place()
    made, who = buyers(here)
    for rest in (f"{made.pk}/", f"{made.pk}/edit", f"{made.pk}/why/{who[0]}"):
        assert other.client.get(url(other, rest)).status_code == 404
