"""Facts that concern no customer: in the past, counted each by itself, and nobody's in the present."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import transaction

from amity.engines.past.behaviour.asking import ask_behaviour
from amity.engines.past.behaviour.language import Did, Event
from amity.facts.metrics import CHECK_RAN
from amity.kernel.clock import MINUTE, from_ms, now_ms
from amity.rooms.collection import api as collection
from amity.rooms.customers.models import Activity, Touch
from amity.rooms.metrics.queries.measuring import Scope, measure_definition
from amity.rooms.metrics.rules.catalogue import shipped
from amity.rooms.metrics.rules.language import read
from tests.workers.test_replay import again, record_of
from tests.workers.test_rights import relayed

NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def ran(world):
    """Forty runs of a check, of which every tenth failed, and one person's visit."""
    world.projector().work([world.entry(world.one("m1", time=now_ms() - MINUTE))])
    with transaction.atomic():
        for n in range(40):
            collection.record_fact(
                workspace_id=world.workspace, message_id=f"check-1-{n}", name=CHECK_RAN, voice="ours", time=now_ms() - n * MINUTE, nobody=True,
                properties={"check_id": 1, "check": "Home", "ok": n % 10 != 0, "duration_ms": 100 + n, "step": 0, "reason": "", "status": 200},
            )  # fmt: skip
    Touch.objects.all().delete()
    relayed(world)
    return world


def checks_in(world) -> list[tuple]:
    return [row for row in world.past("name, toString(customer_id), voice") if row[0] == CHECK_RAN]


def test_nobodys_facts_are_in_the_past_and_of_nobody(ran):
    assert checks_in(ran) == [(CHECK_RAN, NOBODY, "ours")] * 40
    assert Activity.objects.filter(workspace_id=ran.workspace).count() == 1
    assert not Touch.objects.filter(workspace_id=ran.workspace).exists()
    [met] = ask_behaviour([Did(event=Event(name=CHECK_RAN))], workspace=ran.workspace, now=now_ms(), zone=ZoneInfo("UTC"))
    assert len(met.ids) == 0
    again(ran, record_of(ran, to_time=from_ms(now_ms())))
    assert checks_in(ran) == [(CHECK_RAN, NOBODY, "ours")] * 40


def test_each_run_counts_by_itself(ran):
    scope = Scope(workspace_id=ran.workspace, time_zone="UTC", now=now_ms())
    by_origin = {one.origin: read(one.text) for one in shipped()}
    up = measure_definition(by_origin["check_availability"], scope, breakdown="properties.check", by="hour")
    # 36 of 40: Wilson (1927) by hand, z = 1.96
    assert (up.figure.value, up.figure.events, up.figure.customers, up.figure.method) == (0.9, 36, 40, "Wilson")
    assert (up.figure.low, up.figure.high) == (pytest.approx(0.7695, abs=1e-4), pytest.approx(0.9604, abs=1e-4))
    assert [(one.value, one.figure.value) for one in up.segments] == [("Home", 0.9)]
    assert sum(point.figure.customers for point in up.series) == 40
    slow = measure_definition(by_origin["check_duration"], scope)
    assert slow.figure.value == np.quantile([100 + n for n in range(40) if n % 10], 0.75)
    assert (slow.figure.events, slow.figure.few) == (36, False)
    failed = measure_definition(by_origin["checks_failed"], scope)
    assert failed.figure.value == 4
    active = measure_definition(by_origin["active"], scope)
    assert active.figure.value == 1  # nobody is no customer
    assert json.loads(next(one.text for one in shipped() if one.origin == "checks_failed"))["unit"] == "runs"
