from __future__ import annotations

import pytest

from amity.engines.present.server import shared_megabytes, total_memory

GB = 2**30


@pytest.mark.parametrize(("memory", "megabytes"), [(GB, 256), (4 * GB, 256), (8 * GB, 512), (24 * GB, 1024), (256 * GB, 1024)])
def test_postgresql_keeps_a_sixteenth_of_the_memory(memory, megabytes):
    assert shared_megabytes(memory) == megabytes


def test_the_machine_tells_its_memory():
    assert GB // 4 < total_memory() < 2**50
