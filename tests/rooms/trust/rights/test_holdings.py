"""The protocol over all rooms at once: what is found is given out, and what is erased is nowhere any more."""

from __future__ import annotations

from uuid import uuid4

import msgspec
import pytest

from amity.engines.past.client import insert_rows, past
from amity.engines.past.rows import MergeRow, QuarantineRow, seconds
from amity.kernel.clock import now_ms
from amity.kernel.holdings import holders, resolver, stores
from amity.kernel.settings import settings
from amity.rooms.collection.actions.facts import record_fact
from amity.rooms.collection.models import Import
from amity.rooms.customers.models import (
    Apart,
    Audience,
    Choice,
    ClusterMember,
    ClusterRun,
    ComputedTrait,
    ComputedValue,
    Delivery,
    Destination,
    IdentityGroup,
    IdentityRun,
    ListEntry,
    ListUpload,
    MatchPair,
    Member,
    Persona,
    PersonaQuote,
    Refusal,
    Restriction,
    SentMember,
    Subscription,
)
from amity.rooms.listening.models import Contact, Response, Survey
from amity.rooms.trust.actions.rights.requests import take_down
from amity.rooms.trust.contracts import ANONYMOUS
from tests.rooms.customers.people import Place
from tests.sweep import found_anywhere

SHARED, THEIRS = "browser-shared-77f1", "browser-ada-11c2"


class Held:
    """Ada, who was two customers once, with something in every store; and Ben, who used her browser."""

    def __init__(self) -> None:
        self.place = Place()
        self.workspace = self.place.workspace.pk
        self.tag = uuid4().hex[:8]
        self.email, self.user = f"Ada.{self.tag}@Mail.example".lower(), f"user-ada-{self.tag}"
        self.shared, self.theirs = f"{SHARED}{self.tag}", f"{THEIRS}{self.tag}"
        self.ada = self.place.customer(("email", self.email), ("user_id", self.user), ("anonymous_id", self.shared),
                                       traits={"email": self.email, "name": f"Ada Lind{self.tag}"})  # fmt: skip
        self.old = self.place.customer(("phone", f"+4930{int(self.tag, 16) % 10**8:08}"))
        self.place.merge(self.old, self.ada)
        self.ben = self.place.customer(("user_id", f"user-ben-{self.tag}"))
        self.place.tell(self.ada, {"user_id": self.user, "anonymous_id": self.shared}, {"anonymous_id": self.theirs})
        self.place.tell(self.old, {"properties": {"note": "before"}})
        self.place.tell(self.ben, {"user_id": f"user-ben-{self.tag}", "anonymous_id": self.shared, "message_id": "bens"})
        insert_rows(table="merges", rows=[MergeRow(workspace_id=self.workspace, old_id=self.old, current_id=self.ada, version=1)],
                    token=self.tag)  # fmt: skip
        Refusal.objects.create(workspace_id=self.workspace, customer_id=self.ada, kind="email", value=self.email, reason="limit",
                               time=1, received_at=1, source_id=1, key=uuid4())  # fmt: skip
        trial = IdentityRun.objects.create(workspace_id=self.workspace, rules={}, by="N", by_id="1", asked_at=1, finished_at=2)
        IdentityGroup.objects.create(run=trial, customers=[self.old], taken=[["email", self.email]], told={"what": "split"})
        Apart.objects.create(workspace_id=self.workspace, first_id=uuid4(), second_id=self.old, first_now=uuid4(), second_now=self.ada,
                             person="x", person_id="1", made_at=1)  # fmt: skip
        MatchPair.objects.create(workspace_id=self.workspace, first_id=self.old, second_id=self.ben, run_id=1, found_at=1, weight=3,
                                 probability=0.9, prior=-9, parts=[])  # fmt: skip
        Choice.objects.create(workspace_id=self.workspace, key=uuid4(), name="analytics", customer_id=self.old, granted=True, time=1,
                              received_at=1, source_id=1, origin="stamp")  # fmt: skip
        self._quarantine(
            {"userId": self.user, "event": 7}, {"traits": {"email": self.email.upper()}}, {"userId": "somebody-else"}
        )
        self._report()
        audience = Audience.objects.create(workspace_id=self.workspace, name="Everybody", created_at=0, updated_at=0, size=1)
        Member.objects.create(audience=audience, customer_id=self.ada, inside=True, since=0)
        vip = Audience.objects.create(workspace_id=self.workspace, name="VIP", created_at=0, updated_at=0)
        ListEntry.objects.create(audience=vip, kind="email", value=self.email, customer_id=self.ada, added_at=0)
        waiting = settings().imports / f"{self.tag}.list"
        waiting.write_text(f"email\n{self.email}\n")
        ListUpload.objects.create(workspace_id=self.workspace, audience=vip, name="vip.csv", path=str(waiting), size=1, made_at=0)
        trait = ComputedTrait.objects.create(
            workspace_id=self.workspace, name="Orders", created_at=0, updated_at=0, size=1,
            definition={"version": 1, "value": {"kind": "number", "take": "sum", "of": "value", "event": {"name": "Order Completed"}}},
        )  # fmt: skip
        ComputedValue.objects.create(trait=trait, customer_id=self.ada, value=3, number=3, since=0)
        sorting = ClusterRun.objects.create(
            workspace_id=self.workspace,
            state="done",
            asked_at=0,
            finished_at=0,
            wanted={},
            model={"segments": [{"name": "Quiet"}]},
        )
        ClusterMember.objects.create(run=sorting, customer_id=self.ada, segment=0, distance=1.5)
        persona = Persona.objects.create(workspace_id=self.workspace, name="Buyer", created_at=0, updated_at=0)
        PersonaQuote.objects.create(persona=persona, customer_id=self.ada, message_key=uuid4(), time=0, added_at=0)
        place = Destination.objects.create(workspace_id=self.workspace, name="CRM", kind="webhook", created_at=0, updated_at=0)
        sent = Subscription.objects.create(destination=place, audience=vip, purpose="necessary", created_at=0)
        SentMember.objects.create(subscription=sent, customer_id=self.ada, digest=b"", since=0)
        Delivery.objects.create(message_id=f"msg_{self.tag}", destination=place, subscription=sent, what="changes", made_at=0, due_at=0,
                                items=[{"id": "5b1f", "customer": str(self.ada), "do": "add"}])  # fmt: skip
        record_fact(workspace_id=self.workspace, message_id=f"note-{self.tag}", name="Note Added", customer_id=self.ada,
                    properties={"text": "likes tea"})  # fmt: skip

        survey = Survey.objects.create(workspace_id=self.workspace, name="Q", draft={}, link_id=f"link{self.tag}", link_secret="",
                                       created_at=0, updated_at=0)  # fmt: skip
        Response.objects.create(workspace_id=self.workspace, survey=survey, version=1, response_id=uuid4(), customer_id=self.old, language="en",
                                answers={"why": self.email}, begun_at=0, updated_at=0)  # fmt: skip
        Contact.objects.create(
            workspace_id=self.workspace, survey=survey, customer_id=self.ada, clock="invited", channel="link", at=0
        )
        Restriction.objects.create(
            workspace_id=self.workspace, customer_id=self.old, since=1, request="r", person="x", person_id="1"
        )
        self.request = take_down(
            ANONYMOUS, workspace_id=self.workspace, kind="access", identifiers=[("email", self.email)], via="form",
            contact=self.email, details=f"I am {self.user}.", verified_how=f"{self.email} answered",
        )  # fmt: skip

    def _quarantine(self, *bodies) -> None:
        rows = [
            QuarantineRow(workspace_id=self.workspace, source_id=1, received_at=seconds(now_ms()), key=uuid4(), reason="bad_field",
                          detail="", step="edge", body=msgspec.json.encode(body).decode(), log_seq=1)
            for body in bodies
        ]  # fmt: skip
        insert_rows(table="quarantine", rows=rows, token=f"q{self.tag}")

    def _report(self) -> None:
        folder = settings().imports
        folder.mkdir(parents=True, exist_ok=True)
        self.report = folder / f"{self.tag}.csv"
        self.report.write_text(f"row,reason,detail,text\n1,bad,x,{self.email}\n2,bad,x,ben@mail.example\n")
        self.upload = folder / f"{self.tag}.data"
        self.upload.write_text(f"id,email\n1,{self.email}\n")
        Import.objects.create(workspace_id=self.workspace, name="people.csv", path=str(self.upload), own_file=True, size=1,
                              digest="d", prefix="p", state="failed", created_by="x", report=str(self.report))  # fmt: skip

    @property
    def subject(self):
        return resolver().find_subject(workspace_id=self.workspace, kind="email", value=self.email.upper())

    @property
    def texts(self) -> list[str]:
        phone = next(value for kind, value in self.subject.identifiers if kind == "phone")
        return [self.email, self.user, self.theirs, self.shared, phone, f"Ada Lind{self.tag}", str(self.ada), str(self.old)]


@pytest.fixture
def held(transactional_db, past_ready) -> Held:
    return Held()


def test_an_identifier_finds_a_customer_whole(held):
    found = held.subject
    assert set(found.customer_ids) == {held.ada, held.old}
    assert {kind for kind, _ in found.identifiers} == {"email", "user_id", "anonymous_id", "phone"}
    for kind, value in (("customer_id", str(held.old)), ("user_id", held.user), ("anonymous_id", held.shared)):
        assert resolver().find_subject(workspace_id=held.workspace, kind=kind, value=value) == found


def test_every_store_finds_and_gives_out_what_it_holds(held):
    found = {store: n for holder in holders().values() for store, n in holder.find(held.subject).items()}
    assert found.keys() == stores().keys()
    assert found == {
        "collection.quarantine": 2, "collection.reports": 1,
        "collection.uploads": 1, "collection.outbox": 1, "customers.profile": 2, "customers.identifiers": 4,
        "customers.activity": 2, "customers.merges": 2, "customers.audiences": 1, "customers.interactions": 3, "customers.named": 1,
        "customers.refusals": 1, "customers.matches": 1, "customers.apart": 1, "customers.choices": 1, "customers.lists": 1, "customers.list_files": 1, "customers.sent": 1, "customers.outgoing": 1,
        "customers.restrictions": 1, "trust.requests": 1,
        "customers.computed": 1, "customers.segments": 1, "customers.quotes": 1,
        "customers.identity_groups": 1, "listening.responses": 1, "listening.contacts": 1,
    }  # fmt: skip
    given: dict[str, int] = {}
    for holder in holders().values():
        for record in holder.export(held.subject):
            given[record.store] = given.get(record.store, 0) + 1
    # A merge is given out with its evidence, not twice; what others did on the browser is theirs.
    expected = {name: n for name, n in found.items() if n and name != "customers.named"} | {"customers.merges": 1}
    assert given == expected


def test_what_is_erased_is_nowhere_any_more(held):
    subject, texts = held.subject, held.texts
    assert len(found_anywhere(texts)) >= 8
    for holder in holders().values():
        before, erased = holder.find(subject), holder.erase(subject)
        assert dict(erased) == dict(before)
        assert not any(holder.find(subject).values())
        assert not any(holder.erase(subject).values())
    assert found_anywhere(texts) == {}
    assert held.report.read_text() == "row,reason,detail,text\n2,bad,x,ben@mail.example\n"
    assert not held.upload.exists()


def test_what_others_did_stays_theirs(held):
    subject = held.subject
    for holder in holders().values():
        holder.erase(subject)
    rows = past().query(
        f"SELECT message_id, user_id, anonymous_id FROM interactions_raw WHERE workspace_id = {held.workspace}"
    ).result_rows  # fmt: skip
    assert rows == [("bens", f"user-ben-{held.tag}", "")]
    left = past().query(f"SELECT body FROM quarantine WHERE workspace_id = {held.workspace}").result_rows
    assert left == [('{"userId":"somebody-else"}',)]


def test_nothing_of_another_workspace_is_touched(held):
    other = Held()
    other_subject = other.subject
    before = {s: n for holder in holders().values() for s, n in holder.find(other_subject).items()}
    for holder in holders().values():
        holder.erase(held.subject)
    assert {s: n for holder in holders().values() for s, n in holder.find(other_subject).items()} == before
