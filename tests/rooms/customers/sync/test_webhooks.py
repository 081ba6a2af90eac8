"""An audience kept at a receiver by signed webhooks: all of it, then what changes; failing, recovering, dying in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import structlog
from django.db import connection

from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.errors import Invalid
from amity.kernel.holdings import Subject
from amity.rooms.customers.actions import holdings
from amity.rooms.customers.actions.audiences.verbs import archive_audience
from amity.rooms.customers.actions.sync import planning
from amity.rooms.customers.actions.sync.destinations import (
    pause_destination,
    replay_dead,
    resume_destination,
    rotate_secret,
    try_destination,
)
from amity.rooms.customers.actions.sync.sending import send_due
from amity.rooms.customers.actions.sync.subscriptions import (
    end_subscription,
    pause_subscription,
    resume_subscription,
    send_all,
)
from amity.rooms.customers.models import Customer, Delivery, Destination, Identifier, SentMember, Subscription, SyncTouch
from amity.rooms.customers.rules.sync.payload import member_id
from tests.rooms.customers.audiences.keeping import merge
from tests.rooms.customers.sync.keeping import NO, YES, Outward
from tests.rooms.customers.sync.receiving import Hooks, serving

pytestmark = pytest.mark.usefixtures("transactional_db", "past_ready")


@pytest.fixture
def server():
    with serving(Hooks) as made:
        yield made
        assert made.bad == []


@pytest.fixture
def out(monkeypatch, transactional_db, past_ready):
    return Outward(monkeypatch)


def names(server) -> set[str]:
    return {member["identifiers"]["email"][0].partition("@")[0] for member in server.members().values()}


def test_all_of_it_then_what_changes(out, server):
    out.customer("Ada", plan="pro")
    out.customer("Bo", said=NO)
    out.customer("Cem", said=None)
    hook = out.webhook(server)
    assert out.work(hook) == 1
    sub = Subscription.objects.get()
    [message] = server.got
    assert message["body"]["type"] == "audience.members.changed"
    assert message["body"]["data"]["audience"] == {"id": out.vip.pk, "name": "VIP"}
    [ada] = message["body"]["data"]["entered"]
    assert (ada["identifiers"], ada["traits"]) == ({"email": ["ada@mail.example"]}, {"plan": "pro"})
    assert (sub.fulled_at is not None, sub.entered, sub.full_at) == (True, 1, None)
    assert out.work(hook) == 0  # nothing changed, nothing is told

    out.customer("Dee")
    out.lists("remove", "ada@mail.example")
    assert out.work(hook) == 1
    assert names(server) == {"dee"}
    sub.refresh_from_db()
    assert (sub.entered, sub.left) == (2, 1)
    hook.refresh_from_db()
    assert (hook.state, hook.trouble, hook.failures) == ("open", "", 0)
    assert hook.ok_at is not None


def test_who_withdraws_is_taken_off_and_who_agrees_is_added(out, server):
    ada, bo = out.customer("Ada"), out.customer("Bo", said=NO)
    hook = out.webhook(server)
    out.work(hook)
    out.says(ada, said=NO)
    out.says(bo, said=YES)
    out.work(hook)
    assert names(server) == {"bo"}
    assert {one["customer_id"] for message in server.got for one in message["body"]["data"]["left"]} == {str(ada)}


def test_what_is_told_of_a_member_is_told_again_when_it_changes(out, server):
    ada = out.customer("Ada", plan="free")
    hook = out.webhook(server)
    out.work(hook)
    Customer.objects.filter(id=ada).update(traits={"name": "Ada", "plan": "pro", "secret": "x"})
    out.says(ada, said=YES)
    out.work(hook)
    assert [one["traits"] for one in server.got[-1]["body"]["data"]["updated"]] == [{"plan": "pro"}]
    Customer.objects.filter(id=ada).update(traits={"name": "Ada Z", "plan": "pro"})
    out.says(ada, said=YES)
    assert out.work(hook) == 0  # nothing that it is told of


def test_joined_customers_are_one_there_too(out, server):
    ada, twin = out.customer("Ada"), out.customer("Twin")
    hook = out.webhook(server)
    out.work(hook)
    assert names(server) == {"ada", "twin"}
    merge(out.workspace, twin, ada)
    out.says(ada, said=YES)
    out.says(twin, said=YES)
    out.work(hook)
    assert {one["customer_id"] for one in server.members().values()} == {str(ada)}
    Customer.objects.filter(id=twin).update(merged_into=None)
    Identifier.objects.filter(value__startswith="twin").update(customer_id=twin)
    connection.cursor().execute("UPDATE customers_activity SET merged = false")
    out.says(ada, said=YES)
    out.says(twin, said=YES)
    out.work(hook)
    assert {one["customer_id"] for one in server.members().values()} == {str(ada), str(twin)}


def test_what_fails_is_tried_again_by_the_schedule_under_the_same_id(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    server.answers = [(500, {}), (302, {"Location": "/elsewhere"})]
    out.work(hook)
    one = Delivery.objects.get()
    assert (one.attempts, one.status, one.trouble) == (1, 500, "It answered 500.")
    assert 5_000 <= one.due_at - now_ms() + 1_000 <= 7_500
    hook.refresh_from_db()
    assert hook.state == "failing"
    assert hook.rest_until > now_ms()
    out.hurry(hook)
    out.send(hook)
    one.refresh_from_db()
    assert (one.attempts, one.status) == (2, 302)
    assert 290_000 <= one.due_at - now_ms() <= 360_000
    out.hurry(hook)
    assert out.send(hook) == 1
    assert len({message for message, _ in server.tries}) == 1
    assert [status for _, status in server.tries] == [500, 302, 200]
    assert names(server) == {"ada"}


def test_who_is_busy_is_left_alone_as_long_as_it_asks(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    server.answers = [(429, {"Retry-After": "7200"})]
    out.work(hook)
    hook.refresh_from_db()
    assert abs(hook.rest_until - now_ms() - 2 * HOUR) < 60_000
    out.customer("Bo")
    out.plan()
    assert out.send(hook) == 0
    assert len(server.tries) == 1


def test_who_left_meanwhile_is_not_told_of_by_a_late_retry(out, server):
    ada = out.customer("Ada")
    out.customer("Bo")
    hook = out.webhook(server)
    server.answers = [(500, {})]
    out.work(hook)
    out.says(ada, said=NO)
    out.plan()
    later = Delivery.objects.order_by("-pk").first()
    Destination.objects.update(rest_until=0)
    assert out.send(hook) == 1  # that she left goes first
    assert Delivery.objects.get(pk=later.pk).done_at is not None
    out.hurry(hook)
    assert out.send(hook) == 1
    assert names(server) == {"bo"}
    assert "ada@mail.example" not in json.dumps([one["body"] for one in server.got])


def test_consent_that_was_withdrawn_but_not_yet_planned_is_not_told(out, server):
    ada = out.customer("Ada")
    hook = out.webhook(server)
    out.plan()
    out.says(ada, said=NO)  # after the message was made, before it is sent
    out.send(hook)
    assert server.got == []
    out.work(hook)
    assert names(server) == set()


def test_gone_closes_and_resuming_opens_again(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    server.answers = [(410, {})]
    out.work(hook)
    hook.refresh_from_db()
    assert (hook.state, hook.trouble) == ("closed", "It answered 410: it wants no more messages.")
    assert out.work(hook) == 0
    assert len(server.tries) == 1
    resume_destination(out.access, destination_id=hook.pk)
    assert out.work(hook) == 1
    assert names(server) == {"ada"}


def test_a_message_that_never_arrives_is_given_up_and_can_be_replayed(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    server.answers = [(503, {})] * 8
    out.plan()
    for _ in range(10):
        out.hurry(hook)
        out.send(hook)
    one = Delivery.objects.get()
    assert (one.attempts, one.dead_at is not None) == (8, True)
    assert len(server.tries) == 8
    assert replay_dead(out.access, destination_id=hook.pk) == 1
    assert out.send(hook) == 1
    assert names(server) == {"ada"}
    assert len({message for message, _ in server.tries}) == 1


def test_a_new_secret_signs_beside_the_old_one_for_a_day(out, server, monkeypatch):
    out.customer("Ada")
    hook = out.webhook(server)
    [old] = server.secrets
    new = rotate_secret(out.access, destination_id=hook.pk)
    out.work(hook)  # the receiver still has the old one
    assert len(server.got[0]["signatures"].split(" ")) == 2
    server.secrets[:] = [new]
    out.customer("Bo")
    out.work(hook)
    assert names(server) == {"ada", "bo"}
    from amity.rooms.customers.actions.sync import sending

    monkeypatch.setattr(sending, "now_ms", lambda: int(time.time() * 1_000) + DAY + 1_000)
    server.secrets[:] = [old]
    assert not try_destination_ok(out, hook, server)


def try_destination_ok(out, hook, server) -> bool:
    taken = try_destination(out.access, destination_id=hook.pk).outcome == "taken"
    server.bad.clear()
    return taken


def test_trying_out_says_what_happened(out, server):
    hook = out.webhook(server)
    assert try_destination(out.access, destination_id=hook.pk).outcome == "taken"
    assert server.got[0]["body"]["type"] == "amity.test"
    server.answers = [(404, {})]
    said = try_destination(out.access, destination_id=hook.pk)
    assert (said.outcome, said.status, said.said) == ("failed", 404, "It answered 404.")


def test_pausing_lets_changes_wait(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    pause_destination(out.access, destination_id=hook.pk)
    assert out.work(hook) == 0
    resume_destination(out.access, destination_id=hook.pk)
    assert out.work(hook) == 1
    sub = Subscription.objects.get()
    pause_subscription(out.access, subscription_id=sub.pk)
    out.customer("Bo")
    assert out.work(hook) == 0
    resume_subscription(out.access, subscription_id=sub.pk)
    assert out.work(hook) == 1
    assert names(server) == {"ada", "bo"}


def test_ending_takes_everybody_off(out, server):
    out.customer("Ada")
    out.customer("Bo")
    hook = out.webhook(server)
    out.work(hook)
    end_subscription(out.access, subscription_id=Subscription.objects.get().pk)
    out.work(hook)
    assert names(server) == set()
    assert SentMember.objects.count() == 0
    Delivery.objects.update(done_at=1)
    Subscription.objects.update(ended_at=1)
    planning.forget_done(after=DAY)
    assert (Delivery.objects.count(), Subscription.objects.count()) == (0, 0)


def test_an_archived_audience_takes_everybody_off(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    out.work(hook)
    archive_audience(out.access, audience_id=out.vip.pk)
    out.work(hook)
    assert names(server) == set()


def test_a_receiver_that_lost_everything_is_told_anew(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    out.work(hook)
    server.got.clear()
    send_all(out.access, subscription_id=Subscription.objects.get().pk)
    out.work(hook)
    assert names(server) == {"ada"}


def test_an_erasure_is_told_without_telling_who(out, server):
    ada = out.customer("Ada")
    hook = out.webhook(server)
    out.work(hook)
    out.says(ada, said=YES)
    Customer.objects.filter(id=ada).update(traits={"plan": "x"})
    out.plan()  # a message that names her waits
    subject = Subject(workspace_id=out.workspace, customer_ids=(ada,), identifiers=(("email", "ada@mail.example"),))
    assert holdings.find(subject)["customers.sent"] == 1
    assert holdings.find(subject)["customers.outgoing"] == 1
    holdings.erase(subject)
    assert not any(holdings.find(subject).values())
    assert str(ada) not in json.dumps(list(Delivery.objects.values_list("items", flat=True)))
    server_got = len(server.got)
    out.work(hook)
    assert names(server) == set()
    told = [one["body"]["data"] for one in server.got[server_got:]]
    assert str(ada) not in json.dumps(told)
    sub = Subscription.objects.get()
    assert {one["id"] for data in told for one in data["left"]} == {member_id(sub.pk, ada)}


def test_many_members_go_in_several_messages(out, server, monkeypatch):
    monkeypatch.setattr(planning, "ITEMS", 3)
    monkeypatch.setattr(planning, "AT_ONCE", 4)
    for n in range(10):
        out.customer(f"C{n}")
    hook = out.webhook(server)
    out.work(hook)
    assert len(server.members()) == 10
    assert all(len(one["body"]["data"]["entered"]) <= 3 for one in server.got)


KILLED = """
import os, signal, sys
import django
django.setup()
from amity.rooms.customers.actions.sync.sending import send_to
send_to(int(sys.argv[1]), at=lambda where: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_who_dies_right_after_sending_sends_again_under_the_same_id(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    out.plan()
    url = os.environ["AMITY_PRESENT_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    env = {**os.environ, "AMITY_PRESENT_URL": url, "AMITY_EGRESS_NETWORKS": "127.0.0.1/32"}
    died = subprocess.run([sys.executable, "-c", KILLED, str(hook.pk)], env=env, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert len(server.got) == 1
    assert Delivery.objects.get().done_at is None
    assert out.send(hook) == 1
    assert len(server.got) == 2
    assert server.got[0]["id"] == server.got[1]["id"]
    assert names(server) == {"ada"}
    assert Subscription.objects.get().entered == 1


def test_a_slow_destination_lets_nobody_wait(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    out.plan()
    send_due()
    deadline = time.monotonic() + 20
    while Delivery.objects.filter(done_at=None).exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert names(server) == {"ada"}
    assert hook.pk


def test_secrets_stay_secret(out, server):
    out.customer("Ada")
    hook = out.webhook(server)
    [secret] = server.secrets
    server.answers = [(500, {})]
    with structlog.testing.capture_logs() as said:
        out.work(hook)
    from amity.rooms.trust.models import AuditEntry

    rows = list(AuditEntry.objects.values("before", "after", "target"))
    shown = repr(said) + repr(rows) + repr(list(Delivery.objects.values())) + repr(Destination.objects.values()[0])
    assert "whsec_" not in shown
    assert secret not in shown
    assert "hush" not in repr(said) + repr(rows)  # a path often is a secret


def test_what_makes_no_sense_is_refused(out, server):
    hook = out.webhook(server)
    with pytest.raises(Invalid, match="is sent to"):
        out.subscribe(hook)
    with pytest.raises(Invalid, match="no purpose"):
        out.subscribe(hook, purpose="fun")
    assert not SyncTouch.objects.exists()
