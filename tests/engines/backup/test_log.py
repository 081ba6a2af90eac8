"""A log goes on under the same sequences in another one, to its end or to an instant; what doesn't fit is refused."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace

import pytest

from amity.config.backup import following_log
from amity.engines.backup import log as entries
from amity.engines.backup.log import Stretch
from amity.engines.log import server
from amity.engines.log.client import Entry, Log
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.ports import free_ports
from amity.kernel.errors import AmityError, LogGap


@contextmanager
def nats(folder):
    [port] = free_ports(1)
    config = folder / "nats.conf"
    folder.mkdir()
    server.write_config(config, data=folder / "log", port=port, password="x", max_bytes=10**9)
    process = subprocess.Popen(
        [server.binary(), "-c", str(config)], stderr=subprocess.DEVNULL, preexec_fn=before_exec(sign=signal.SIGKILL)
    )
    try:
        yield server.url(port, "x")
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def connected(url):
    while True:  # it has just been started
        try:
            log = await Log.connect(url, name="test", wait=5)
            break
        except AmityError:
            await asyncio.sleep(0.02)
    try:
        yield log
    finally:
        await log.close()


async def filled(url, bodies, *, first_seq=1):
    async with connected(url) as log:
        await log.prepare(max_bytes=10**7, max_days=14, first_seq=first_seq)
        for number, body in enumerate(bodies):
            await log.append(body, message_id=f"{body.decode()}-{number}")


class Memory:
    """A part of an archive, as far as the log's are written and read."""

    def __init__(self) -> None:
        self.kept, self.rows = [], 0

    @contextmanager
    def part(self, *_, **__):
        yield self

    def add(self, chunk, *, rows):
        self.kept.append((chunk, rows))
        self.rows += rows

    def chunks(self):
        return iter([one for one in self.kept if one[0]])


@pytest.fixture
async def kept(tmp_path, monkeypatch):
    """A log of six entries, of which a backup carries the third and the fourth; and an empty log to restore to."""
    with nats(tmp_path / "old") as old, nats(tmp_path / "new") as new:
        await filled(old, [b"1", b"2", b"3", b"4", b"5", b"6"])
        memory = Memory()
        async with connected(old) as log:
            await entries.dump_log(log, Stretch(after=2, last=4), memory, told=lambda *_: None)
            about = {"after": 2, "last": 4, "fingerprint": await entries.fingerprint(log, 4)}
            times = [one.stored_at async for one in entries.read(log, Stretch(after=0, last=6))]
        monkeypatch.setattr(following_log, "addresses", lambda: SimpleNamespace(log=new))
        yield SimpleNamespace(old=old, new=new, part=memory, about=about, times=times)


async def loaded(kept, *, follows=None, until=None):
    return await following_log.load_log(kept.part, kept.about, follows, until=until, told=lambda *_: None)


async def held(url, after=2):
    async with connected(url) as log:
        _, last = await entries.state_of(log)
        return [(one.seq, one.body) async for one in entries.read(log, Stretch(after=after, last=last))]


async def test_entries_keep_their_sequences_and_the_log_goes_on_behind_them(kept):
    assert (await loaded(kept))["last"] == 4
    assert await held(kept.new) == [(3, b"3"), (4, b"4")]
    async with connected(kept.new) as log:
        assert await log.append(b"next", message_id="next") == 5
        with pytest.raises(AmityError, match="refused entry 9"):
            await entries.put(log, Entry(9, 0, b"out of turn"))


async def test_what_followed_comes_from_the_other_log_up_to_an_instant(kept):
    told = await loaded(kept, follows=kept.old, until=kept.times[5])
    expected = [(n, str(n).encode()) for n in (3, 4, 5, 6) if n <= 4 or kept.times[n - 1] < kept.times[5]]
    assert await held(kept.new) == expected
    assert told == {"kept": False, "first": 3, "last": expected[-1][0], "followed": len(expected) - 2}


async def test_all_that_followed_comes_from_the_other_log(kept):
    assert (await loaded(kept, follows=kept.old))["followed"] == 2
    assert await held(kept.new) == [(n, str(n).encode()) for n in (3, 4, 5, 6)]


async def test_another_log_is_refused(kept, tmp_path):
    for name, bodies, first, said in (
        ("other", [b"1", b"2", b"3", b"other", b"5"], 1, "holds another entry 4"),
        ("older", [b"1", b"2", b"3"], 1, "ends at entry 3"),
        ("begun", [b"9"], 9, r"begins at entry 9, stored .* no longer holds what followed"),
    ):
        with nats(tmp_path / name) as url:
            await filled(url, bodies, first_seq=first)
            with pytest.raises(AmityError, match=said):
                await loaded(kept, follows=url)
        async with connected(kept.new) as log:
            await log.js.delete_stream("AMITY")


async def test_the_log_that_was_backed_up_is_kept_if_it_is_still_there(kept, monkeypatch):
    monkeypatch.setattr(following_log, "addresses", lambda: SimpleNamespace(log=kept.old))
    assert await loaded(kept) == {"kept": True, "last": 6, "followed": 2}
    with pytest.raises(AmityError, match="Give an empty log there, and this one as --log"):
        await loaded(kept, until=kept.times[5])


async def test_an_empty_log_is_carried_on_where_it_stood(tmp_path, monkeypatch):
    with nats(tmp_path / "new") as new:
        monkeypatch.setattr(following_log, "addresses", lambda: SimpleNamespace(log=new))
        about = {"after": 70, "last": 70, "fingerprint": ""}
        async with connected(new):
            pass
        told = await following_log.load_log(Memory(), about, None, until=None, told=lambda *_: None)
        assert told == {"kept": False, "first": 71, "last": 70, "followed": 0}
        async with connected(new) as log:
            await log.prepare(max_bytes=10**7, max_days=3)  # as each start does
            assert await log.append(b"x", message_id="x") == 71


async def test_a_hole_stops_a_backup_with_what_to_do(kept):
    async with connected(kept.old) as log:
        with pytest.raises(LogGap, match="ends at 6"):
            await entries.dump_log(log, Stretch(after=8, last=9), Memory(), told=lambda *_: None)
