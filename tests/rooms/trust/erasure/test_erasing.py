"""An erasure from the asking to the receipt: nothing is left of the person, whatever crashes, and others keep theirs."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.engines.past.client import past
from amity.engines.present.models import Position
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.holdings import holders
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import COMMAND_LINE
from amity.rooms.trust.models import AuditEntry, Erasure, Suppression
from amity.rooms.trust.queries.access import find_access
from tests.rooms.trust.erasure.working import KillAt, Killed, around, ask, finish
from tests.rooms.trust.rights.test_holdings import Held
from tests.sweep import found_anywhere

BOUNDARIES = [
    ("suppressed", 1), ("remembered", 1), ("found collection", 1), ("erased collection", 1), ("found customers", 1),
    ("erased customers", 1), ("found listening", 1), ("erased listening", 1), ("found metrics", 1), ("found journeys", 1), ("found trust", 1), ("erased trust", 1), ("found customers", 2), ("before done", 1), ("done", 1),
]  # fmt: skip


@pytest.fixture
def held(transactional_db, past_ready) -> Held:
    Erasure.objects.all().delete()
    return Held()


def counts(run: Erasure) -> dict[str, int]:
    return {one["store"]: one["found"] for one in run.receipt["stores"] if one["found"]}


def test_an_erased_person_is_nowhere_any_more(held):
    before = {s: n for holder in holders().values() for s, n in holder.find(held.subject).items() if n}
    texts = held.texts
    run = finish(ask(held))
    assert found_anywhere(texts) == {}
    assert counts(run) == before
    assert run.receipt["erased"] == sum(before.values())
    assert run.subject == ""
    assert past().query(
        f"SELECT message_id FROM interactions_raw WHERE workspace_id = {held.workspace}"
    ).result_rows == [("bens",)]  # fmt: skip
    assert (
        Suppression.objects.filter(workspace_id=held.workspace, erasure_id=run.pk).count() == 7
    )  # 4 identifiers, 2 ids, the mark
    told = AuditEntry.objects.filter(target=f"erasure:{run.pk}").order_by("seq").values_list("action", flat=True)
    assert list(told) == ["erasure.asked", "erasure.done"]


@pytest.mark.parametrize(("boundary", "number"), BOUNDARIES)
def test_a_crash_anywhere_loses_no_count_and_leaves_nothing(held, boundary, number):
    before = {s: n for holder in holders().values() for s, n in holder.find(held.subject).items() if n}
    texts, run, kill = held.texts, ask(held), KillAt(boundary, number)
    with pytest.raises(Killed):
        finish(run, at=kill)
    done = finish(run)
    assert found_anywhere(texts) == {}
    assert counts(done) == before


def test_every_boundary_is_reached(held):
    count = KillAt("")
    finish(ask(held), at=count)
    assert {name for name, _ in BOUNDARIES} == count.seen.keys()


def test_every_identifier_leads_to_the_same_person(held):
    phone = next(value for kind, value in held.subject.identifiers if kind == "phone")
    first = ask(held)
    for kind, value in (("phone", phone), ("user_id", held.user), ("anonymous_id", held.shared), ("customer_id", str(held.old))):
        assert ask(held, kind, value) == first


def test_a_request_has_one_erasure(held):
    from uuid import uuid4

    request = uuid4()
    first = ask(held, request_id=request)
    finish(first)
    assert ask(held, request_id=request) == first


def test_who_is_no_customer_is_found_where_they_are_named(held):
    held.tag = "another batch"
    held._quarantine({"traits": {"email": "nobody@mail.example"}})
    run = finish(ask(held, value="Nobody@mail.example"))
    assert counts(run) == {"collection.quarantine": 1}
    assert held.subject.customer_ids


@pytest.mark.parametrize(
    ("kind", "value"),
    [("email", "no address"), ("customer_id", "no id"), ("", "x"), ("email", " ")],
)
def test_what_can_be_no_identifier_is_refused(held, kind, value):
    with pytest.raises(Invalid):
        ask(held, kind, value)
    with pytest.raises(NotFound):
        ask(held, "customer_id", "00000000-0000-7000-8000-000000000001")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_needed(held, reason):
    with pytest.raises(Invalid):
        ask(held, reason=reason)


def test_a_reason_must_not_name_the_person(held):
    with pytest.raises(Invalid, match="names the person"):
        ask(held, reason=f"Wrote from {held.email.upper()}")


def test_only_who_may_can_erase(held):
    from amity.rooms.trust.models import Membership

    agent = Membership.objects.get(person=held.place.client.session["_auth_user_id"])
    for role, may in (("agent", False), ("privacy_officer", True)):
        Membership.objects.filter(pk=agent.pk).update(role=role)
        access = find_access(person=agent.person, slug=held.place.workspace.slug)
        if may:
            assert trust.begin_erasure(access, kind="email", value=held.email, reason="Asked")
        else:
            with pytest.raises(Forbidden):
                trust.begin_erasure(access, kind="email", value=held.email, reason="Asked")


def test_it_waits_until_the_log_has_been_read_and_no_replay_runs(held):
    Position.objects.create(reader="worker-0-of-1", seq=4)
    run = ask(held)
    for _ in range(4):
        trust.work_erasures(around(log_end=5))
    assert Erasure.objects.get(pk=run).trouble.startswith("Waits until the workers have read")
    Position.objects.update(seq=5)
    trust.work_erasures(around(alone=False))
    assert Erasure.objects.get(pk=run).trouble == "Waits for the end of a replay."
    assert finish(run).trouble == ""


def test_one_that_waits_lets_others_go_on(held, monkeypatch):
    from amity.rooms.customers.actions import holdings

    other = Held()
    stuck, free = ask(held), ask(other)
    real = holdings.find

    def find(subject):
        if subject.workspace_id == held.workspace:
            raise OSError("the disk is away")
        return real(subject)

    monkeypatch.setattr(holdings, "find", find)
    for _ in range(6):
        trust.work_erasures(around())
    assert Erasure.objects.get(pk=free).finished_at
    assert Erasure.objects.get(pk=stuck).trouble == "OSError"
    monkeypatch.undo()
    assert finish(stuck)


def test_nothing_of_another_workspace_is_touched(held):
    other = Held()
    before = {s: n for holder in holders().values() for s, n in holder.find(other.subject).items()}
    finish(ask(held))
    assert {s: n for holder in holders().values() for s, n in holder.find(other.subject).items()} == before
    assert not Suppression.objects.filter(workspace_id=other.workspace).exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.text(max_size=50) | st.sampled_from(["email", "phone", "user_id", "customer_id"]), value=st.text(max_size=400))
def test_whatever_is_asked_for_is_found_or_refused_in_words(held, kind, value):
    """NUL, quotes, halves of surrogate pairs, what no kind is: answered, and never more than what it names."""
    actor = {"workspace_id": held.workspace}
    try:
        found = trust.look_at(COMMAND_LINE, kind=kind, value=value, **actor)
    except (Invalid, NotFound):
        return
    assert found.customers == 0
    assert found.records == 0


@pytest.mark.parametrize(
    "value", ["'; DROP TABLE trust_erasure; --", "x\x00y", "\ud800", "%", "{workspace_id:UInt32}", "%(x)s %b"]
)
def test_no_value_is_ever_part_of_a_statement(held, value):
    try:
        run = ask(held, "user_id", value)
    except Invalid:
        return
    done = finish(run)
    assert done.receipt["erased"] == 0
    assert held.subject.customer_ids
