"""Conformance over the real past: what each number counts, whose cases it opens, what is accepted, and the same as JSON."""

from __future__ import annotations

import html
import json
import re
from uuid import UUID

import pytest
from django.test import Client

from amity.kernel.clock import DAY, HOUR, now_ms
from amity.rooms.journeys.models import Allowance, Journey
from amity.rooms.trust.actions.tokens import create_system_token
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/journeys/{rest}"


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return response.content.decode()


def someone(here: Place, *steps: str, ago: int = 40 * DAY, apart: int = HOUR) -> UUID:
    """Keep a customer who did steps, such as `Ticket Opened`, `Ticket Solved@7` (of ticket 7) or `Ticket Solved by phone`."""
    rows = []
    for n, step in enumerate(steps):
        said, _, ticket = step.partition("@")
        name, _, channel = said.partition(" by ")
        rows.append({"time": now_ms() - ago + n * apart, "name": name, "type": "track", "voice": "did", "channel": channel or "web",
                     "value": 12 if name == "Order Completed" else None, "properties": {"ticket": ticket} if ticket else {}})  # fmt: skip
    return keep(here.workspace.pk, {"traits": {"name": f"Ada {EVIL}"}, "identifiers": [], "consent": {}, "rows": rows})


OPEN, ANSWER, SOLVE = "Ticket Opened", "Ticket Answered", "Ticket Solved"


def a_target(here: Place) -> Journey:
    here.client.post(url(here, "new"), {"kind": "support", "name": "Getting help"})
    one = Journey.objects.get(name="Getting help")
    here.client.post(url(here, f"{one.pk}/target"))
    asks = {
        "side": "target",
        "name": "Gets an answer",
        "event": ANSWER,
        "repeats": "1",
        "amount": "2",
        "unit": "hours",
        "channels": "web, email",
    }
    assert here.client.post(url(here, f"{one.pk}/cells/s2/stage"), asks).status_code == 302
    one.refresh_from_db()
    return one


def links(page: str, what: str = "conformance/customers") -> list[str]:
    return [html.unescape(one) for one in re.findall(rf'href="([^"]+{what}[^"]+)"', page)]


def test_a_map_says_what_it_asks_for(here):
    one = a_target(here)
    page = text_of(here.client.get(url(here, f"{one.pk}/?side=target")))
    assert "may come again, within 2 hours, by web or email" in page
    form = text_of(here.client.get(url(here, f"{one.pk}/cells/s2/stage?side=target")))
    assert 'value="web, email"' in form
    wrong = {"side": "target", "name": "Gets an answer", "event": ANSWER, "amount": "soon", "unit": "hours"}
    assert "Give a whole number" in text_of(here.client.post(url(here, f"{one.pk}/cells/s2/stage"), wrong))


def test_of_nothing_it_says_so_and_teaches(here):
    one = a_target(here)
    assert "No case to judge" in text_of(here.client.get(url(here, f"{one.pk}/conformance")))
    here.client.post(url(here, "new"), {"kind": "", "name": "Empty"})
    empty = Journey.objects.get(name="Empty")
    assert "Nothing to hold cases to yet" in text_of(here.client.get(url(here, f"{empty.pk}/conformance")))
    assert here.client.get(url(here, f"{empty.pk + 9}/conformance")).status_code == 404


def test_each_number_opens_the_cases_that_it_counts(here):
    one = a_target(here)
    good = [someone(here, OPEN, ANSWER, ANSWER, SOLVE, "Order Completed") for _ in range(2)]
    made = {
        ("skipped", "s2"): someone(here, OPEN, SOLVE),
        ("stopped", "s3"): someone(here, OPEN, ANSWER),
        ("order", "s2"): someone(here, OPEN, SOLVE, ANSWER, "Order Completed"),
        ("often", "s3"): someone(here, OPEN, ANSWER, SOLVE, SOLVE),
        ("late", "s2"): someone(here, OPEN, ANSWER, SOLVE, apart=3 * HOUR),
        ("channel", "s2"): someone(here, OPEN, f"{ANSWER} by phone", SOLVE),
    }  # fmt: skip
    waiting = someone(here, OPEN, ago=DAY)
    page = text_of(here.client.get(url(here, f"{one.pk}/conformance")))
    assert EVIL not in page
    found = {}
    for link in links(page):
        kind, stage = (re.search(rf"[?&]{name}=(\w+)", link) for name in ("kind", "stage"))
        behind = text_of(here.client.get(link))
        assert EVIL not in behind
        found[kind[1], stage[1] if stage else ""] = {UUID(each) for each in re.findall(r"/customers/([0-9a-f-]{36})", behind)}
    assert found == {
        **{what: {who} for what, who in made.items()},
        ("conforming", ""): set(good), ("waiting", ""): {waiting}, ("all", ""): {*good, *made.values()},
    }  # fmt: skip
    assert "2 of 8" in page
    api = as_json(here)
    told = api(f"/{one.pk}/conformance")
    assert (told["conforming"]["n"], told["waiting"], told["customers"]) == (8, 1, 8)
    assert sum(each["moves"] for each in told["deviations"]) == told["cost"] == 5
    assert told["fitness"] == pytest.approx(1 - told["cost"] / told["worst"])
    assert {(each["kind"], each["stage"]): round(each["cases"]["value"] * 8)
            for each in told["deviations"]} == dict.fromkeys(made, 1)  # fmt: skip
    assert {each["kind"]: each["spent"] for each in told["deviations"] if each["spent"]} == {"order": 12.0}
    who = api(f"/{one.pk}/conformance/customers?kind=late&stage=s2&purpose=necessary&as_of={told['as_of']}")
    assert who["customers"] == [str(made["late", "s2"])]
    assert api(f"/{one.pk}/conformance/customers?kind=late&stage=s2", 400)["code"] == "purpose_missing"
    assert "no period" in api(f"/{one.pk}/conformance?period=last:x:years", 400)["message"]
    assert api(f"/{one.pk}/conformance/customers?kind=late&stage=s9&purpose=necessary", 400)["code"] == "invalid"


def test_a_ticket_is_followed_through(here):
    one = a_target(here)
    who = someone(here, f"{OPEN}@1", f"{OPEN}@2", f"{ANSWER}@1", f"{ANSWER}@2", f"{SOLVE}@1", OPEN)
    told = as_json(here)(f"/{one.pk}/conformance?case=ticket&period=last:90:days")
    assert (told["conforming"]["n"], told["customers"], told["cost"]) == (2, 1, 1)
    page = text_of(here.client.get(url(here, f"{one.pk}/conformance?case=ticket&period=last:90:days")))
    stopped = next(link for link in links(page) if "kind=stopped" in link)
    behind = text_of(here.client.get(stopped))
    assert "1 case, by <bdi>ticket</bdi>" in behind
    assert str(who) in behind


def test_what_is_accepted_counts_no_more_until_it_does(here):
    one = a_target(here)
    who = someone(here, OPEN, SOLVE)
    given = {"kind": "skipped", "stage": "s2", "reason": f"Solved at once {EVIL}", "case": ""}
    assert here.client.post(url(here, f"{one.pk}/allowances"), given).status_code == 302
    page = text_of(here.client.get(url(here, f"{one.pk}/conformance")))
    assert EVIL not in page
    assert "Every case goes as it should" in page
    assert "Solved at once" in page
    good = next(link for link in links(page) if "kind=conforming" in link)
    assert str(who) in text_of(here.client.get(good))
    told = as_json(here)(f"/{one.pk}/conformance")
    assert (told["conforming"]["value"], told["cost"], told["deviations"][0]["accepted"]) == (1.0, 1, True)
    for wrong in ({**given}, {**given, "reason": ""}, {**given, "kind": "odd"}, {**given, "stage": "s9"}):
        here.client.post(url(here, f"{one.pk}/allowances"), wrong)
    allowed = Allowance.objects.get()
    assert here.client.post(url(here, f"{one.pk}/allowances/{allowed.pk}/end")).status_code == 302
    assert "Every case goes as it should" not in text_of(here.client.get(url(here, f"{one.pk}/conformance")))
    assert here.client.post(url(here, f"{one.pk}/allowances"), given).status_code == 302
    assert Allowance.objects.count() == 2
    viewer = here.sign_in("viewer")
    assert "Count it again" not in text_of(viewer.get(url(here, f"{one.pk}/conformance")))
    assert viewer.post(url(here, f"{one.pk}/allowances"), given).status_code == 403


@pytest.mark.parametrize(
    "address",
    ["", "?kind=late", "?kind=all&as_of=x", "?kind=odd&as_of=1764000000000", "?kind=all&as_of=1764000000000&case=value"],
)
def test_addresses_that_are_not_whole(here, address):
    one = a_target(here)
    assert here.client.get(url(here, f"{one.pk}/conformance/customers{address}")).status_code == 400


def as_json(here: Place):
    _, secret = create_system_token(workspace_id=here.workspace.pk, name="t", role="analyst")
    api = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(rest: str, status: int = 200):
        response = api.get(f"/api/v1/journeys{rest}")
        assert response.status_code == status, response.content
        return json.loads(response.content)

    return ask
