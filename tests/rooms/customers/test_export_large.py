"""A large export takes no more memory than a small one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from amity.engines.past.client import command
from amity.rooms.trust.models import Workspace

_FILL = """
INSERT INTO interactions_raw
    (workspace_id, customer_id, time, message_key, message_id, type, name, channel, source_id, session_id, properties, context,
     received_at, projected_at)
SELECT {workspace:UInt32}, toUUID('01a0c450-6c00-74a8-a6d7-b351e328c934'), toDateTime64(1790000000 + cityHash64(number, {round:UInt32}) % 8000000, 3, 'UTC'),
    generateUUIDv4(), toString(number), 'track', 'Viewed', 'web', 1, generateUUIDv4(),
    concat('{"text":"', hex(randomString(300)), '"}'), concat('{"text":"', hex(randomString(300)), '"}'), now64(3), now64(3)
FROM numbers(50000)
"""


def peak_of_export(workspace: str, path: Path) -> int:
    """Export in a process of its own, as a person would; return the most memory that it took, in MB."""
    home = os.environ["AMITY_PRESENT_URL"]
    env = os.environ | {"AMITY_PRESENT_URL": f"{home.rpartition('/')[0]}/test_{home.rpartition('/')[2]}"}
    words = [sys.executable, "-m", "amity.config.cli", "export", "interactions", str(path), "--workspace", workspace]
    process = subprocess.Popen(words, env=env, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss // 1024


@pytest.mark.slow
@pytest.mark.timeout(580)
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_six_times_the_rows_take_no_more_memory(transactional_db, past_ready, tmp_path, form):
    made = Workspace.objects.create(slug=f"large-{form}", name="Large")
    command(_FILL, workspace=made.pk, round=0)
    small = peak_of_export(made.slug, tmp_path / f"small.{form}")
    for number in range(1, 6):
        command(_FILL, workspace=made.pk, round=number)
    large = peak_of_export(made.slug, tmp_path / f"large.{form}")
    sizes = [(tmp_path / f"{name}.{form}").stat().st_size for name in ("small", "large")]
    assert sizes[1] > 5 * sizes[0] > 300 * 2**20
    assert large < small + 30  # MB; pieces in flight differ a little
