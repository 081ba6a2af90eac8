"""Customers written straight into the present and the past, so that a page's test decides what there is."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import connection
from django.test import Client

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, seconds
from amity.kernel.clock import MINUTE, now_ms
from amity.kernel.ids import new_id
from amity.rooms.collection.models import Source
from amity.rooms.customers.models import Activity, Customer, Identifier, Merge
from amity.rooms.customers.rules.words import customer_words
from amity.rooms.trust.models import Membership, Person, Workspace


class Place:
    """A workspace with a source, a signed-in person and as many customers as a test wants."""

    def __init__(self, *, role: str = "owner") -> None:
        self.workspace = Workspace.objects.create(slug=f"w{uuid4().hex[:10]}", name="Linden")
        self.source = Source.objects.create(workspace_id=self.workspace.pk, name="Linden Shop", kind="website").pk
        self.client = self.sign_in(role)

    def sign_in(self, role: str) -> Client:
        person = Person.objects.create(email=f"{uuid4().hex[:8]}@linden.example", name="Nadia Okafor")
        Membership.objects.create(person=person, workspace=self.workspace, role=role)
        client = Client()
        client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def url(self, rest: str = "") -> str:
        return f"/w/{self.workspace.slug}/customers/{rest}"

    def customer(self, *identifiers: tuple[str, str], traits: dict[str, Any] | None = None, **activity: Any) -> UUID:
        made, now = new_id(), now_ms()
        known = traits or {}
        Customer.objects.create(
            id=made,
            workspace=self.workspace,
            created_at=now,
            traits=known,
            origins={name: [now - MINUTE, self.source, str(uuid4())] for name in known},
        )
        given = {"first_seen": now - 5 * MINUTE, "last_seen": now, "interactions": 1, "channels": {"web": 1}} | activity
        Activity.objects.create(customer_id=made, workspace=self.workspace, seen_minute=given["last_seen"] // MINUTE, **given)
        for kind, value in identifiers:
            Identifier.objects.create(
                workspace=self.workspace,
                kind=kind,
                value=value,
                customer_id=made,
                added_at=now,
                source_id=self.source,
                key=uuid4(),
            )
        words = [f"{self.workspace.pk}:{word}" for word in customer_words(identifiers=identifiers, traits=known)]
        with connection.cursor() as cursor:
            cursor.execute("UPDATE customers_customer SET words = array_to_tsvector(%s) WHERE id = %s", [words, made])
        return made

    def merge(self, old: UUID, into: UUID) -> None:
        now = now_ms()
        Customer.objects.filter(id=old).update(merged_into=into, words=None)
        Activity.objects.filter(customer_id=old).update(merged=True)
        Merge.objects.create(
            workspace=self.workspace, old_id=old, into_id=into, rule="shared_identifiers", time=now, merged_at=now, source_id=self.source,
            key=uuid4(), identifiers=[["email", "ines@mail.example", str(into)], ["anonymous_id", "a-1", str(old)]], moved=[["anonymous_id", "a-1"]],
        )  # fmt: skip

    def tell(self, customer: UUID, *moments: dict[str, Any]) -> list[UUID]:
        now = now_ms()
        rows = []
        for number, given in enumerate(moments):
            at = given.pop("at", now - number * MINUTE)
            free = {
                part: msgspec.Raw(msgspec.json.encode(given.pop(part)))
                for part in ("properties", "traits", "context")
                if part in given
            }
            plain = {
                "type": "track",
                "name": "Product Viewed",
                "channel": "web",
                "log_seq": 1,
                "log_index": number,
                "message_id": f"m{number}",
            }
            rows.append(
                InteractionRow(
                    **{
                        **plain,
                        "workspace_id": self.workspace.pk,
                        "customer_id": customer,
                        "time": seconds(at),
                        "message_key": uuid4(),
                        "source_id": self.source,
                        "received_at": seconds(at),
                        "projected_at": seconds(at),
                        **given,
                        **free,
                    }
                )
            )
        insert_rows(table="interactions_raw", rows=rows, token=uuid4().hex)
        return [row.message_key for row in rows]
