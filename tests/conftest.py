"""Fixtures that any test may ask for. The engines themselves are started by `tests/plugin.py`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.emptying import empty_past, empty_present
from tests.volumes import Volume

# How long making an example takes says how busy the machine is, not whether the law holds.
settings.register_profile("amity", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("amity")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    """Let tests that commit be followed by an emptying of our own."""
    from django.test import TransactionTestCase

    TransactionTestCase._fixture_teardown = empty_present


@pytest.fixture(scope="session")
def log_ready() -> None:
    """The log's stream exists."""
    from amity.engines.addresses import addresses
    from amity.engines.log.client import Log

    async def prepare() -> None:
        log = await Log.connect(addresses().log, name="test")
        await log.prepare(max_bytes=10**8, max_days=1)
        await log.close()

    asyncio.run(prepare())


@pytest.fixture(scope="session")
def past_ready() -> None:
    """The past's tables exist."""
    from amity.engines.past.migrate import migrate_past

    migrate_past()
    _past_ready.add(True)


_past_ready: set[bool] = set()


@pytest.fixture(autouse=True, scope="module")
def past_emptied() -> Iterator[None]:
    """What a module wrote into the past goes with it."""
    yield
    if _past_ready:
        empty_past()


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[Callable[..., Volume]]:
    """Mount small disks; they are gone after the test. Only root may, so the test is skipped for others."""
    if os.geteuid() != 0:
        pytest.skip("Only root can mount a disk to be filled.")
    mounted: list[Volume] = []

    def mount(path: Path | str, *, megabytes: int) -> Volume:
        mounted.append(Volume(tmp_path / path, megabytes))
        return mounted[-1]

    yield mount
    for one in mounted:
        one.unmount()
