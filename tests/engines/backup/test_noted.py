from dataclasses import replace

from amity.engines.backup.noted import last_backup, note_backup
from amity.engines.diagnosis.machine import _backup
from amity.kernel.clock import DAY, now_ms
from amity.kernel.settings import settings


def test_the_doctor_knows_how_old_the_last_backup_is(tmp_path):
    chosen = replace(settings(), home=tmp_path)
    [found] = _backup(chosen)
    assert (found.state, found.text) == ("ok", "none was made of this folder yet: amity backup FILE")
    note_backup(chosen, instant=now_ms() - DAY, file=tmp_path / "a.amity", size=2_500_000)
    [found] = _backup(chosen)
    assert found.state == "ok"
    assert f"{tmp_path}/a.amity, 2.5 MB, of " in found.text
    note_backup(chosen, instant=now_ms() - 20 * DAY, file=tmp_path / "a.amity", size=2_500_000)
    [found] = _backup(chosen)
    assert found.state == "warning"
    assert found.text.endswith(": 20 days ago")
    (tmp_path / "backup.json").write_text("{")
    assert last_backup(chosen) is None
    assert list(_backup(replace(chosen, home=tmp_path / "nowhere"))) == []
