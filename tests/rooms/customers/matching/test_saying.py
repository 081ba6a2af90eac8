"""What a run says of a comparison that failed: what it was, nothing of what stood in the values."""

from __future__ import annotations

import pytest

from amity.rooms.customers.actions.matching.run import _why

DUCKDB = """
splink.internals.exceptions.SplinkException: Error executing the following sql for table `__splink__m_u_counts`
Error was: Out of Memory Error: Failed to allocate block of 262144 bytes (bad allocation)
Possible solutions:
See also https://duckdb.org/docs/current/guides/performance/how_to_tune_workloads
"""


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (1, DUCKDB),
        (1, "Traceback\nMemoryError"),
        (134, "terminate called after throwing an instance of 'std::bad_alloc'"),
        (-9, ""),
    ],
)
def test_too_little_memory_says_what_to_raise(ended, told):
    assert _why(ended, told).endswith("Raise AMITY_MATCHING_MEMORY.")


def test_else_the_kind_of_failure_stands_there_and_no_value():
    told = "Traceback (most recent call last):\n  x\nduckdb.ConversionException: Could not convert 'ada@mail.example'\nSee also https://duckdb.org"
    assert _why(1, told) == "Comparing failed (ConversionException)."
    assert _why(3, "") == "Comparing failed (exit 3)."
