"""The list of who was erased, and what the doctor says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from amity.engines.backup.erased import NAME, Line, add, append, missing, read, unreadable
from amity.engines.backup.noted import note_backup
from amity.engines.diagnosis.machine import _erased
from amity.kernel.clock import now_ms
from amity.kernel.settings import settings


def line(number: int) -> Line:
    return Line(at=number, workspace=1, mark="00", hashes=(("email", f"{number:032x}"),), erasure=str(number))


@pytest.fixture
def chosen(tmp_path):
    (tmp_path / "home").mkdir()
    return replace(settings(), home=tmp_path / "home")


def test_a_line_that_a_crash_cut_off_is_counted_and_left_out(tmp_path):
    append(tmp_path, [line(1)])
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"at": 2, "work')
    append(tmp_path, [line(3)])
    assert read(tmp_path) == [line(1), line(3)]
    assert unreadable(tmp_path) == 1
    assert missing(tmp_path, [line(1), line(4), line(4)]) == [line(4)]
    assert (unreadable(tmp_path / "nowhere"), add(tmp_path, [line(1)])) == (0, 0)


def test_the_doctor_looks_at_the_list(chosen, tmp_path):
    [found] = _erased(chosen)
    assert (found.state, found.text) == ("ok", "nobody was erased so far")
    append(chosen.home, [line(1), line(2)])
    assert [(one.state, one.text) for one in _erased(chosen)] == [("ok", "2 lines")]
    away = tmp_path / "away"
    note_backup(chosen, instant=now_ms(), file=away / "a.amity", size=1)
    assert [one.state for one in _erased(chosen)] == ["ok"]  # a disk that isn't here
    away.mkdir()
    append(away, [line(1)])
    [found] = _erased(chosen)
    assert found.state == "warning"
    assert found.text.startswith(f"1 of 2 lines are missing from {away / NAME}")
    append(away, [line(2)])
    assert [(one.state, one.text) for one in _erased(chosen)] == [("ok", f"2 lines, also in {away}")]


def test_damage_is_broken_and_says_how_to_mend_it(chosen):
    append(chosen.home, [line(1)])
    (chosen.home / NAME).write_bytes((chosen.home / NAME).read_bytes() + b"{}\n")
    [found] = _erased(chosen)
    assert found.state == "broken"
    assert found.text.startswith("1 of 2 lines")
    assert "amity backup" in found.mend


def test_before_there_is_a_folder_nothing_is_said(chosen):
    assert list(_erased(replace(chosen, home=chosen.home / "nowhere"))) == []
