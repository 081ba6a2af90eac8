"""The watch asks once for everybody: it says so of every kind of work that waits, and lets all others rest."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from amity.engines.present.models import OutboxFact
from amity.engines.present.waiting import Question
from amity.kernel.clock import DAY, HOUR, now_ms
from amity.rooms.collection.models import Import
from amity.rooms.customers import models as customers
from amity.rooms.journeys.models import Audit, Comment, Foretelling, Journey, PainPoint, Pricing
from amity.rooms.listening.models import Invitation, Survey
from amity.rooms.metrics.models import Alert, AlertNotice, AlertRule, Check, Dashboard, DashboardLetter, DashboardPost, Metric
from amity.rooms.trust import models as trust
from amity.workers import duties
from amity.workers.background import Background
from amity.workers.leader import Duty, Leader
from amity.workers.watch import Watch, conditions
from tests.flows.wait import wait_for


class Given:
    """Makes one row of what a kind of work waits for, in a workspace of its own."""

    def __init__(self) -> None:
        self.workspace = trust.Workspace.objects.create(slug=f"w{uuid4().hex[:10]}", name="W")
        self.now = now_ms()
        self.told = {"created_at": self.now, "updated_at": self.now, "created_by": "ada", "updated_by": "ada"}

    def audience(self, **fields: Any):
        given = {"workspace": self.workspace, "name": uuid4().hex, "definition": {}} | self.told | fields
        return customers.Audience.objects.create(**given)

    def trait(self, **fields: Any):
        given = {"workspace": self.workspace, "name": uuid4().hex, "definition": {}} | self.told | fields
        return customers.ComputedTrait.objects.create(**given)

    def request(self, **fields: Any):
        given = {
            "kind": "access",
            "law": "gdpr",
            "via": "form",
            "state": "open",
            "hint": "a",
            "subject": "",
            "contact": "",
        } | fields
        now = timezone.now()
        return trust.RightsRequest.objects.create(workspace=self.workspace, received_at=now, due_at=now, **given)

    def invitation(self, **fields: Any):
        given = {"draft": {}, "link_id": uuid4().hex[:16], "link_secret": "", "name": uuid4().hex} | self.told
        survey = Survey.objects.create(workspace=self.workspace, **given)
        asked = {"customer_id": uuid4(), "days": 1, "asked_at": self.now, "asked_by": "ada", "due_at": self.now - 1} | fields
        Invitation.objects.create(workspace=self.workspace, survey=survey, **asked)

    def archive(self):
        trust.RightsArchive.objects.create(request=self.request(), asked_at=timezone.now(), asked_by="ada")

    def regulation(self):
        by = {"asked_by": "ada", "asked_by_id": "1", "asked_by_kind": "person"}
        trust.Regulation.objects.create(
            workspace=self.workspace, kind="DELETE_ONLY", total=1, left=1, asked_at=timezone.now(), **by
        )

    def erasure(self):
        given = {"hint": "a", "reason": "", "asked_by": "ada", "state": "asked"}
        trust.Erasure.objects.create(workspace=self.workspace, asked_at=timezone.now(), **given)

    def imported(self, state: str):
        given = {"name": "a.csv", "path": "/a.csv", "size": 1, "digest": "a", "prefix": "a", "created_by": "ada"}
        Import.objects.create(workspace=self.workspace, state=state, **given)

    def member(self, **fields: Any):
        given = {"audience": self.audience(), "customer_id": uuid4(), "inside": True, "since": 0, "due": self.now - 1}
        customers.Member.objects.create(**given | fields)

    def value(self):
        given = {"customer_id": uuid4(), "since": 0, "due": self.now - 1}
        customers.ComputedValue.objects.create(trait=self.trait(), **given)

    def run(self, phase: str):
        customers.IdentityRun.objects.create(
            workspace=self.workspace, rules=[], by="ada", by_id="1", asked_at=self.now, phase=phase
        )

    def matching(self, state: str):
        customers.MatchRun.objects.create(workspace=self.workspace, state=state, asked_at=self.now, probability=0.9)

    def clustering(self, state: str):
        customers.ClusterRun.objects.create(workspace=self.workspace, state=state, asked_at=self.now, wanted={})

    def mark(self):
        customers.Mark.objects.create(customer_id=uuid4(), workspace=self.workspace, since=0, marked_at=timezone.now())

    def unmerge(self):
        by = {"person": "ada", "person_id": "1"}
        run = customers.UnmergeRun.objects.create(workspace=self.workspace, wanted={}, asked_at=self.now, total=1, **by)
        merge = customers.Merge.objects.create(
            workspace=self.workspace, old_id=uuid4(), into_id=uuid4(), rule="person", time=0, merged_at=0, source_id=0, key=uuid4(),
            identifiers=[], moved=[], kept={},
        )  # fmt: skip
        customers.Unmerge.objects.create(run=run, merge=merge)

    def subscription(self, **fields: Any):
        to = customers.Destination.objects.create(workspace=self.workspace, name=uuid4().hex, kind="webhook", **self.told)
        made = {"created_at": self.now, "created_by": "ada"}
        return customers.Subscription.objects.create(destination=to, audience=self.audience(), purpose="ads", **made, **fields)

    def delivery(self, *, due: int = -1):
        one = self.subscription()
        given = {"what": "changes", "made_at": self.now, "due_at": self.now + due, "message_id": uuid4().hex}
        customers.Delivery.objects.create(subscription=one, destination=one.destination, **given)

    def pricing(self, state: str):
        pain = PainPoint.objects.create(workspace=self.workspace, name=uuid4().hex, definition={}, number=1, **self.told)
        given = {"number": 1, "definition": {}, "as_of": 0, "seed": 1, "asked_at": 0, "asked_by": "ada"}
        Pricing.objects.create(pain=pain, state=state, **given)

    def foretelling(self, state: str):
        journey = Journey.objects.create(workspace=self.workspace, name=uuid4().hex, current={}, **self.told)
        given = {"number": 1, "definition": {}, "content": {}, "as_of": 0, "seed": 1, "asked_at": 0, "asked_by": "ada"}
        Foretelling.objects.create(journey=journey, state=state, **given)

    def audit(self, state: str):
        Audit.objects.create(workspace=self.workspace, state=state, days=90, as_of=0, seed=0, asked_at=0, asked_by="ada")

    def comment(self, due: int | None):
        journey = Journey.objects.create(workspace=self.workspace, name=uuid4().hex, current={}, **self.told)
        Comment.objects.create(journey=journey, stage="s1", body="Why?", made_at=0, made_by="ada", letter_due_at=due)

    def rule(self, **fields: Any):
        metric = Metric.objects.create(workspace=self.workspace, name=uuid4().hex, **self.told)
        given = {"step": "hour", "side": "both", "next_at": self.now + HOUR} | self.told | fields
        return AlertRule.objects.create(workspace=self.workspace, metric=metric, **given)

    def check(self, **fields: Any):
        given = {"workspace": self.workspace, "name": uuid4().hex, "next_at": self.now + HOUR} | self.told | fields
        return Check.objects.create(**given)

    def letter(self, **fields: Any):
        dashboard = Dashboard.objects.create(workspace=self.workspace, name=uuid4().hex, **self.told)
        given = {
            "hour": 8,
            "people": ["1"],
            "owner": "1",
            "created_at": 0,
            "created_by": "ada",
            "next_at": self.now + HOUR,
        } | fields
        return DashboardLetter.objects.create(workspace=self.workspace, dashboard=dashboard, **given)

    def alert(self, **fields: Any):
        given = dict.fromkeys(["version", "first", "last", "worst_first", "worst_last", "value", "events", "customers"], 1)
        return Alert.objects.create(workspace=self.workspace, rule=self.rule(**fields), side="low", opened_at=self.now, **given)

    def notice(self):
        AlertNotice.objects.create(alert=self.alert(), what="opened", person="1", made_at=self.now, due_at=self.now - 1)


WORK: list[tuple[str, Callable[[Given], object]]] = [
    ("outbox", lambda g: OutboxFact.objects.create(message_id=uuid4().hex, workspace_id=g.workspace.pk, body=b"{}")),
    ("links", lambda g: g.request(state="unverified", link_wanted_at=timezone.now())),
    ("regulations", Given.regulation),
    ("archives", Given.archive),
    ("erasures", Given.erasure),
    ("requests for erasure", lambda g: g.request(kind="erasure", erasures=["1"])),
    ("imports", lambda g: g.imported("waiting")),
    ("imports", lambda g: g.imported("running")),
    ("matching", lambda g: g.matching("waiting")),
    ("matching", lambda g: g.matching("running")),
    ("clustering", lambda g: g.clustering("waiting")),
    ("marked", Given.mark),
    ("unmerges", Given.unmerge),
    ("touched", lambda g: customers.Touch.objects.create(workspace=g.workspace, customers=b"", places=b"", heard=b"[]")),
    ("windows", Given.member),
    ("windows", Given.value),
    ("windows", lambda g: g.audience(turns_at=g.now - 1)),
    ("windows", lambda g: g.audience(computed_at=g.now - DAY - HOUR)),
    ("windows", lambda g: g.trait(turns_at=g.now - 1)),
    ("wanted", lambda g: g.audience(wanted_at=g.now)),
    ("wanted", lambda g: g.trait(wanted_at=g.now)),
    ("rules to try", lambda g: g.run("reading")),
    ("rules to apply", lambda g: g.run("applying")),
    ("noted for destinations", lambda g: customers.SyncTouch.objects.create(workspace=g.workspace, customers=b"")),
    ("to compare", lambda g: g.subscription(full_at=g.now)),
    ("to send", Given.delivery),
    ("friction", lambda g: g.pricing("waiting")),
    ("moments", lambda g: g.foretelling("waiting")),
    ("letters of comments", lambda g: g.comment(g.now - 1)),
    ("audits", lambda g: g.audit("waiting")),
    ("invitations", Given.invitation),
    ("alerts", lambda g: g.rule(next_at=g.now - 1)),
    ("checks", lambda g: g.check(next_at=g.now - 1)),
    ("letters of dashboards", lambda g: g.letter(next_at=g.now - 1)),
    ("letters of dashboards", lambda g: DashboardPost.objects.create(letter=g.letter(), slot=1, person="1", due_at=g.now - 1)),
    ("notices", Given.notice),
    ("notices", lambda g: g.alert(second="2", escalate_after=1)),
]
RESTING: list[Callable[[Given], object]] = [
    lambda g: g.imported("done"),
    lambda g: g.matching("done"),
    lambda g: g.audience(computed_at=g.now, turns_at=g.now + HOUR),
    lambda g: g.audience(wanted_at=g.now, archived_at=g.now),
    lambda g: g.member(due=g.now + HOUR),
    lambda g: g.delivery(due=HOUR),
    Given.rule,
    Given.check,
    Given.letter,
    lambda g: g.letter(next_at=g.now - 1, stopped="Ada has left."),
    lambda g: g.check(next_at=0, paused_at=g.now),
    Given.alert,
    lambda g: g.invitation(state="sent"),
    lambda g: g.invitation(due_at=g.now + HOUR),
    lambda g: g.pricing("done"),
    lambda g: g.foretelling("done"),
    lambda g: g.audit("done"),
    lambda g: g.comment(None),
    lambda g: g.comment(g.now + HOUR),
    Given.request,
]  # fmt: skip


@pytest.fixture
def nothing(db) -> None:
    """Nothing waits: in this test's transaction, which is rolled back, the tables are empty."""
    models = [
        OutboxFact, trust.RightsArchive, trust.RightsRequest, trust.Regulation, trust.ErasureStep, trust.Erasure, Import,
        customers.Unmerge, customers.MatchRun, customers.ClusterRun, customers.Mark, customers.Touch, customers.IdentityRun,
        customers.SyncTouch, customers.Delivery, customers.Subscription, Pricing, Foretelling, Audit, Comment, Invitation, AlertNotice, Alert,
        AlertRule, Check, DashboardPost, DashboardLetter,
    ]  # fmt: skip
    for model in models:
        model.objects.all().delete()
    now = now_ms()
    customers.Member.objects.update(due=None)
    customers.ComputedValue.objects.update(due=None)
    for kind in (customers.Audience, customers.ComputedTrait):
        kind.objects.update(archived_at=now)


def asked() -> frozenset[str]:
    connection.ensure_connection()
    return Question(conditions()).ask(connection.connection)


@pytest.mark.parametrize(("name", "make"), WORK, ids=[f"{n} {name}" for n, (name, _) in enumerate(WORK)])
def test_what_waits_is_said_and_nothing_else(nothing, name, make):
    assert asked() == frozenset()
    make(Given())
    assert asked() == {name}


def test_what_is_done_or_not_yet_due_lets_everybody_rest(nothing):
    for make in RESTING:
        make(Given())
    assert asked() == frozenset()


def test_every_work_that_waits_for_something_is_asked_for_and_tried_here(db):
    watch = Watch()
    given: dict[str, Any] = {"log": None, "loop": None}
    kept = [
        *duties.duties(**given, stopping=Event(), busy=lambda: False, watch=watch),
        *duties.audience_duties(),
        *duties.rules_duties(Event()),
        *duties.erasing_duties(**given),
        *duties.outward_duties(),
    ]
    waited = {one.waits for one in kept if one.waits} | {name for bell in watch._bells for name in bell.names}
    assert waited == set(conditions()) == {name for name, _ in WORK}


class Asking:
    """A question whose answer the test decides."""

    def __init__(self) -> None:
        self.answer: frozenset[str] = frozenset()
        self.asked = 0

    def ask(self, _: object) -> frozenset[str]:
        self.asked += 1
        return self.answer


@pytest.fixture
def asking(db):
    question = Asking()
    watch = Watch(question, pause=0.01)
    yield question, watch
    watch.stop()
    watch.join(30)


def until_asked_again(question: Asking) -> None:
    before = question.asked
    wait_for(lambda: question.asked > before + 3, every=0.01)


def test_duties_rest_until_their_work_waits(asking):
    question, watch = asking
    done: list[str] = []
    leader = Leader(
        [
            Duty("relay", 0, lambda: done.append("relay"), waits="outbox"),
            Duty("erasures", 0, lambda: done.append("erasures"), waits="erasures"),
        ],
        pause=0.001,
        watch=watch,
    )
    watch.start()
    until_asked_again(question)
    leader.start()
    try:
        wait_for(lambda: len(done) == 2, every=0.01)  # once at the beginning, whatever waits
        until_asked_again(question)
        assert done == ["relay", "erasures"]
        question.answer = frozenset({"erasures"})
        wait_for(lambda: done.count("erasures") > 3, every=0.01)
        assert done.count("relay") == 1
    finally:
        leader.stop()
        leader.join(30)
    assert not leader.is_alive()


def test_a_duty_that_failed_is_tried_again_though_nothing_seems_to_wait(asking):
    question, watch = asking
    tries: list[int] = []

    def fails() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("away")

    leader = Leader([Duty("relay", 0, fails, waits="outbox")], pause=0.001, watch=watch)
    watch.start()
    leader.start()
    try:
        wait_for(lambda: len(tries) >= 3 and not leader.trouble, every=0.01)
        until_asked_again(question)
        resting = len(tries)
        until_asked_again(question)
        assert len(tries) == resting
    finally:
        leader.stop()
        leader.join(30)


def test_long_work_rests_until_it_waits_and_ends_with_the_watch(asking):
    question, watch = asking
    stopping = Event()
    seen: list[int] = []

    def work(_: object) -> bool:
        seen.append(1)
        return False

    watch.start()
    until_asked_again(question)
    one = Background("importing", work, stopping, pause=0.0, waits="imports", watch=watch)
    one.begin()
    wait_for(lambda: seen, every=0.01)
    until_asked_again(question)
    assert len(seen) == 1
    question.answer = frozenset({"imports"})
    wait_for(lambda: len(seen) > 3, every=0.01)
    question.answer = frozenset()
    stopping.set()
    watch.stop()
    one._thread.join(30)
    assert not one._thread.is_alive()


def test_while_the_watch_is_blind_everything_may_wait():
    watch = Watch(Asking())
    bell = watch.bell(["outbox"])
    watch._tell(frozenset())
    assert not watch.waits("outbox")
    assert not bell.rung.is_set()
    watch._tell(None)
    assert watch.waits("outbox")
    assert bell.rung.is_set()
