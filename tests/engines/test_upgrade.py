"""Data of earlier versions opens; data that this version can't open is refused with what to do."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace

import msgspec
import pytest

from amity.config.serving.folder import LAYOUT, Restoring, Stamp, begin_restoring, end_restoring, take_folder
from amity.engines.addresses import addresses
from amity.engines.log.client import Log
from amity.kernel.errors import AmityError
from amity.kernel.settings import Settings, settings


def elsewhere(name: str, home) -> dict[str, str]:
    """Return an environment whose present and past are databases of their own on the test's engines."""
    at = addresses()
    present, past = (url.rpartition("/")[0] + "/" + name for url in (at.present, at.past))
    return {**os.environ, "AMITY_HOME": str(home), "AMITY_PRESENT_URL": present, "AMITY_PAST_URL": past}


def run(env: dict[str, str], *command: str, said: str = "") -> str:
    done = subprocess.run(
        [sys.executable, *command], env=env, input=said, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def opened(env: dict[str, str]) -> tuple[list[str], list[str], int]:
    """Bring the data up to this code as `amity serve` does; return its workspaces and messages, and how many batches still wait."""
    run(env, "-m", "amity.config.serving.prepare", "--no-demo", said="go\n")
    look = (
        "import json; from amity.config.cli.setup import django_ready; django_ready()\n"
        "from amity.config.serving import migrations; from amity.engines.past import client, migrate\n"
        "from amity.engines.present.models import PastBatch; from amity.rooms.trust.models import Workspace\n"
        "assert migrations.waiting() == 0 and migrate.waiting() == 0\n"
        "rows = client.past().query('SELECT message_id FROM interactions ORDER BY message_id').result_rows\n"
        "print(json.dumps([sorted(Workspace.objects.values_list('name', flat=True)), [r[0] for r in rows], PastBatch.objects.count()]))"
    )
    return tuple(json.loads(run(env, "-c", look)))


@pytest.fixture(scope="module")
def end_of_log(log_ready) -> int:
    async def ask() -> int:
        log = await Log.connect(addresses().log, name="test")
        await log.append(b"{}", message_id="upgrade")
        state = await log.state()
        await log.close()
        return state.last_seq

    return asyncio.run(ask())


@pytest.mark.timeout(240)
def test_the_first_schema_opens_and_so_does_its_backup(end_of_log, tmp_path):
    old, backup = elsewhere("first", tmp_path / "old"), tmp_path / "first.amity"
    run(old, "-m", "tests.engines.first_schema", str(end_of_log))
    run(old, "-m", "amity.config.cli", "backup", str(backup))
    for env in (old, elsewhere("second", tmp_path / "new")):
        if env is not old:
            run(env, "-m", "tests.engines.new_database")
            told = json.loads(run(env, "-m", "amity.config.cli", "restore", str(backup), "--json"))
            assert told["log"]["kept"]  # the very log that was backed up, by its address
        workspaces, messages, waiting = opened(env)
        assert "Old & co" in workspaces
        assert (messages, waiting) == (["carried", "waiting"], 0)
    again = subprocess.run(
        [sys.executable, "-m", "amity.config.cli", "restore", str(backup)],
        env=elsewhere("second", tmp_path / "third"), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert "The database that AMITY_PRESENT_URL names holds tables. Give an empty one" in again.stderr


def folder(tmp_path, **more) -> Settings:
    return replace(settings(), home=tmp_path, present_url="", **more)


def test_a_folder_of_the_future_is_refused(tmp_path):
    chosen = folder(tmp_path)
    take_folder(chosen)
    stamp = tmp_path / "amity.json"
    assert msgspec.json.decode(stamp.read_bytes(), type=Stamp).layout == LAYOUT
    stamp.write_bytes(msgspec.json.encode(Stamp(layout=LAYOUT + 1, amity="9.9.9")))
    with pytest.raises(AmityError, match=r"arranged by Amity 9\.9\.9, .* Install that version again, or restore a backup"):
        take_folder(chosen)
    stamp.write_bytes(b"not json")
    with pytest.raises(AmityError, match="can't be read"):
        take_folder(chosen)


def test_a_folder_from_before_there_were_stamps_is_taken(tmp_path):
    (tmp_path / "present").mkdir()
    (tmp_path / "present" / "PG_VERSION").write_text("18\n")
    take_folder(folder(tmp_path))
    assert (tmp_path / "amity.json").exists()


def test_another_postgresql_is_told_by_its_number(tmp_path):
    (tmp_path / "present").mkdir()
    (tmp_path / "present" / "PG_VERSION").write_text("17\n")
    with pytest.raises(
        AmityError, match=r"belongs to PostgreSQL 17, and this Amity brings 18\. .* amity backup FILE .* amity restore FILE"
    ):
        take_folder(folder(tmp_path))
    take_folder(replace(folder(tmp_path), present_url="postgresql://elsewhere/amity"))  # that server's own business


def test_a_half_restored_folder_is_refused_until_the_restore_has_ended(tmp_path):
    chosen = folder(tmp_path)
    begin_restoring(chosen, file=tmp_path / "a.amity", begun="2026-11-27 08:30:00 UTC")
    assert msgspec.json.decode((tmp_path / "restoring.json").read_bytes(), type=Restoring).begun.endswith("UTC")
    with pytest.raises(AmityError, match=r"half restored: .* Run it again: amity restore .*a\.amity"):
        take_folder(chosen)
    end_restoring(chosen)
    take_folder(chosen)
