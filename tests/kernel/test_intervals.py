"""Intervals against published figures and other ways of working them out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from amity.kernel.intervals import adjusted_wald, wilson


@given(n=st.integers(1, 5_000), share=st.floats(0, 1))
def test_wilsons_is_scipys_and_holds_the_share(n, share):
    hits = round(n * share)
    low, high = wilson(hits / n, n)
    theirs = binomtest(hits, n).proportion_ci(method="wilson")
    assert (low, high) == (pytest.approx(theirs.low, abs=1e-9), pytest.approx(theirs.high, abs=1e-9))
    assert 0 <= low <= hits / n <= high <= 1


def test_net_scores_have_the_interval_that_was_published():
    # 50 promoters and 20 detractors of 100: 29.1 ± 15.1.
    low, high = adjusted_wald(50, 20, 100)
    assert ((low + high) / 2 * 100, (high - low) / 2 * 100) == (pytest.approx(29.1, abs=0.05), pytest.approx(15.1, abs=0.05))
    assert adjusted_wald(3, 0, 3)[1] == 1.0


def test_nothing_said_at_the_ends_is_left_out():
    assert wilson(0, 10)[0] == 0.0
    assert wilson(1, 10)[1] == 1.0
