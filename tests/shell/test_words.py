from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from amity.shell.words import initials, say_exactly, say_money, say_number, say_size, say_span, say_when

NOW = datetime(2026, 3, 12, 14, 32, tzinfo=UTC)
LISBON, TOKYO = ZoneInfo("Europe/Lisbon"), ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=1), "just now"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(seconds=12), "12 s ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(hours=20), "yesterday, 18:32"),
        (timedelta(days=3), "9 Mar, 14:32"),
        (timedelta(days=90), "12 Dec 2025, 14:32"),
        (timedelta(days=500), "28 Oct 2024"),
        (timedelta(days=-3), "15 Mar, 14:32"),
        (timedelta(days=-500), "25 Jul 2027"),
    ],
)
def test_times_are_said_as_people_say_them(ago, said):
    assert say_when(NOW - ago, now=NOW, zone=LISBON) == said


def test_what_yesterday_is_depends_on_the_zone():
    instant = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
    assert say_when(instant, now=NOW, zone=LISBON) == "13 h ago"
    assert say_when(instant, now=datetime(2026, 3, 12, 15, 30, tzinfo=UTC), zone=TOKYO) == "yesterday, 10:00"
    assert say_exactly(instant, zone=TOKYO) == "Thursday 12 Mar 2026, 10:00:00 JST"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (-2, "0 s"), (0.0002, "0.20 ms"), (0.0042, "4.2 ms"), (0.034, "34 ms"), (0.84, "0.8 s"), (12, "12 s"),
     (240, "4 min"), (10_800, "3 h"), (86_400 * 5, "5 days")],
)  # fmt: skip
def test_spans_have_the_unit_that_suits_them(seconds, said):
    assert say_span(seconds) == said


def test_numbers_sizes_money():
    assert say_number(12480) == "12,480"
    assert say_number(Decimal("0.5")) == "0.50"
    assert say_number(0.5, digits=1) == "0.5"
    assert [say_size(n) for n in (812, 4_200, 1_300_000_000, 271e9, 4.2e12)] == ["812 B", "4.2 kB", "1.3 GB", "271 GB", "4.2 TB"]
    assert say_money(Decimal("-1234.5"), "EUR") == "-€1,234.50"
    assert say_money(500, "JPY") == "¥500"
    assert say_money(9, "SEK") == "SEK 9.00"


@pytest.mark.parametrize(
    ("name", "letters"), [("Nadia Okafor", "NO"), ("nadia@company.example", "NC"), ("Şahin", "Ş"), ("", "?"), ("🙂", "?")]
)
def test_initials(name, letters):
    assert initials(name) == letters
