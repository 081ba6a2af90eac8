"""A workspace, a source, and entries of the log made by hand, so that a test decides what the projector reads."""

from __future__ import annotations

import itertools
from threading import Event

import msgspec
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from amity.engines.addresses import addresses
from amity.engines.log.client import Entry, Log
from amity.engines.past.client import past
from amity.engines.present import seen
from amity.engines.present.models import Position
from amity.facts.envelope import Envelope, encode_envelope
from amity.facts.interaction import Interaction
from amity.kernel.clock import now_ms
from amity.rooms.collection.models import Source
from amity.rooms.customers import api as customers
from amity.rooms.trust.models import Workspace
from amity.workers import position
from amity.workers.carrier import carry, shards_of
from amity.workers.projector import Projector

_numbers = itertools.count(1)


class World:
    """One workspace whose interactions a test writes into a log of its own."""

    def __init__(self) -> None:
        self.workspace = Workspace.objects.create(slug=f"w{next(_numbers)}", name="W").pk
        self.source = Source.objects.create(workspace_id=self.workspace, name="Web", kind="website").pk
        self.seq = 0
        self.entries: list[Entry] = []

    def one(self, message_id: str, **fields) -> Interaction:
        now = now_ms()
        given = {"kind": "track", "name": "Order Completed", "time": now, "received_at": now, "user_id": "ada"} | fields
        for part in ("properties", "traits", "context"):
            if isinstance(given.get(part), dict):
                given[part] = msgspec.Raw(msgspec.json.encode(given[part]))
        return Interaction(**{"workspace": self.workspace, "source": self.source, "message_id": message_id} | given)

    def entry(self, *interactions: Interaction, rejections=()) -> Entry:
        return self.raw(encode_envelope(Envelope(interactions=interactions, rejections=tuple(rejections))))

    def raw(self, body: bytes) -> Entry:
        self.seq += 1
        made = Entry(self.seq, now_ms(), body)
        self.entries.append(made)
        return made

    def projector(self, *, index: int = 0, of: int = 1, at=lambda _: None) -> Projector:
        return Projector(position.take_up(index, of), stopping=Event(), at=at)

    def carry(self, *, index: int = 0, of: int = 1, at=lambda _: None) -> int:
        return carry(shards_of(index, of), at=at)

    def past(self, columns: str = "message_id", table: str = "interactions_raw", order: str = "message_id") -> list[tuple]:
        sql = f"SELECT {columns} FROM {table} WHERE workspace_id = {self.workspace} ORDER BY {order}"
        return past().query(sql).result_rows

    def people(self) -> list[tuple]:
        """What the present knows of each person with a user id: counts, value, traits."""
        found = []
        for line in customers.list_customers(workspace_id=self.workspace).lines:
            person = customers.get_customer(workspace_id=self.workspace, customer_id=line.id)
            known = {(i.kind, i.value) for i in customers.list_identifiers(workspace_id=self.workspace, customer_id=line.id)}
            traits = {t.name: (t.value, t.time) for t in person.traits}
            found.append(
                (sorted(known), person.interactions, sorted(person.values.items()), person.last_seen, sorted(traits.items()))
            )
        return sorted(found)

    def message_ids(self) -> list[str]:
        return [row[0] for row in self.past()]


@pytest.fixture
def world(transactional_db, past_ready) -> World:
    """A world whose readers begin before everything."""
    seen._made.clear()
    return World()


@pytest.fixture
async def log(world, log_ready):
    one = await Log.connect(addresses().log, name="test")
    await Position.objects.acreate(reader="worker-0-of-1", seq=(await one.state()).last_seq)
    yield one
    await one.close()
    await sync_to_async(lambda: connection.close())()  # noqa: PLW0108  the connection of the thread that runs it
