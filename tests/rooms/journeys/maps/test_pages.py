"""The pages of journeys: drawn in place with and without JavaScript, measured live, with a target and a history."""

from __future__ import annotations

import html
import re
from uuid import UUID

import pytest

from amity.kernel.clock import HOUR, now_ms
from amity.rooms.journeys.models import Journey, JourneyVersion
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


def someone(here: Place, *names: str) -> UUID:
    start = now_ms() - 20 * HOUR
    rows = [
        {
            "time": start + n * HOUR,
            "name": name,
            "type": "track",
            "voice": "did",
            "channel": "web",
            "value": None,
            "properties": {},
        }
        for n, name in enumerate(names)
    ]
    return keep(here.workspace.pk, {"traits": {"name": "Ada"}, "identifiers": [], "consent": {}, "rows": rows})


def made(here: Place, kind: str = "support", **given: str) -> Journey:
    response = here.client.post(url(here, "new"), {"kind": kind, "name": "Getting help", "lifecycle": "Using", **given})
    assert response.status_code == 302
    return Journey.objects.get(name=given.get("name", "Getting help"))


def live_row(page: str) -> list[str]:
    """Return what the live row says, stage by stage."""
    cells = re.findall(r'<div class="jcell[^"]*" role="cell"><dl class="meter">(.*?)</dl>', html.unescape(page))
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in cells]


def test_an_empty_list_teaches_and_a_journey_begins_with_a_known_map(here):
    assert "No journey yet" in text_of(here.client.get(url(here)))
    assert "From a question to an answer that holds" in text_of(here.client.get(url(here, "new")))
    one = made(here, about=EVIL)
    listed = text_of(here.client.get(url(here)))
    assert EVIL not in listed
    assert "Getting help" in listed
    assert "Using" in listed
    assert "There is a journey named" in text_of(
        here.client.post(url(here, "new"), {"kind": "support", "name": "Getting help"}), 400
    )
    assert here.client.post(url(here, f"{one.pk}/archive")).status_code == 302
    assert "Getting help" in text_of(here.client.get(url(here, "?archived=1")))


def test_its_stages_are_counted_and_open_their_customers(here):
    one = made(here)
    through = someone(here, "Ticket Opened", "Ticket Answered", "Ticket Solved")
    left = someone(here, "Ticket Opened", "Ticket Answered")
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    links = [html.unescape(each) for each in re.findall(r'href="([^"]+funnels/customers[^"]+)"', page)]
    solved = next(each for each in links if "step=3" in each and "left" not in each)
    assert str(through) in text_of(here.client.get(solved))
    gone = next(each for each in links if "step=3" in each and "left=1" in each)
    assert str(left) in text_of(here.client.get(gone))


def test_it_is_drawn_in_place_and_nothing_is_lost(here):
    one = made(here)
    form = text_of(here.client.get(url(here, f"{one.pk}/cells/s1/pains"), headers={"HX-Request": "true"}))
    assert "<html" not in form
    assert "<html" in text_of(here.client.get(url(here, f"{one.pk}/cells/s1/pains")))
    drawn = text_of(
        here.client.post(url(here, f"{one.pk}/cells/s1/pains"), {"lines": f"Slow\n\n{EVIL}"}, headers={"HX-Request": "true"})
    )
    assert "<html" not in drawn
    assert EVIL not in drawn
    assert "Slow" in drawn
    stage = {"name": "Asks", "event": "Chat Started", "emotion": "-2", "owner": "Nadia Okafor"}
    assert here.client.post(url(here, f"{one.pk}/cells/s1/stage"), stage).status_code == 302
    here.client.post(url(here, f"{one.pk}/stages"), {"act": "add", "name": "Tells others"})
    here.client.post(url(here, f"{one.pk}/stages"), {"act": "left:s4"})
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    for said in ("Asks", "Chat Started", "Nadia Okafor", "Tells others", "not measured", "Asks −2 upset"):
        assert said in page, said
    one.refresh_from_db()
    assert [stage["name"] for stage in one.current["stages"]] == ["Asks", "Gets an answer", "Tells others", "Solved"]
    assert one.number == 5
    history = text_of(here.client.get(url(here, f"{one.pk}/history")))
    assert "Added Tells others" in history
    here.client.post(url(here, f"{one.pk}/history/1"))
    one.refresh_from_db()
    assert [stage["name"] for stage in one.current["stages"]] == ["Has a question", "Gets an answer", "Solved"]
    assert JourneyVersion.objects.filter(journey=one).count() == one.number == 6


def test_its_time_and_period_are_set_on_the_page(here):
    one = made(here)
    someone(here, "Ticket Opened", "Ticket Answered", "Ticket Solved")
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "in the last 90 days, within 30 days" in page
    given = {"amount": "90", "unit": "minutes", "period": "last:7:days"}
    assert here.client.post(url(here, f"{one.pk}/time"), given).status_code == 302
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "in the last 7 days, within 90 minutes" in page
    one.refresh_from_db()
    assert one.current["within"] == {"amount": 90, "unit": "minutes"}
    # It came to the second stage within an hour, and not to the third.
    assert [said.split(" Typical")[0] for said in live_row(page)] == [
        "Reached 1 Went on 1 Left 0",
        "Reached 1 Went on 0 Left 1",
        "Reached 0",
    ]
    for wrong in ({"amount": "x"}, {"amount": "0"}, {"unit": "moons"}, {"amount": "400", "unit": "days"}):
        here.client.post(url(here, f"{one.pk}/time"), given | wrong)
    here.client.post(url(here, f"{one.pk}/time"), given | {"period": "of my own"})
    one.refresh_from_db()
    assert (one.current["within"], one.current["period"]) == (
        {"amount": 90, "unit": "minutes"}, {"kind": "last", "amount": 7, "unit": "days"},
    )  # fmt: skip
    here.client.post(url(here, f"{one.pk}/time"), given | {"period": ""})
    one.refresh_from_db()
    assert one.current["period"] is None


def test_a_stage_that_may_be_left_out_loses_nobody(here):
    one = made(here)
    here.client.post(
        url(here, f"{one.pk}/cells/s2/stage"), {"name": "Gets an answer", "event": "Ticket Answered", "optional": "1"}
    )
    someone(here, "Ticket Opened", "Ticket Solved")
    someone(here, "Ticket Opened", "Ticket Answered", "Ticket Solved")
    someone(here, "Ticket Opened", "Ticket Answered")
    said = live_row(text_of(here.client.get(url(here, f"{one.pk}/"))))
    assert said[0].startswith("Reached 3 Went on 2 Left 1")
    assert said[1] == "Reached 2 may be left out"
    assert said[2] == "Reached 2"


def test_the_target_is_a_map_of_its_own(here):
    one = made(here)
    assert here.client.post(url(here, f"{one.pk}/target")).headers["Location"].endswith("?side=target")
    here.client.post(url(here, f"{one.pk}/stages"), {"act": "remove:s2", "side": "target"})
    one.refresh_from_db()
    assert (len(one.current["stages"]), len(one.target["stages"])) == (3, 2)
    assert "Gets an answer" not in text_of(here.client.get(url(here, f"{one.pk}/?side=target")))
    assert "Gets an answer" in text_of(here.client.get(url(here, f"{one.pk}/")))


def test_who_may_only_look_sees_no_tools(here):
    one = made(here)
    viewer = here.sign_in("viewer")
    page = text_of(viewer.get(url(here, f"{one.pk}/")))
    assert "Add a stage" not in page
    assert viewer.post(url(here, f"{one.pk}/stages"), {"act": "add"}).status_code == 403
    for wrong in ("cells/s9/pains", "cells/s1/nothing"):
        assert here.client.get(url(here, f"{one.pk}/{wrong}")).status_code == 404
