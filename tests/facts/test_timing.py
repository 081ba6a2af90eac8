"""When it happened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.facts.timing import place, read_ms
from amity.kernel.clock import DAY

NOW = 1_795_000_000_000
YEAR = 365 * DAY


@pytest.mark.parametrize(
    ("said", "ms"),
    [
        ("2026-11-22T10:00:00.000Z", 1_795_341_600_000),
        ("2026-11-22T10:00:00", 1_795_341_600_000),
        ("2026-11-22T12:00:00.5+02:00", 1_795_341_600_500),
        ("2026-11-22T10:00:00.123456+00:00", 1_795_341_600_123),
        ("2026-11-22", 1_795_305_600_000),
        (1_795_341_600_000, 1_795_341_600_000),
        (1_795_341_600, 1_795_341_600_000),
        (1_795_341_600.5, 1_795_341_600_500),
        ("1795341600000", 1_795_341_600_000),
        ("yesterday", None),
        ("", None),
        (float("nan"), None),
        (10**40, None),
        (None, None),
        (True, None),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140_000),
    ],
)
def test_reading(said: object, ms: int | None):
    assert read_ms(said) == ms  # type: ignore[arg-type]


def test_a_wrong_clock_does_no_harm():
    for wrong in (-YEAR, YEAR, 3_600_000):
        time, original, flags = place(NOW + wrong - 5_000, sent_at=NOW + wrong, received_at=NOW)
        assert (time, original, flags) == (NOW - 5_000, NOW + wrong - 5_000, ("skewed",))


def test_a_right_clock_is_not_flagged():
    assert place(NOW - 90_000, sent_at=NOW - 50, received_at=NOW) == (NOW - 89_950, NOW - 90_000, ())
    assert place(NOW - YEAR, sent_at=NOW, received_at=NOW) == (NOW - YEAR, NOW - YEAR, ())
    assert place(None, sent_at=NOW, received_at=NOW) == (NOW, None, ())


def test_absurd_times_are_flagged_and_kept():
    assert place(NOW + 2 * DAY, sent_at=None, received_at=NOW) == (NOW, NOW + 2 * DAY, ("time_future",))
    assert place("1970-01-01T00:00:00Z", sent_at=None, received_at=NOW) == (NOW, 0, ("time_ancient",))
    assert place("soon", sent_at=None, received_at=NOW) == (NOW, None, ("time_unreadable",))


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.datetimes().map(str)), st.one_of(st.none(), st.integers()))
def test_never_absurd_never_raises(said: object, sent_at: int | None):
    time, _, _ = place(said, sent_at=sent_at, received_at=NOW)  # type: ignore[arg-type]
    assert 946_684_800_000 <= time <= NOW + DAY
