"""From an interaction in the log to membership and its fact, through a whole worker."""

from __future__ import annotations

from asgiref.sync import sync_to_async

from amity.kernel.clock import now_ms
from amity.rooms.customers.models import Audience, Member, Touch
from tests.workers.living import send, until, working

BUYERS = {
    "version": 1,
    "where": {"kind": "did", "event": {"name": "Order Completed"}, "within": {"kind": "last", "amount": 30, "unit": "days"}},
}


async def test_from_the_log_to_membership_and_back_into_the_log(world, log):
    def make():
        return Audience.objects.create(
            workspace_id=world.workspace, name="Buyers", definition=BUYERS, created_at=0, updated_at=0, wanted_at=now_ms()
        )

    buyers = await sync_to_async(make)()
    async with working() as worker:
        await until(lambda: Audience.objects.filter(pk=buyers.pk, computed_at__isnull=False).exists())
        began = now_ms()
        await send(log, world.one("a"), world.one("other", name="Viewed", user_id="bob"))
        await until(lambda: Member.objects.filter(audience=buyers, inside=True).exists())
        assert now_ms() - began < 5_000
        await until(lambda: world.past("name, voice", order="name") == [
            ("Audience entered", "ours"), ("Order Completed", "did"), ("Viewed", "did"),
        ])  # fmt: skip
        await until(lambda: not Touch.objects.exists())
        assert worker.report()["duties"] == {}
    assert (await sync_to_async(Audience.objects.get)(pk=buyers.pk)).size == 1


async def test_what_is_told_of_an_account_brings_in_who_belongs_to_it(world, log):
    business = {"version": 1, "where": {"kind": "account", "name": "plan", "is": "equal", "to": "business"}}

    def make():
        return Audience.objects.create(
            workspace_id=world.workspace, name="Business", definition=business, created_at=0, updated_at=0, wanted_at=now_ms()
        )

    made = await sync_to_async(make)()
    async with working() as worker:
        await until(lambda: Audience.objects.filter(pk=made.pk, computed_at__isnull=False).exists())
        await send(log, world.one("a", group_id="acme"), world.one("b", user_id="bob"))
        await until(lambda: len(world.past("name")) == 2 and not Touch.objects.exists())
        assert not await sync_to_async(Member.objects.filter(audience=made, inside=True).exists)()
        await send(log, world.one("c", kind="group", name="", user_id="eve", group_id="acme", traits={"plan": "business"}))
        await until(lambda: Member.objects.filter(audience=made, inside=True).count() == 2)
        assert worker.report()["duties"] == {}
