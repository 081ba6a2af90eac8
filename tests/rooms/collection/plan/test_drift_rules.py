"""What counts as drift: SciPy and NumPy as oracles, and what must not be one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from amity.rooms.collection.rules.plan.drift import Drift, Span, share_drift, share_now, still, two_shares, volume_drift

TOTAL = ("properties", "total")


def span(n: int, *, violations: int = 0, **types) -> Span:
    return Span(n=n, types={("properties", name): counts for name, counts in types.items()}, violations=violations)


def codes(found) -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in found]


@given(st.integers(1, 400), st.integers(0, 400), st.integers(1, 400), st.integers(0, 400))
def test_two_shares_is_the_square_root_of_pearsons_chi_square(n, x, m, y):
    x, y = min(x, n), min(y, m)
    z = two_shares(x, n, y, m)
    table = np.array([[x, n - x], [y, m - y]])
    if (table.sum(axis=0) == 0).any():
        assert z == 0
        return
    assert z**2 == pytest.approx(chi2_contingency(table, correction=False).statistic, abs=1e-9)
    assert np.sign(z) == np.sign(y / m - x / n) or z == pytest.approx(0)


@given(st.integers(0, 400), st.lists(st.integers(0, 400), max_size=30))
def test_volume_is_judged_by_median_and_deviation(now, days):
    found = volume_drift(now, days)
    usual = days[6::7] if len(days[6::7]) >= 4 else days
    if len(days) < 7 or np.median(usual) < 25:
        assert found is None
        return
    middle = np.median(usual)
    z = (now - middle) / max(1.4826 * np.median(np.abs(np.array(usual) - middle)), middle**0.5)
    silent = now == 0 and min(usual) > 0
    jumped = now > 0 and abs(z) >= 5 and (now <= middle / 2 or now >= middle * 2)
    assert (found.code if found else None) == ("silent" if silent else "volume" if jumped else None)
    if found:
        assert (found.before, found.now, found.n_before) == (middle, now, len(usual))


def test_weekends_are_weekends():
    weekdays_only = [0 if day % 7 in {0, 1} else 300 for day in range(28)]
    assert volume_drift(0, [weekdays_only[(day + 1) % 7] for day in range(28)]) is None  # a second Sunday
    assert volume_drift(0, [300] * 28).code == "silent"
    assert volume_drift(0, [300, 0] * 14) is None  # it was silent before


def test_properties_that_come_go_and_change():
    before = span(1_000, total={"number": 1_000}, old={"string": 900}, rare={"string": 3})
    now = span(200, total={"number": 150, "string": 50}, new={"string": 40}, rare={"string": 2})
    found = share_drift(before, now, planned=None)
    assert codes(found) == [
        ("new_property", "properties.new"), ("vanished", "properties.old"), ("type", "properties.total:string")
    ]  # fmt: skip
    changed = found[2]
    assert (changed.before, changed.now, changed.n_before, changed.n_now) == (0, 0.25, 1_000, 200)
    assert share_now(changed, now) == 0.25
    assert share_now(found[0], now) == 0.2
    assert codes(share_drift(before, now, planned={("properties", "new"): {}}))[0][0] == "vanished"


def test_few_tell_nothing_and_little_is_none():
    assert share_drift(span(99), span(5_000, new={"string": 5_000}), planned=None) == []
    assert (
        share_drift(span(10_000, a={"string": 9_900}), span(10_000, a={"string": 9_600}), planned=None) == []
    )  # sure, but small
    assert share_drift(span(10_000), span(1_000, a={"string": 5}), planned=None) == []
    assert share_drift(span(100, a={"string": 10}), span(100, a={"string": 4}), planned=None) == []  # large, but by chance


def test_rules_that_are_broken_more_often():
    assert codes(share_drift(span(1_000, violations=10), span(500, violations=60), planned=None)) == [("violations", "")]
    assert share_drift(span(1_000, violations=300), span(500, violations=180), planned=None) == []  # less than twice


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_drift_stays_until_it_is_nearer_to_what_was(before, then, now):
    held = Drift(code="vanished", path="properties.a", before=before, now=then, n_before=100, n_now=100)
    assert still(held, now) == (abs(now - before) > abs(now - then))
