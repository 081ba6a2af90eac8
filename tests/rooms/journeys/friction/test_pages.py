"""Pain points through their pages: named, priced by the worker over the real past, ranked, and down to the customers."""

from __future__ import annotations

import html
import json
import re
from uuid import UUID

import numpy as np
import pytest

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, seconds
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import NotRunning
from amity.kernel.ids import new_id
from amity.rooms.customers.models import Activity, Customer
from amity.rooms.journeys.actions.friction import work
from amity.rooms.journeys.actions.friction.work import run_next_pricing
from amity.rooms.journeys.models import PainPoint, Pricing
from tests.rooms.customers.people import Place

EVIL = '<script>alert("x")</script>'
LATE = {
    "name": "Parcel comes late", "event": "Order Delivered", "of": "late", "test": "equal", "to": "true", "chance": "Order Delivered",
    "kind": "doing", "outcome": "Order Completed", "days": "30", "period": "30", "worth": "50", "known": "traits.plan", "effort": "2",
}  # fmt: skip


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/journeys/friction/{rest}"


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return html.unescape(response.content.decode())


def people(here: Place, number: int, *, refuses: int = 0) -> list[UUID]:
    """Put customers there who get a parcel a month; gold ones late more often, and late parcels take away orders. Returns who met it."""
    dice, now = np.random.default_rng(7), now_ms()
    rows, late_ones, made = [], [], []
    for n in range(number):
        who, gold, late_before = new_id(), dice.random() < 0.4, False
        consent = {"analytics": [n >= refuses, 0, 0, "0" * 32]}
        made.append(
            (
                Customer(id=who, workspace_id=here.workspace.pk, created_at=0),
                Activity(customer_id=who, workspace_id=here.workspace.pk, consent=consent),
            )
        )
        said = [("identify", "", {}, {"plan": "gold" if gold else "basic"}, now - 380 * DAY)]
        met = False
        for month in range(11):
            at = now - (350 - month * 30) * DAY
            late = bool(dice.random() < (0.45 if gold else 0.12))
            said.append(("track", "Order Delivered", {"late": late}, {}, at))
            if dice.random() < (0.85 if gold else 0.35) - 0.2 * late_before:
                said.append(("track", "Order Completed", {"revenue": 20}, {}, at + DAY))
            late_before, met = late, met or late
        rows += [_row(here, who, *one) for one in said]
        if met and n >= refuses:
            late_ones.append(who)
    Customer.objects.bulk_create([one for one, _ in made])
    Activity.objects.bulk_create([one for _, one in made])
    insert_rows(table="interactions_raw", rows=rows, token=str(new_id()))
    return late_ones


def _row(here: Place, who: UUID, kind: str, name: str, properties: dict, traits: dict, at: int) -> InteractionRow:
    import msgspec

    return InteractionRow(
        workspace_id=here.workspace.pk, customer_id=who, time=seconds(at), message_key=new_id(), message_id="", type=kind, source_id=1,
        received_at=seconds(at), projected_at=seconds(at), log_seq=1, log_index=1, name=name, channel="web", voice="did", value=None,
        properties=msgspec.Raw(msgspec.json.encode(properties)), traits=msgspec.Raw(msgspec.json.encode(traits)),
    )  # fmt: skip


def test_a_pain_point_is_named_priced_ranked_and_opens_its_customers(here):
    met = people(here, 300, refuses=20)
    assert "No pain point yet" in text_of(here.client.get(url(here)))
    assert here.client.post(url(here, "new"), LATE | {"act": "price", "about": EVIL}).status_code == 302
    one = PainPoint.objects.get(name="Parcel comes late")
    page = text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "Waits for the worker" in page
    assert 'hx-trigger="every 2s"' in page
    assert run_next_pricing(stopping=lambda: False)
    assert not run_next_pricing(stopping=lambda: False)
    priced = Pricing.objects.get(pain=one)
    assert (priced.state, priced.trouble) == ("done", "")
    result = priced.result
    assert result["withheld"] == 20
    assert abs(result["adjusted"]["value"] + 0.2) < 3.3 * result["adjusted"]["error"]
    assert result["adjusted"]["high"] < 0
    assert result["misled"]
    page = here.client.get(url(here, f"{one.pk}/")).content.decode()
    assert EVIL not in page
    for said in (
        "The plain difference misleads",
        "Do they have their like?",
        "Does something come of nothing?",
        "adjusted",
        "20 customers don’t allow analytics",
    ):
        assert said in html.unescape(page), said
    listed = text_of(here.client.get(url(here)))
    assert "correlation misleads" in listed
    assert "Opportunity matrix" in listed
    behind = text_of(here.client.get(url(here, f"{one.pk}/customers/{priced.pk}")))
    assert f"{len(met)} customers who met" in behind
    assert result["reached"] == len(met)
    there = {UUID(one) for one in re.findall(r"customers/([0-9a-f-]{36})/", behind)}
    assert there <= set(met)
    assert len(there) == 50
    assert (
        len(
            {
                UUID(each)
                for each in re.findall(
                    r"customers/([0-9a-f-]{36})/",
                    text_of(here.client.get(url(here, f"{one.pk}/customers/{priced.pk}?from={len(met) - 3}"))),
                )
            }
        )
        == 3
    )


def test_a_change_makes_a_version_and_an_old_price_says_so(here):
    people(here, 40)
    here.client.post(url(here, "new"), LATE | {"act": "price"})
    one = PainPoint.objects.get()
    assert run_next_pricing(stopping=lambda: False)
    here.client.post(url(here, f"{one.pk}/edit"), LATE | {"effort": "5"})
    one.refresh_from_db()
    assert (one.number, one.effort) == (1, 5)
    here.client.post(url(here, f"{one.pk}/edit"), LATE | {"days": "60"})
    one.refresh_from_db()
    assert (one.number, one.definition["outcome"]["days"]) == (2, 60)
    assert "the price of an earlier definition" in text_of(here.client.get(url(here, f"{one.pk}/")))
    assert 'value="60"' in here.client.get(url(here, f"{one.pk}/edit")).content.decode()


def test_too_few_is_told(here):
    people(here, 10)
    here.client.post(url(here, "new"), LATE | {"act": "price"})
    one = PainPoint.objects.get()
    assert run_next_pricing(stopping=lambda: False)
    assert "Too few customers met it" in text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "too few" in text_of(here.client.get(url(here)))


def test_what_is_wrong_is_said_and_nothing_kept(here):
    for wrong, said in (
        ({"event": "", "of": ""}, "Say which event"),
        ({"days": "x"}, "whole number"),
        ({"worth": "much"}, "is a number"),
        ({"known": "a..b"}, "no path"),
        ({"name": " "}, "needs a name"),
    ):
        assert said in text_of(here.client.post(url(here, "new"), LATE | wrong), 400)
    assert not PainPoint.objects.exists()
    here.client.post(url(here, "new"), LATE)
    assert "There is a pain point named" in text_of(here.client.post(url(here, "new"), LATE), 400)


def test_an_engine_that_is_away_is_waited_for_and_a_stopped_worker_gives_it_back(here, monkeypatch):
    here.client.post(url(here, "new"), LATE | {"act": "price"})
    assert run_next_pricing(stopping=lambda: True)
    assert Pricing.objects.get().state == "waiting"

    def away(*_, **__):
        raise NotRunning("The past is away.")

    monkeypatch.setattr(work, "read_story", away)
    with pytest.raises(NotRunning):
        run_next_pricing(stopping=lambda: False)
    assert Pricing.objects.get().state == "waiting"
    here.client.post(url(here, f"{PainPoint.objects.get().pk}/price"))
    assert Pricing.objects.count() == 1


def test_more_than_a_form_can_say_is_edited_as_json(here):
    here.client.post(url(here, "new"), LATE)
    one = PainPoint.objects.get()
    definition = one.definition | {
        "friction": {"name": "Order Delivered", "voice": "ours", "where": [{"of": "properties.late", "is": "equal", "to": True}]}
    }
    assert (
        here.client.post(
            url(here, f"{one.pk}/edit"), {"name": one.name, "json": json.dumps(definition), "effort": "3"}
        ).status_code
        == 302
    )
    one.refresh_from_db()
    assert (one.definition["friction"]["voice"], one.effort) == ("ours", 3)
    assert "Definition as JSON" in text_of(here.client.get(url(here, f"{one.pk}/edit")))


def test_it_stands_on_a_journey_of_the_workspace_only(here):
    here.client.post(f"/w/{here.workspace.slug}/journeys/new", {"kind": "purchase", "name": "Buying"})
    from amity.rooms.journeys.models import Journey

    journey = Journey.objects.get(workspace=here.workspace)
    here.client.post(url(here, "new"), LATE | {"where": f"{journey.pk}:s5"})
    one = PainPoint.objects.get()
    assert (one.journey_id, one.stage) == (journey.pk, "s5")
    assert "Have it" in text_of(here.client.get(url(here, f"{one.pk}/")))
    assert "no such stage" in text_of(
        here.client.post(url(here, "new"), LATE | {"name": "Other", "where": f"{journey.pk}:s99"}), 400
    )
    other = Place()
    assert other.client.get(f"/w/{other.workspace.slug}/journeys/friction/{one.pk}/").status_code == 404
    assert "no such journey" in text_of(
        other.client.post(f"/w/{other.workspace.slug}/journeys/friction/new", LATE | {"where": f"{journey.pk}:s5"}), 400
    )


def test_who_may_only_look_changes_nothing_and_archived_ones_are_found(here):
    here.client.post(url(here, "new"), LATE)
    one = PainPoint.objects.get()
    viewer = here.sign_in("viewer")
    assert "New pain point" not in text_of(viewer.get(url(here)))
    for rest in (f"{one.pk}/price", f"{one.pk}/archive", "new"):
        assert viewer.post(url(here, rest), LATE).status_code == 403
    assert here.client.post(url(here, f"{one.pk}/archive")).status_code == 302
    assert "Parcel comes late" not in text_of(here.client.get(url(here, "?q=none")))
    assert "Parcel comes late" in text_of(here.client.get(url(here, "?archived=1")))
    assert "can’t be changed" in text_of(here.client.post(url(here, f"{one.pk}/edit"), LATE), 400)
