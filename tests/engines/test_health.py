from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from amity.engines import health as module
from amity.engines.asking import EngineHealth
from amity.engines.health import get_health, health_now


@pytest.fixture
def answers(monkeypatch):
    """Let probes answer what the test puts into the list, one after the other."""
    well = replace(asyncio.run(get_health()), verdict="ok")
    given = []

    async def probe():
        return replace(well, verdict=given.pop(0))

    monkeypatch.setattr(module, "_known", [])
    monkeypatch.setattr(module, "get_health", probe)
    return given


def test_one_slow_answer_alarms_nobody(answers):
    answers += ["ok", "down", "ok"]
    assert [health_now(max_age=-1).verdict for _ in range(2)] == ["ok", "ok"]
    assert answers == []


def test_what_stays_away_is_told_and_not_asked_twice_again(answers):
    answers += ["ok", "down", "down", "down", "ok"]
    assert [health_now(max_age=-1).verdict for _ in range(4)] == ["ok", "down", "down", "ok"]
    assert answers == []


def test_who_looks_while_another_asks_does_not_wait(answers, monkeypatch):
    answers += ["ok", "degraded"]
    health_now()
    begun, go_on = threading.Event(), threading.Event()
    probe = module.get_health

    async def slow():
        begun.set()
        await asyncio.to_thread(go_on.wait, 30)
        return await probe()

    monkeypatch.setattr(module, "get_health", slow)
    asking = threading.Thread(target=health_now, kwargs={"max_age": -1})
    asking.start()
    assert begun.wait(30)
    assert health_now(max_age=-1).verdict == "ok"
    go_on.set()
    asking.join()
    assert health_now().verdict == "degraded"


@pytest.mark.parametrize(
    ("name", "version", "wanted"),
    [
        ("present", "14.9", "15"),
        ("present", "15.18", ""),
        ("log", "2.9.1", "2.11"),
        ("log", "2.15.1", ""),
        ("past", "26.9.2.1", ""),
    ],
)
def test_versions_that_are_too_old(name, version, wanted):
    assert EngineHealth(name=name, kind="", version=version).too_old == wanted
