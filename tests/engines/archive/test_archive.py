import io
import resource
import subprocess
import sys
import tempfile

import pytest

from amity.engines.archive import sealing
from amity.engines.archive.layout import ENTRY, HEAD, Damaged, Locked
from amity.engines.archive.reading import Reader, opened
from amity.engines.archive.writing import Writer, beside, give_name
from amity.kernel.errors import AmityError

PASSPHRASE = "a sentence that nobody guesses"
PARTS = {
    ("secrets", "key", "whole"): [b"no newline here"],
    ("past", "empty", "lines"): [],
    ("past", "rows", "lines"): [b"one\ntwo\n", b"three\n"],
    ("log", "entries", "entries"): [ENTRY.pack(7, 1, 3) + b"abc" + ENTRY.pack(8, 2, 0)],
}


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch):
    monkeypatch.setattr(sealing, "_N", 2**4)  # a key at once: thousands are made here


def written(passphrase: str | None) -> bytes:
    with tempfile.TemporaryFile() as file:
        writer = Writer(file, passphrase=passphrase)
        for (kind, name, unit), chunks in PARTS.items():
            with writer.part(kind, name, unit=unit) as part:
                for chunk in chunks:
                    part.add(chunk, rows={"whole": 1, "entries": 2}.get(unit, chunk.count(b"\n")))
        writer.finish({"audit": "1:abc"})
        file.seek(0)
        return file.read()


def read(body: bytes, passphrase: str | None):
    reader = Reader(io.BytesIO(body), passphrase=passphrase)
    found = {(part.kind, part.name, part.unit): [chunk for chunk, _ in part.chunks()] for part in reader.parts()}
    return found, reader.manifest


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_what_was_written_is_read(passphrase):
    found, manifest = read(written(passphrase), passphrase)
    assert found == PARTS
    assert manifest.about == {"audit": "1:abc"}
    assert [(one.name, one.rows) for one in manifest.parts] == [("key", 1), ("empty", 0), ("rows", 3), ("entries", 2)]


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_every_byte_counts(passphrase):
    body = written(passphrase)
    for at in range(len(body)):
        changed = bytearray(body)
        changed[at] ^= 1
        with pytest.raises((Damaged, Locked)):
            read(bytes(changed), passphrase)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_an_end_that_is_missing_or_too_long_is_noticed(passphrase):
    body = written(passphrase)
    for length in range(len(body)):
        with pytest.raises(Damaged):
            read(body[:length], passphrase)
    with pytest.raises(Damaged, match="added behind its end"):
        read(body + b"\x00", passphrase)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_frames_stay_in_their_order_and_in_their_file(passphrase):
    def frames(body: bytes) -> list[bytes]:
        at, found = body.index(HEAD.pack(0, 1, 0)[4:]) - 4, []
        start = body[:at]
        while at < len(body):
            length = HEAD.size + HEAD.unpack_from(body, at)[0]
            found.append(body[at : at + length])
            at += length
        return [start, *found]

    mine, other = frames(written(passphrase)), frames(written(passphrase))
    assert read(b"".join(mine), passphrase)[0] == PARTS
    for at in range(1, len(mine) - 1):
        for changed in (
            [*mine[:at], mine[at + 1], mine[at], *mine[at + 2 :]],
            [*mine[:at], *mine[at + 1 :]],
            [*mine[:at], other[at], *mine[at + 1 :]],
        ):
            with pytest.raises(Damaged):
                read(b"".join(changed), passphrase)


def test_an_encrypted_file_shows_nothing_and_opens_with_its_passphrase_only():
    body = written(PASSPHRASE)
    assert b"rows" not in body
    assert b"secrets" not in body
    with pytest.raises(Locked, match="is encrypted"):
        read(body, None)
    with pytest.raises(Locked, match="does not open with this passphrase"):
        read(body, "another sentence")


def test_errors_name_the_file_and_say_what_to_do(tmp_path):
    wrong = tmp_path / "photo.jpg"
    wrong.write_bytes(b"\xff\xd8\xff\xe0 no backup")
    with (
        pytest.raises(Damaged, match=r"photo.jpg is no whole backup: it doesn't begin .* Use another one"),
        opened(wrong, passphrase=None),
    ):
        pass
    with pytest.raises(AmityError, match=r"missing can't be read: No such file"), opened(tmp_path / "missing", passphrase=None):
        pass


def test_a_name_is_given_only_to_what_is_whole(tmp_path):
    path = tmp_path / "a.amity"
    with beside(path) as (file, fresh):
        file.write(b"whole")
        file.flush()
        assert fresh.stat().st_mode & 0o777 == 0o600
        assert not path.exists()
        with pytest.raises(AmityError, match="Another backup is writing"), beside(path):
            pass
        give_name(fresh, path)
    assert [p.name for p in tmp_path.iterdir()] == ["a.amity"]
    with pytest.raises(AmityError, match="exists already"), beside(path):
        pass
    with pytest.raises(AmityError, match=r"folder .*nowhere does not exist"), beside(tmp_path / "nowhere" / "b"):
        pass
    with pytest.raises(RuntimeError), beside(tmp_path / "c") as (file, fresh):
        raise RuntimeError
    assert path.read_bytes() == b"whole"
    assert [p.name for p in tmp_path.iterdir()] == ["a.amity"]


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path):
    code = (
        "import sys; from pathlib import Path; from amity.engines.archive.writing import beside\n"
        "with beside(Path(sys.argv[1])) as (file, fresh): file.write(bytes(1_000_000))"
    )
    small = (10_000, 10_000)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.amity")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, small),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "could not be written: File too large. Nothing is kept of it." in done.stderr
    assert list(tmp_path.iterdir()) == []
