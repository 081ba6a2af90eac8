"""What can go wrong with a backup or a restore: each time a sentence says so, and nothing half done is taken for whole."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys

import pytest

from tests.flows.recovering import backed_up, refused, run
from tests.flows.running import Amity
from tests.flows.wait import wait_for

SECRET = {"AMITY_BACKUP_PASSPHRASE": "a sentence that nobody guesses"}


@pytest.fixture(scope="module")
def files(amity, tmp_path_factory):
    """An Amity that runs, with a plain backup and an encrypted one, and how many interactions the plain one holds."""
    folder = tmp_path_factory.mktemp("refusals")
    made = backed_up(amity, folder / "plain.amity")
    assert run(amity, "backup", str(folder / "sealed.amity"), env=SECRET).returncode == 0
    return amity, folder, made["rows"]["past/interactions_raw"]


def test_a_backup_says_what_it_lacks(files, tmp_path):
    amity, folder, _ = files
    plain = str(folder / "plain.amity")
    assert refused(run(amity, "backup", plain)).endswith("exists already. Choose another name, or remove it first.")
    assert "Nobody is here to type a passphrase" in refused(run(amity, "backup", str(tmp_path / "x"), "--encrypt"))
    assert "at least 8 characters" in refused(run(amity, "backup", str(tmp_path / "x"), env={"AMITY_BACKUP_PASSPHRASE": "short"}))
    assert "nowhere does not exist. Make it first" in refused(run(amity, "backup", str(tmp_path / "nowhere" / "x")))
    idle = Amity(tmp_path / "idle")
    assert "isn't running" in refused(run(idle, "backup", str(tmp_path / "x")))
    full = run(amity, "backup", str(tmp_path / "x"), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, 4_000)))
    assert "could not be written: File too large. Nothing is kept of it" in refused(full)
    assert sorted(p.name for p in tmp_path.iterdir()) == []


def test_a_killed_backup_leaves_no_file_that_looks_whole(files, tmp_path):
    amity, _, _ = files
    path, part = tmp_path / "a.amity", tmp_path / "a.amity.part"
    process = subprocess.Popen(
        [sys.executable, "-m", "amity.config.cli", "backup", str(path)], env=amity.env, stderr=subprocess.DEVNULL
    )
    wait_for(part.exists, every=0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert [p.name for p in tmp_path.iterdir()] == ["a.amity.part"]
    copy = Amity(tmp_path / "copy")
    assert "is no whole backup" in refused(run(copy, "restore", str(part)))
    backed_up(amity, path)
    assert not part.exists()


def test_a_restore_refuses_what_is_locked_damaged_or_in_use(files, tmp_path):
    amity, folder, _ = files
    sealed, plain = folder / "sealed.amity", folder / "plain.amity"
    copy = Amity(tmp_path / "copy")
    assert "is encrypted: give its passphrase" in refused(run(copy, "restore", str(sealed)))
    wrong = {"AMITY_BACKUP_PASSPHRASE": "another sentence"}
    assert "does not open with this passphrase" in refused(run(copy, "restore", str(sealed), env=wrong))
    for whole in (sealed, plain):
        body = whole.read_bytes()
        flipped, cut = tmp_path / "flipped", tmp_path / "cut"
        flipped.write_bytes(body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :])
        cut.write_bytes(body[:-1])
        assert "was changed or damaged. Use another one" in refused(run(copy, "restore", str(flipped), env=SECRET))
        assert "its end is missing. Use another one" in refused(run(copy, "restore", str(cut), env=SECRET))
    assert not (copy.home / "present").exists()  # nothing was touched for any of these
    assert f"already runs on {amity.home}" in refused(run(amity, "restore", str(plain)))
    assert "--until needs --log" in run(copy, "restore", str(plain), "--until", "2026-01-01").stderr
    assert "holds no log" in refused(run(copy, "restore", str(plain), "--log", str(tmp_path)))
    assert "still runs" in refused(run(copy, "restore", str(plain), "--log", str(amity.home)))


@pytest.mark.timeout(300)
def test_a_killed_restore_is_noticed_and_begun_again(files, tmp_path):
    amity, folder, rows = files
    copy, sealed = Amity(tmp_path / "copy"), str(folder / "sealed.amity")
    command = [sys.executable, "-m", "amity.config.cli", "restore", sealed]
    process = subprocess.Popen(command, env=copy.env | SECRET, stderr=subprocess.DEVNULL)
    wait_for((copy.home / "present" / "PG_VERSION").exists, every=0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    said = refused(run(copy, "serve", "--no-demo"))
    assert "is half restored" in said
    assert said.endswith(f"Run it again: amity restore {sealed}")
    again = run(copy, "restore", sealed, "--json", env=SECRET)
    assert again.returncode == 0, again.stderr
    told = json.loads(again.stdout)
    assert (told["past"] >= rows, told["log"]["followed"]) == (True, 0)
    assert not (copy.home / "restoring.json").exists()
    ours, theirs = ((one.home / "secrets" / "console-key").read_bytes() for one in (copy, amity))
    assert ours == theirs
    assert "is not empty" in refused(run(copy, "restore", sealed, env=SECRET))
