"""Moments that matter through their pages: asked, worked over the real past, ranked, on the map, and down to the customers."""

from __future__ import annotations

import html
import re
from uuid import UUID

import numpy as np
import pytest

from amity.engines.past.client import insert_rows
from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.errors import NotRunning
from amity.kernel.ids import new_id
from amity.rooms.customers.models import Activity, Customer
from amity.rooms.journeys.actions.moments import work
from amity.rooms.journeys.actions.moments.work import run_next_foretelling
from amity.rooms.journeys.models import Foretelling, Journey, PainPoint
from tests.rooms.customers.people import Place
from tests.rooms.journeys.friction.test_pages import _row, text_of

EVIL = '<script>alert("x")</script>'
ASK = {
    "kind": "doing", "outcome": "Order Completed", "days": "30", "experience": "Survey Answered", "score": "score",
    "experience_of": "type", "experience_to": "csat",
}  # fmt: skip


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def url(here: Place, one: Journey, rest: str = "moments") -> str:
    return f"/w/{here.workspace.slug}/journeys/{one.pk}/{rest}"


def made(here: Place, **given: str) -> Journey:
    response = here.client.post(f"/w/{here.workspace.slug}/journeys/new", {"kind": "support", "name": "Getting help", **given})
    assert response.status_code == 302
    return Journey.objects.get(workspace=here.workspace)


def people(here: Place, number: int, *, refuses: int = 0) -> dict[str, list[UUID]]:
    """Put customers there whose tickets are answered, and solved for two in three; who is helped orders more in the month after next."""
    dice, now = np.random.default_rng(11), now_ms()
    rows, kept, found = [], [], {"solved": [], "unsolved": [], "reopened": []}
    for n in range(number):
        who, start = new_id(), now - int(dice.integers(80, 300)) * DAY
        kept.append(
            (
                Customer(id=who, workspace_id=here.workspace.pk, created_at=0),
                Activity(customer_id=who, workspace_id=here.workspace.pk, consent={"analytics": [n >= refuses, 0, 0, "0" * 32]}),
            )
        )
        solved, reopened = dice.random() < 2 / 3, dice.random() < 0.4
        said = [("Ticket Opened", {}, start), ("Ticket Answered", {}, start + int(dice.integers(1, 60)) * HOUR)]
        if reopened:
            said.append(("Ticket Reopened", {}, start + 4 * DAY))
        if solved:
            said.append(("Ticket Solved", {}, start + 5 * DAY))
            said.append(("Survey Answered", {"type": "csat", "score": int(dice.integers(1, 6))}, start + 6 * DAY))
        if dice.random() < (0.8 if solved else 0.3):
            said.append(("Order Completed", {}, start + 40 * DAY))
        rows += [_row(here, who, "track", name, properties, {}, at) for name, properties, at in said]
        if n >= refuses:
            found["solved" if solved else "unsolved"].append(who)
            found["reopened"] += [who] if reopened else []
    Customer.objects.bulk_create([one for one, _ in kept])
    Activity.objects.bulk_create([one for _, one in kept])
    insert_rows(table="interactions_raw", rows=rows, token=str(new_id()))
    return found


def reopened(here: Place, one: Journey) -> int:
    given = {
        "name": f"Asked twice {EVIL}", "event": "Ticket Reopened", "kind": "doing", "outcome": "Order Completed", "days": "30", "period": "30",
        "where": f"{one.pk}:s3",
    }  # fmt: skip
    assert here.client.post(f"/w/{here.workspace.slug}/journeys/friction/new", given).status_code == 302
    return PainPoint.objects.get(journey=one).pk


def test_stages_are_asked_ranked_marked_on_the_map_and_open_their_customers(here):
    groups, one = people(here, 320, refuses=20), made(here)
    pain = reopened(here, one)
    assert "Not asked yet" in text_of(here.client.get(url(here, one)))
    assert here.client.post(url(here, one, "moments/ask"), ASK).status_code == 302
    page = text_of(here.client.get(url(here, one)))
    assert "Waits for the worker" in page
    assert 'hx-trigger="every 2s"' in page
    here.client.post(url(here, one, "moments/ask"), ASK)
    assert Foretelling.objects.count() == 1
    assert run_next_foretelling(stopping=lambda: False)
    assert not run_next_foretelling(stopping=lambda: False)
    told = Foretelling.objects.get()
    assert (told.state, told.trouble) == ("done", "")
    result = told.result
    assert (result["customers"], result["cases"], result["withheld"]) == (300, 300, 20)
    first, answered, solved = result["stages"]
    assert first["gain"] is None
    assert (solved["rank"], solved["matters"], answered["matters"]) == (1, True, False)
    reached, time, experience, friction_met = solved["signals"]
    assert (reached["with"], reached["without"]) == (len(groups["solved"]), len(groups["unsolved"]))
    assert reached["difference"]["low"] <= 0.5 <= reached["difference"]["high"]
    # Half of a variance of 0.5² (2/3 · 1/3) is planted: all of it is foretold by whether it was solved.
    planted = 0.25 * (2 / 9) / (result["mean"] * (1 - result["mean"]))
    assert reached["gain"]["low"] <= planted <= reached["gain"]["high"]
    assert (time["kind"], experience["kind"], friction_met["kind"], friction_met["pain"]) == (
        "time",
        "experience",
        "friction",
        pain,
    )
    assert not experience["matters"]
    assert friction_met["with"] == len(groups["reopened"])
    raw = here.client.get(url(here, one)).content.decode()
    assert EVIL not in raw
    for words in ("foretells more than chance", "says nothing of causes", "20 customers don’t allow analytics", "does and costs"):
        assert words in html.unescape(raw), words
    assert "foretells most" in text_of(here.client.get(url(here, one, "")))
    for group, behind in (("with", groups["solved"]), ("without", groups["unsolved"])):
        link = next(
            each
            for each in re.findall(r'href="([^"]+/customers\?[^"]+)"', html.unescape(raw))
            if "stage=2&kind=reached" in each and each.endswith(group)
        )
        listed = text_of(here.client.get(link))
        assert f"{len(behind)} customers" in listed
        assert {UUID(each) for each in re.findall(r"customers/([0-9a-f-]{36})/", listed)} <= set(behind)
    met = text_of(here.client.get(url(here, one, f"moments/{told.pk}/customers?stage=2&kind=friction&pain={pain}&group=with")))
    assert f"{len(groups['reopened'])} customers" in met


def test_a_map_that_changed_since_says_so_and_too_few_are_told(here):
    people(here, 40)
    one = made(here)
    here.client.post(url(here, one, "moments/ask"), ASK)
    assert run_next_foretelling(stopping=lambda: False)
    assert "Too few customers" in text_of(here.client.get(url(here, one)))
    assert "foretells" not in text_of(here.client.get(url(here, one, "")))
    people(here, 200)
    here.client.post(url(here, one, "moments/ask"), ASK | {"kind": "leaving", "outcome": "", "days": "20"})
    assert run_next_foretelling(stopping=lambda: False)
    here.client.post(url(here, one, "stages"), {"act": "add", "name": "Tells others"})
    page = text_of(here.client.get(url(here, one)))
    assert "The map has changed since" in page
    assert "do and say nothing any more" in page


def test_what_is_wrong_is_said_and_nothing_asked(here):
    one = made(here)
    for wrong, said in (
        ({"days": "x"}, "whole number"), ({"days": "200"}, "<= 180"), ({"outcome": ""}, "Say which event"),
        ({"score": ""}, "Say which property"), ({"kind": "spending"}, "Say which property"),
    ):  # fmt: skip
        assert said.lower() in text_of(here.client.post(url(here, one, "moments/ask"), ASK | wrong), 400).lower(), wrong
    here.client.post(url(here, one, "time"), {"amount": "300", "unit": "days", "period": ""})
    assert "leave less than 30 days" in text_of(here.client.post(url(here, one, "moments/ask"), ASK | {"days": "60"}), 400)
    assert not Foretelling.objects.exists()
    empty = Place()
    bare = made(empty, kind="", name="Bare")
    assert "Name the events of at least two stages" in text_of(empty.client.get(url(empty, bare)))
    assert "at least two stages" in text_of(empty.client.post(url(empty, bare, "moments/ask"), ASK), 400)


def test_an_engine_that_is_away_is_waited_for(here, monkeypatch):
    one = made(here)
    here.client.post(url(here, one, "moments/ask"), ASK)
    assert run_next_foretelling(stopping=lambda: True)
    assert Foretelling.objects.get().state == "waiting"

    def away(*_, **__):
        raise NotRunning("The past is away.")

    monkeypatch.setattr(work, "read_journey", away)
    with pytest.raises(NotRunning):
        run_next_foretelling(stopping=lambda: False)
    assert Foretelling.objects.get().state == "waiting"


def test_who_may_only_look_asks_nothing_and_another_workspace_sees_nothing(here):
    one = made(here)
    here.client.post(url(here, one, "moments/ask"), ASK)
    assert run_next_foretelling(stopping=lambda: False)
    told = Foretelling.objects.get()
    viewer = here.sign_in("viewer")
    assert "Ask anew" not in text_of(viewer.get(url(here, one)))
    assert viewer.post(url(here, one, "moments/ask"), ASK).status_code == 403
    for wrong, status in (("stage=9&kind=reached", 400), ("stage=x", 400), ("stage=1&kind=nothing", 400)):
        assert here.client.get(url(here, one, f"moments/{told.pk}/customers?{wrong}")).status_code == status
    assert here.client.get(url(here, one, f"moments/{told.pk + 1}/customers?stage=1")).status_code == 404
    other = Place()
    assert other.client.get(f"/w/{other.workspace.slug}/journeys/{one.pk}/moments").status_code == 404
