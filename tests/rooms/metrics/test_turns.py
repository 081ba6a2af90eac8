"""Turns of letters: each local day has one, also where clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.clock import HOUR, to_ms
from amity.rooms.metrics.rules.turns import next_turn

ZONES = ("Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Auckland", "UTC")


@given(st.sampled_from(ZONES), st.integers(0, 23), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_each_local_day_has_one_turn_at_its_hour(name, hour, day):
    zone, at = ZoneInfo(name), to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))
    turns = []
    for _ in range(9):
        at = next_turn(weekday=None, hour=hour, zone=zone, after=at)
        turns.append(datetime.fromtimestamp(at / 1000, zone))
    days = [one.date() for one in turns]
    assert days == [days[0] + timedelta(days=n) for n in range(9)]
    for one in turns:
        naive = datetime(one.year, one.month, one.day, hour, tzinfo=zone)
        gap = (
            datetime.fromtimestamp(naive.timestamp(), zone).hour != hour or datetime.fromtimestamp(naive.timestamp(), zone).minute
        )
        assert gap or (one.hour, one.minute, one.fold) == (hour, 0, 0)


@given(st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 6), st.integers(10**12, 2 * 10**12))
def test_a_weekly_turn_is_the_first_of_its_weekday(name, hour, weekday, after):
    zone = ZoneInfo(name)
    found = next_turn(weekday=weekday, hour=hour, zone=zone, after=after)
    assert after < found <= after + 7 * 24 * HOUR + 2 * HOUR
    assert datetime.fromtimestamp(found / 1000, zone).weekday() == weekday
    daily = next_turn(weekday=None, hour=hour, zone=zone, after=after)
    while daily < found:
        assert datetime.fromtimestamp(daily / 1000, zone).weekday() != weekday
        daily = next_turn(weekday=None, hour=hour, zone=zone, after=daily)
    assert daily == found


def test_where_clocks_change():
    lisbon = ZoneInfo("Europe/Lisbon")
    # 29 March 2026: 01:00 does not exist, 02:00 comes at once; 25 October: 01:00 comes twice.
    gone = next_turn(weekday=None, hour=1, zone=lisbon, after=to_ms(datetime(2026, 3, 28, 12, tzinfo=UTC)))
    assert datetime.fromtimestamp(gone / 1000, UTC).isoformat() == "2026-03-29T01:00:00+00:00"
    twice = next_turn(weekday=None, hour=1, zone=lisbon, after=to_ms(datetime(2026, 10, 24, 12, tzinfo=UTC)))
    assert datetime.fromtimestamp(twice / 1000, UTC).isoformat() == "2026-10-25T00:00:00+00:00"
    assert next_turn(weekday=None, hour=1, zone=lisbon, after=twice) == twice + 25 * HOUR
