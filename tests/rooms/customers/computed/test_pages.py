"""The pages of computed traits, without JavaScript: the list, the builder, one with its values, the reasons, the customer's page."""

from __future__ import annotations

import json

import pytest

from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.actions.audiences.refresh import recompute_trait
from amity.rooms.customers.models import ComputedTrait
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.audiences.test_refresh import audience, person, row
from tests.rooms.customers.computed.test_live import SPENT, trait
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/computed-traits/{rest}"


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return response.content.decode()


def spenders(here: Place) -> tuple[ComputedTrait, list]:
    at = now_ms() - DAY
    who = [
        keep(here.workspace.pk, person(*[row(at=at - n, value=10.0) for n in range(number)], traits={"name": f"Ada {number}"}))
        for number in (1, 2, 3)
    ]
    made = trait(here.workspace.pk, SPENT, name="Spent")
    recompute_trait(made.pk)
    return made, who


def test_an_empty_list_teaches(here):
    page = text_of(here.client.get(url(here)))
    assert "No computed trait yet" in page
    assert f'href="{url(here, "new")}"' in page


def test_one_is_made_with_fields_alone(here):
    _, who = spenders(here)
    given = {
        "as": "fields", "name": "Spent of late", "about": EVIL, "act": "save", "what": "sum", "of": "value", "at": "",
        "event": "Bought", "window": "last:30:days", "property": "", "ptest": "", "pto": "",
    }  # fmt: skip
    counted = text_of(here.client.post(url(here, "count"), given))
    for said in ("<strong>3</strong>", "<dd>20</dd>", "<dd>30</dd>", "Ada 3"):
        assert said in counted, said
    response = here.client.post(url(here, "new"), given)
    made = ComputedTrait.objects.get(name="Spent of late")
    assert response.headers["Location"] == url(here, f"{made.pk}/")
    assert made.definition["value"] == {
        "kind": "number", "take": "sum", "of": "value", "event": {"name": "Bought"},
        "within": {"kind": "last", "amount": 30, "unit": "days"},
    }  # fmt: skip
    assert recompute_trait(made.pk) == 3
    page = text_of(here.client.get(url(here, f"{made.pk}/")))
    assert EVIL not in page
    for said in ("the sum of value over “Bought” in the last 30 days", "All 3", "Half have at most", "Ada 2"):
        assert said in page, said
    again = text_of(here.client.get(url(here, f"{made.pk}/edit")))
    assert 'value="sum" selected' in again
    assert 'value="last:30:days" selected' in again
    why = text_of(here.client.get(url(here, f"{made.pk}/why/{who[1]}")))
    assert "<strong><bdi>20</bdi></strong>" in why
    assert why.count("/moments/") == 2


def test_every_kind_of_field_comes_back_as_it_was(here):
    from amity.rooms.customers.rules.computed import form

    for what in form.WHATS:
        given = dict.fromkeys(form.FIELDS, "") | {
            "what": what, "of": "" if what in {"count", "days", "months", "since_last", "since_first"} else "properties.a.b",
            "event": "Bought", "property": "properties.x", "ptest": "one_of", "pto": "1, b", "window": "since:2026-01-31",
            "at": "90" if what == "percentile" else "",
        }  # fmt: skip
        assert form.from_definition(form.definition(given)) == given


def test_what_is_wrong_is_said_and_nothing_is_lost(here):
    given = {"as": "fields", "name": "X", "about": "", "act": "save", "what": "sum", "of": ""}
    assert "Write of which property" in text_of(here.client.post(url(here, "new"), given), 400)
    given = {"as": "json", "name": "X", "about": "", "act": "save", "json": '{"version":1,"value":{"kind":"dud"}}'}
    page = text_of(here.client.post(url(here, "new"), given), 400)
    assert "&quot;dud&quot;" in page
    assert not ComputedTrait.objects.filter(workspace=here.workspace).exists()


def test_a_circle_is_refused_with_its_way(here):
    workspace = here.workspace.pk
    spent = trait(workspace, SPENT, name="Spent")
    big = audience(workspace, {"kind": "computed", "id": spent.pk, "is": "above", "to": 5}, name="Big")
    stage = {"kind": "cases", "of": [{"where": {"kind": "audience", "id": big.pk}, "then": {"kind": "fixed", "is": 1}}]}
    stages = trait(workspace, stage, name="Stage")
    circle = {"kind": "combine", "do": "add", "of": [{"kind": "computed", "id": stages.pk}, {"kind": "fixed", "is": 1}]}
    given = {"as": "json", "name": "Spent", "about": "", "act": "save", "json": json.dumps({"version": 1, "value": circle})}
    page = text_of(here.client.post(url(here, f"{spent.pk}/edit"), given), 400)
    assert "Spent → Stage → Big → Spent" in page
    given = {"as": "json", "name": "Big", "about": "", "act": "save",
             "json": json.dumps({"version": 1, "where": {"kind": "computed", "id": stages.pk, "is": "present"}})}  # fmt: skip
    page = text_of(here.client.post(f"/w/{here.workspace.slug}/audiences/{big.pk}/edit", given), 400)
    assert "Big → Stage → Big" in page


def test_it_is_a_condition_of_the_builder_and_stands_on_the_customers_page(here):
    made, who = spenders(here)
    given = {"as": "lines", "join": "all", "name": "Big", "about": "", "act": "save", "c0-kind": "computed", "c0-name": str(made.pk),
             "c0-test": "at_least", "c0-to": "20"}  # fmt: skip
    counted = text_of(here.client.post(f"/w/{here.workspace.slug}/audiences/count", given))
    assert "<strong>2</strong>" in counted
    response = here.client.post(f"/w/{here.workspace.slug}/audiences/new", given)
    page = text_of(here.client.get(response.headers["Location"]))
    assert "Spent is at least 20" in page
    assert 'value="computed"' in text_of(here.client.get(response.headers["Location"] + "edit"))
    assert "Big" in text_of(here.client.get(url(here, f"{made.pk}/")))
    tab = text_of(here.client.get(here.url(f"{who[2]}/traits/")))
    assert "<bdi>30</bdi>" in tab
    assert url(here, f"{made.pk}/why/{who[2]}") in tab
    beside = text_of(here.client.get(here.url(f"{who[2]}/"))).partition("<aside")[2]
    assert f'href="{url(here, f"{made.pk}/")}"' in beside
    assert f'href="{url(here, f"{made.pk}/why/{who[2]}")}"' in beside
    assert 'title="Why it is so"><bdi>30</bdi></a>' in beside
    from amity.rooms.customers.models import Audience

    big = Audience.objects.get(name="Big")
    why = text_of(here.client.get(f"/w/{here.workspace.slug}/audiences/{big.pk}/why/{who[2]}"))
    assert why.count("/moments/") == 3


def test_archived_it_has_no_values(here):
    made, _ = spenders(here)
    here.client.post(url(here, f"{made.pk}/archive"))
    page = text_of(here.client.get(url(here, f"{made.pk}/")))
    assert "Nobody has a value any more" in page
    assert "Spent" not in text_of(here.client.get(url(here)))
    assert "Spent" in text_of(here.client.get(url(here) + "?archived=1"))


def test_who_may_only_read_changes_nothing(here):
    made, _ = spenders(here)
    viewer = here.sign_in("viewer")
    assert "New computed trait" not in text_of(viewer.get(url(here)))
    for rest in ("new", f"{made.pk}/edit"):
        assert viewer.get(url(here, rest)).status_code == 403
    assert viewer.post(url(here, f"{made.pk}/archive")).status_code == 403
