"""Customers sorted on real engines: who may be profiled, kept as lists, sorted again, stopped, erased; and its page."""

from __future__ import annotations

import msgspec
import pytest

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, money, seconds
from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.holdings import Subject
from amity.kernel.ids import new_id
from amity.rooms.customers.actions import holdings
from amity.rooms.customers.actions.clustering import run as running
from amity.rooms.customers.actions.clustering.run import run_next_clustering, sort_again
from amity.rooms.customers.models import Activity, ClusterMember, ClusterRun, Customer, Member
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.people import Place

EACH = 40


@pytest.fixture
def here(transactional_db, past_ready, monkeypatch) -> Place:
    monkeypatch.setattr("amity.rooms.customers.actions.clustering.learning.RESAMPLES", 2)
    return Place()


def crowd(here: Place) -> list[list]:
    """Callers, who ring in the morning, and shoppers, who buy on the web in the evening; three of each say no to profiling."""
    workspace, now = here.workspace.pk, now_ms()
    kinds, rows = [[], []], []
    for kind in (0, 1):
        for n in range(EACH + 3):
            who = new_id()
            kinds[kind].append(who)
            Customer.objects.create(id=who, workspace_id=workspace, created_at=0, traits={"name": f"Ada {kind}-{n}"})
            consent = {"profiling": [False, now, 1, "0" * 32]} if n >= EACH else {}
            Activity.objects.create(customer_id=who, workspace_id=workspace, consent=consent, last_seen=now)
            for turn in range(6 + n % 4):
                at = now - (20 + 10 * turn) * DAY + (8 if kind == 0 else 20) * HOUR
                rows.append(made(workspace, who, at, kind))
    insert_rows(table="interactions_raw", rows=rows, token=f"clustering-{workspace}")
    return kinds


def made(workspace: int, who, at: int, kind: int) -> InteractionRow:
    return InteractionRow(
        workspace_id=workspace, customer_id=who, time=seconds(at), message_key=new_id(), message_id="", type="track", source_id=1,
        received_at=seconds(at), projected_at=seconds(at), log_seq=1, log_index=1, name=("Call Ended", "Order Completed")[kind],
        channel=("phone", "web")[kind], voice="did", value=money(None if kind == 0 else 40), properties=msgspec.Raw(b"{}"),
    )  # fmt: skip


def url(here: Place, rest: str = "") -> str:
    return f"/w/{here.workspace.slug}/personas/segments/{rest}"


def text_of(response, status: int = 200) -> str:
    assert response.status_code == status, response.content[:800]
    return response.content.decode()


def sort(here: Place, **given) -> ClusterRun:
    here.client.post(url(here, "ask"), {"groups": ["channels", "value", "service"], "number": "2"} | given)
    assert run_next_clustering(stopping=lambda: False)
    return ClusterRun.objects.order_by("-pk").first()


def test_before_anybody_was_sorted_it_says_what_that_is_for(here):
    page = text_of(here.client.get(url(here)))
    assert "Nobody was sorted yet" in page
    assert "Sort customers" in page
    assert "Sort customers" not in text_of(here.sign_in("viewer").get(url(here)))
    assert here.sign_in("viewer").post(url(here, "ask")).status_code == 403


def test_two_kinds_are_found_kept_and_followed(here):
    callers, shoppers = crowd(here)
    run = sort(here)
    assert (run.state, run.sorted_customers, run.withheld, run.few) == ("done", 2 * EACH, 6, 0), run.trouble
    found = dict(ClusterMember.objects.filter(run=run).values_list("customer_id", "segment"))
    assert {found[one] for one in callers[:EACH]} != {found[one] for one in shoppers[:EACH]}
    assert len({found[one] for one in callers[:EACH]}) == len({found[one] for one in shoppers[:EACH]}) == 1
    assert not set(found) & {*callers[EACH:], *shoppers[EACH:]}
    page = text_of(here.client.get(url(here)))
    for said in ("More phone", "40 customers", "don’t allow profiling", "How the number was chosen", "Most typical"):
        assert said in page, said

    segment = found[callers[0]]
    response = here.client.post(url(here, f"{run.pk}/{segment}/keep"), {"name": "Callers", "act": "describe"})
    assert "/personas/new?audience=" in response["Location"]
    chosen = int(response["Location"].rpartition("=")[2])
    assert "selected>Callers (40)" in text_of(here.client.get(response["Location"]))
    assert set(Member.objects.filter(audience_id=chosen, inside=True).values_list("customer_id", flat=True)) == set(
        callers[:EACH]
    )
    again = text_of(here.client.post(url(here, f"{run.pk}/{segment}/keep"), {"name": "Again"}, follow=True))
    assert "kept as a list already" in again

    # One of them says no from now on, one that was too quiet to tell comes to call: the next day's sorting follows.
    Activity.objects.filter(customer_id=callers[0]).update(consent={"profiling": [False, now_ms(), 1, "0" * 32]})
    Activity.objects.filter(customer_id=callers[EACH]).update(consent={})
    ClusterRun.objects.filter(pk=run.pk).update(sorted_at=now_ms() - 2 * DAY)
    assert run_next_clustering(stopping=lambda: False)
    assert not run_next_clustering(stopping=lambda: False)
    inside = set(Member.objects.filter(audience_id=chosen, inside=True).values_list("customer_id", flat=True))
    assert inside == {*callers[1 : EACH + 1]}
    assert "list.changed" in AuditEntry.objects.filter(target=f"audience:{chosen}").values_list("action", flat=True)

    second = sort(here)
    assert "in the run before" in text_of(here.client.get(url(here)))
    subject = Subject(workspace_id=here.workspace.pk, customer_ids=(callers[5],), identifiers=())
    assert holdings.find(subject)["customers.segments"] == 2
    told = [one.data["segment"] for one in holdings.export(subject) if one.store == "customers.segments"]
    assert told[0].startswith("More phone")
    holdings.erase(subject)
    assert holdings.find(subject)["customers.segments"] == 0
    assert ClusterMember.objects.filter(run=second).count() == second.sorted_customers - 1


def test_too_few_are_told_and_wrong_wishes_refused(here):
    run = sort(here)
    assert run.state == "failed"
    assert "Only 0 customers" in run.trouble
    assert "The last run failed" in text_of(here.client.get(url(here)))
    for given, why in (
        ({"groups": []}, "Choose at least one"),
        ({"groups": ["value"], "number": "13"}, "Choose 2 to 12"),
        ({"groups": ["value"], "least": "x"}, "whole numbers"),
        ({"groups": ["value"], "least": "99999"}, "1 to 1,000"),
    ):
        assert why in text_of(here.client.post(url(here, "ask"), given, follow=True)), why
    assert "no such segment" in text_of(here.client.post(url(here, f"{run.pk}/0/keep"), {"name": "x"}, follow=True))


def test_it_is_stopped_waits_for_another_worker_and_says_what_lacks(here, monkeypatch):
    here.client.post(url(here, "ask"), {"groups": ["value"]})
    page = text_of(here.client.get(url(here)))
    assert "Waits for a worker" in page
    assert "being sorted already" in text_of(here.client.post(url(here, "ask"), {"groups": ["value"]}, follow=True))
    assert run_next_clustering(stopping=lambda: True)
    assert ClusterRun.objects.get().state == "waiting"  # another goes on

    def asked(*_, **__):
        ClusterRun.objects.update(stop_asked=True)
        return set(), 0

    with monkeypatch.context() as patched:
        patched.setattr(running, "who_may_be_sorted", asked)
        patched.setattr(running, "_TELL_EVERY", 0.0)
        assert run_next_clustering(stopping=lambda: False)
    assert ClusterRun.objects.get().state == "stopped"
    assert here.client.get(url(here, "progress"))["HX-Refresh"] == "true"
    here.client.post(url(here, "ask"), {"groups": ["value"]})
    here.client.post(url(here, "stop"))
    assert ClusterRun.objects.order_by("-pk").first().state == "stopped"
    monkeypatch.setattr("amity.rooms.customers.queries.clustering.runs.find_spec", lambda _: None)
    assert "pip install &#x27;amity[segments]&#x27;" in text_of(here.client.get(url(here)))
    assert "scikit-learn" in text_of(here.client.post(url(here, "ask"), {"groups": ["value"]}, follow=True))


def test_a_turn_that_is_stopped_changes_nothing(here):
    crowd(here)
    run = sort(here)
    sort_again(run, stopping=lambda: True)
    assert ClusterMember.objects.filter(run=run).count() == 2 * EACH
