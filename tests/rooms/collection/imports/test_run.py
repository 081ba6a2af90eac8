"""An import on real engines: into the log in order, told, cancelled, gone on with after a crash, its rejects listed."""

from __future__ import annotations

import asyncio
import csv
from contextlib import aclosing
from pathlib import Path
from types import SimpleNamespace

import pytest

from amity.engines.addresses import addresses
from amity.engines.log.client import Log
from amity.facts.envelope import decode_envelope
from amity.facts.interaction import Interaction
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.collection.actions.imports import run as running
from amity.rooms.collection.actions.imports.register import digest_of, queue, register
from amity.rooms.collection.actions.imports.run import Interrupted, Run, claim, next_waiting, run_next_import
from amity.rooms.collection.actions.imports.stop import cancel_import, forget_old_imports, forget_upload, resume_import
from amity.rooms.collection.models import Import, Source
from amity.rooms.collection.queries.imports import find_earlier, get_import, list_imports, report_of
from amity.rooms.trust.contracts import COMMAND_LINE

MAP = {"user_id": "who", "time": "at", "event": "Bought"}


def write(path: Path, rows: int, *, bad: int = 0) -> Path:
    lines = ["who,at,text", *(f"u{n % 97},2019-03-01,{'x' * 300}{n}" for n in range(rows)), *["broken"] * bad]
    path.write_text("\n".join(lines))
    return path


def waiting(workspace: int, path: Path, *, own_file: bool = True, **options):
    with path.open("rb") as file:
        digest, size = digest_of(file)
    made = register(
        workspace_id=workspace, actor=COMMAND_LINE, path=path, name="../" + path.name, digest=digest, size=size, own_file=own_file
    )
    return queue(workspace_id=workspace, import_id=made.id, mapping=MAP, actor=COMMAND_LINE, **{"source_id": None, **options})


def in_the_log(source: int, after: int) -> list[Interaction]:
    async def read() -> list[Interaction]:
        log = await Log.connect(addresses().log, name="test")
        last, seq, found = (await log.state()).last_seq, after, []
        async with asyncio.timeout(90), aclosing(log.read(after, idle=0.2)) as reading:
            while seq < last:
                for entry in await anext(reading):
                    found += [one for one in decode_envelope(entry.body).interactions if one.source == source]
                    seq = entry.seq
        await log.close()
        return found

    return asyncio.run(read())


@pytest.fixture
def start(log_ready) -> int:
    async def state() -> int:
        log = await Log.connect(addresses().log, name="test")
        last = (await log.state()).last_seq
        await log.close()
        return last

    return asyncio.run(state())


def test_a_file_goes_into_the_log_in_its_order_and_its_rejects_are_listed(workspace, tmp_path, start):
    one = waiting(workspace, write(tmp_path / "shop.csv", 3_000, bad=2))
    assert (one.state, one.name) == ("waiting", "shop.csv")
    assert run_next_import(stopping=lambda: False)
    done = get_import(workspace_id=workspace, import_id=one.id)
    assert (done.state, done.rows, done.stored, done.rejected, done.reasons, done.share) == (
        "done",
        3_002,
        3_000,
        2,
        {"columns": 2},
        1.0,
    )
    source = Source.objects.get(pk=done.source_id)
    assert (source.name, source.kind) == ("shop.csv", "import")
    found = in_the_log(source.pk, start)
    assert [one.message_id.rpartition("-")[2] for one in found] == [str(n + 2) for n in range(3_000)]
    assert {(one.dialect, one.workspace, one.name) for one in found} == {("import", workspace, "Bought")}
    with report_of(workspace_id=workspace, import_id=one.id).open() as report:
        assert list(csv.reader(report))[1:] == [
            ["3002", "columns", "It has 1 of 3 cells.", "broken"],
            ["3003", "columns", "It has 1 of 3 cells.", "broken"],
        ]
    assert not (tmp_path / "shop.csv").exists(), "an upload is deleted when it is done"
    assert not run_next_import(stopping=lambda: False), "nothing waits any more"


def crash_after(monkeypatch, stored: int) -> None:
    """Break off as a killed process would, once so many are on disk."""
    real = Run._tell

    def tell(self) -> None:
        real(self)
        if self.one.stored >= stored:
            raise KeyboardInterrupt

    monkeypatch.setattr(Run, "_tell", tell)
    monkeypatch.setattr(running, "TELL_EVERY", 0.0)


def test_after_a_crash_it_goes_on_behind_what_is_stored(workspace, tmp_path, start, monkeypatch):
    one = waiting(workspace, write(tmp_path / "shop.csv", 20_000))
    with monkeypatch.context() as patch:
        crash_after(patch, 5_000)
        with pytest.raises(KeyboardInterrupt):
            Run(claim(one.id)).work()
    held = get_import(workspace_id=workspace, import_id=one.id)
    assert (held.state, 5_000 <= held.stored < 20_000) == ("running", True)
    assert claim(one.id) is None, "for all we know somebody still works it"
    Import.objects.filter(pk=one.id).update(told_at="2020-01-01T00:00:00Z")
    assert get_import(workspace_id=workspace, import_id=one.id).quiet
    assert next_waiting() == one.id
    assert run_next_import(stopping=lambda: False)
    done = get_import(workspace_id=workspace, import_id=one.id)
    assert (done.state, done.stored) == ("done", 20_000)
    found = in_the_log(done.source_id, start)
    ids = [one.message_id for one in found]
    assert len(set(ids)) == 20_000
    assert len(ids) - len(set(ids)) < 20_000 - held.stored, "only what was in flight comes twice, for dedupe to drop"
    assert len({one.received_at for one in found}) == 1


def test_who_has_lost_its_claim_stops(workspace, tmp_path, start, monkeypatch):
    one = waiting(workspace, write(tmp_path / "shop.csv", 2_000))
    monkeypatch.setattr(running, "TELL_EVERY", 0.0)
    run = Run(claim(one.id))
    Import.objects.filter(pk=one.id).update(claim="another")
    with pytest.raises(Interrupted):
        run.work()
    assert Import.objects.get(pk=one.id).claim == "another"
    assert get_import(workspace_id=workspace, import_id=one.id).state == "running"


def test_a_worker_that_stops_leaves_it_to_the_next(workspace, tmp_path, start, monkeypatch):
    one = waiting(workspace, write(tmp_path / "shop.csv", 2_000))
    monkeypatch.setattr(running, "TELL_EVERY", 0.0)
    assert run_next_import(stopping=lambda: True)
    assert get_import(workspace_id=workspace, import_id=one.id).state == "waiting"
    assert run_next_import(stopping=lambda: False)
    assert get_import(workspace_id=workspace, import_id=one.id).stored == 2_000


def test_cancelling_ends_it_and_resuming_goes_on(workspace, tmp_path, start, monkeypatch):
    one = waiting(workspace, write(tmp_path / "shop.csv", 5_000))
    with monkeypatch.context() as patch:
        patch.setattr(running, "TELL_EVERY", 0.0)
        told = []

        def hear(view) -> None:
            told.append(view)
            if view.rows > 1_000 and view.state == "running":
                cancel_import(workspace_id=workspace, import_id=one.id, actor=COMMAND_LINE)

        done = Run(claim(one.id), told=hear).work()
    assert (done.state, done.rows < 5_000, done.finished_at is not None) == ("cancelled", True, True)
    assert (tmp_path / "shop.csv").exists()
    with pytest.raises(Invalid, match="ended already"):
        cancel_import(workspace_id=workspace, import_id=one.id, actor=COMMAND_LINE)
    assert resume_import(workspace_id=workspace, import_id=one.id, actor=COMMAND_LINE).state == "waiting"
    assert run_next_import(stopping=lambda: False)
    assert get_import(workspace_id=workspace, import_id=one.id).stored == 5_000
    with pytest.raises(Invalid, match="can go on"):
        resume_import(workspace_id=workspace, import_id=one.id, actor=COMMAND_LINE)


def test_what_waits_is_cancelled_at_once(workspace, tmp_path):
    one = waiting(workspace, write(tmp_path / "shop.csv", 5))
    assert cancel_import(workspace_id=workspace, import_id=one.id, actor=COMMAND_LINE).state == "cancelled"
    assert next_waiting() is None


def test_the_same_file_again_is_refused_unless_meant(workspace, tmp_path, start):
    path = write(tmp_path / "shop.csv", 10)
    waiting(workspace, path, own_file=False)
    assert run_next_import(stopping=lambda: False)
    with pytest.raises(Invalid, match="brought in before") as caught:
        waiting(workspace, path, own_file=False)
    assert caught.value.code == "again"
    again = waiting(workspace, path, own_file=False, again=True)
    assert run_next_import(stopping=lambda: False)
    found = in_the_log(again.source_id, start)
    assert len({one.message_id for one in found}) == 20
    assert len(find_earlier(workspace_id=workspace, digest=Import.objects.get(pk=again.id).digest)) == 2


def test_a_file_that_is_gone_or_can_t_be_read_fails_with_its_reason(workspace, tmp_path, start):
    gone = waiting(workspace, write(tmp_path / "gone.csv", 5))
    (tmp_path / "gone.csv").unlink()
    run_next_import(stopping=lambda: False)
    failed = get_import(workspace_id=workspace, import_id=gone.id)
    assert (failed.state, "No such file" in failed.trouble) == ("failed", True)
    with pytest.raises(Invalid, match="gone"):
        resume_import(workspace_id=workspace, import_id=gone.id, actor=COMMAND_LINE)


def test_an_import_is_its_workspaces_own(workspace, tmp_path):
    one = waiting(workspace, write(tmp_path / "shop.csv", 5))
    for look in (
        lambda: get_import(workspace_id=workspace + 1, import_id=one.id),
        lambda: cancel_import(workspace_id=workspace + 1, import_id=one.id, actor=COMMAND_LINE),
        lambda: forget_upload(workspace_id=workspace + 1, import_id=one.id, actor=COMMAND_LINE),
        lambda: queue(workspace_id=workspace + 1, import_id=one.id, mapping=MAP, source_id=None, actor=COMMAND_LINE),
    ):
        with pytest.raises(NotFound):
            look()
    assert list_imports(workspace_id=workspace + 1) == []
    website = Source.objects.create(workspace_id=workspace, name="Web", kind="website")
    with pytest.raises(NotFound, match="source for imports"):
        waiting(workspace, write(tmp_path / "other.csv", 6), source_id=website.pk)


def test_an_upload_that_was_not_started_can_be_forgotten(workspace, tmp_path):
    path = write(tmp_path / "shop.csv", 5)
    made = register(workspace_id=workspace, actor=COMMAND_LINE, path=path, name="x", digest="d", size=1, own_file=True)
    forget_upload(workspace_id=workspace, import_id=made.id, actor=COMMAND_LINE)
    assert (list_imports(workspace_id=workspace), path.exists()) == ([], False)


def test_while_the_log_is_away_it_waits_says_so_and_can_be_cancelled(workspace, tmp_path, start, monkeypatch):
    """The log answers nothing: a cancel is heard all the same."""
    one = waiting(workspace, write(tmp_path / "shop.csv", 9_000))
    monkeypatch.setattr(running, "TELL_EVERY", 0.0)

    async def no_room(_self):
        from amity.kernel.errors import NotRunning

        return NotRunning("The log is away, for this test.")

    monkeypatch.setattr("amity.engines.log.bulk.Bulk._too_full", no_room)
    told = []

    def hear(view) -> None:
        told.append(view)
        if view.trouble and not view.cancelling and view.state == "running":
            cancel_import(workspace_id=workspace, import_id=one.id, actor=COMMAND_LINE)

    done = Run(claim(one.id), told=hear).work()
    assert (done.state, done.stored) == ("cancelled", 0)
    assert any("away, for this test" in view.trouble for view in told)


def test_what_is_kept_of_uploads_goes_after_thirty_days(workspace, tmp_path, start):
    done = waiting(workspace, write(tmp_path / "done.csv", 5, bad=1))
    assert run_next_import(stopping=lambda: False)
    report = report_of(workspace_id=workspace, import_id=done.id)
    paths = [write(tmp_path / f"{n}.csv", n) for n in (1, 2, 3)]
    never = register(workspace_id=workspace, actor=COMMAND_LINE, path=paths[0], name="x", digest="d", size=1, own_file=True)
    theirs = waiting(workspace, paths[1], own_file=False)
    queued = waiting(workspace, paths[2])
    assert forget_old_imports() == 0
    Import.objects.update(created_at="2020-01-01T00:00:00Z", finished_at="2020-01-01T00:00:00Z")
    Import.objects.filter(pk=never.id).update(finished_at=None)
    assert forget_old_imports() == 2
    assert [path.exists() for path in (report, *paths)] == [False, False, True, True]
    assert {one.id for one in list_imports(workspace_id=workspace)} == {done.id, theirs.id, queued.id}
    assert forget_old_imports() == 0


def test_views_tell_rate_and_time_left():
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    one = Import(
        state="running", run_began_at=now - timedelta(seconds=10), told_at=now, stored=3_000, run_began_with=1_000, share=0.25
    )
    view = one.view()
    assert (round(view.rate), round(view.seconds_left), view.quiet) == (200, 30, False)
    assert SimpleNamespace(**Import(state="waiting").view().__dict__).seconds_left is None
