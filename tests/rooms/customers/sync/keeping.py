"""A workspace with an audience that is sent somewhere, and what the worker does about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from amity.engines.egress import client
from amity.kernel.clock import DAY, now_ms
from amity.kernel.settings import settings
from amity.rooms.customers import api as customers
from amity.rooms.customers.actions.audiences.listing import change_list, create_list
from amity.rooms.customers.actions.sync.connectors import folder
from amity.rooms.customers.actions.sync.destinations import create_destination, signing_secret
from amity.rooms.customers.actions.sync.planning import SETTLED_FOR
from amity.rooms.customers.actions.sync.sending import send_to
from amity.rooms.customers.actions.sync.subscriptions import subscribe
from amity.rooms.customers.models import Activity, Audience, Delivery, Destination, Subscription
from amity.rooms.trust.api import ROLES
from amity.rooms.trust.contracts import COMMAND_LINE, Access, Actor, WorkspaceInfo
from tests.rooms.customers.audiences.keeping import keep
from tests.rooms.customers.audiences.test_refresh import person
from tests.rooms.customers.people import Place

PURPOSE = "marketing_email"
YES, NO = True, False


class Outward:
    """A list called VIP, and what is sent of it."""

    def __init__(self, monkeypatch: Any, **chosen: Any) -> None:
        self.place = Place()
        self.workspace = self.place.workspace.pk
        made = replace(settings(), **{"egress_networks": "127.0.0.1/32", **chosen})
        monkeypatch.setattr(client, "settings", lambda: made)
        monkeypatch.setattr(folder, "settings", lambda: made)
        self.vip: Audience = create_list(COMMAND_LINE, workspace_id=self.workspace, name="VIP")

    @property
    def access(self) -> Access:
        return Access(
            workspace=WorkspaceInfo(id=self.workspace, slug=self.place.workspace.slug, name="x"),
            actor=Actor(kind="person", id="1", name="Nadia"), role="owner", permissions=ROLES["owner"],
        )  # fmt: skip

    def customer(self, name: str, *, said: bool | None = YES, listed: bool = True, **traits: Any) -> UUID:
        mail = f"{name.lower()}@mail.example"
        who = keep(
            self.workspace, person(traits={"name": name, **traits}, identifiers=[("email", mail), ("user_id", name.lower())])
        )
        if said is not None:
            self.says(who, said=said)
        if listed:
            self.lists("add", mail)
        return who

    def says(self, who: UUID, *, said: bool) -> None:
        Activity.objects.filter(customer_id=who).update(consent={PURPOSE: [said, now_ms() - DAY, 1, str(uuid4())]})
        customers.touch_customers(workspace_id=self.workspace, customer_ids=[who])

    def lists(self, mode: Any, *mails: str) -> None:
        spelled = {mail: [mail] for mail in mails}
        change_list(COMMAND_LINE, workspace_id=self.workspace, audience_id=self.vip.pk, mode=mode, kind="email", spelled=spelled)

    def webhook(self, server: Any, **given: Any) -> Destination:
        made = create_destination(
            self.access, kind="webhook", name=f"Hook {uuid4().hex[:6]}", given={"url": f"{server.url}/in?key=hush"}
        )
        server.secrets.append(signing_secret(self.access, destination_id=made.pk))
        self.subscribe(made, **given)
        return made

    def subscribe(self, one: Destination, **given: Any) -> Subscription:
        chosen = {"purpose": PURPOSE, "identifiers": ["email"], "traits": ["plan"]} | given
        return subscribe(self.access, destination_id=one.pk, audience_id=self.vip.pk, **chosen)

    def plan(self) -> None:
        while customers.refresh_touched():
            pass
        while customers.plan_full() or customers.plan_touched():
            pass
        customers.plan_touched()

    def send(self, one: Destination) -> int:
        return send_to(one.pk)

    def work(self, one: Destination) -> int:
        """Plan and send, whatever time that would take."""
        self.plan()
        self.hurry(one)
        return self.send(one)

    def hurry(self, one: Destination) -> None:
        """Let what waits be due now."""
        Delivery.objects.filter(destination=one, done_at=None).update(due_at=now_ms() - SETTLED_FOR)
        Destination.objects.filter(pk=one.pk).update(rest_until=0)
