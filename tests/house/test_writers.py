"""Who writes to the past has to hold still while a backup begins: a new writer is asked to say how it does."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src" / "amity"
# The first two hold `engines.present.barrier`, and so does who calls `give`; `refused` is called by the carrier. Retention only deletes what is old anyway, and
# an erasure that a backup saw half done goes on after the restore.
KNOWN = {
    "workers/carrier.py", "rooms/customers/actions/resequence.py", "workers/refused.py", "engines/past/retention.py",
    "engines/past/erasing.py", "rooms/customers/actions/unmerge/give.py",
}  # fmt: skip
_WRITES = re.compile(r"from amity\.engines\.past\.client import [^\n]*\b(command|insert_body|insert_rows)\b")


def test_every_writer_of_the_past_is_known_to_the_backup():
    writers = {str(p.relative_to(SOURCES)) for p in SOURCES.rglob("*.py") if _WRITES.search(p.read_text(encoding="utf-8"))}
    assert writers == KNOWN
    for name in ("workers/carrier.py", "rooms/customers/actions/resequence.py", "rooms/customers/actions/unmerge/work.py"):
        assert "hold_shared()" in (SOURCES / name).read_text(encoding="utf-8")
