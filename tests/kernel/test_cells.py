"""Cells that no spreadsheet runs, and the way back to the text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amity.kernel.cells import plain_cell, safe_cell

# Mostly what matters: beginnings of formulas, apostrophes, spaces.
TEXTS = st.text(st.sampled_from("'' =+-@\t\r\n\uff1d\uff0bab1\"")) | st.text()


@given(TEXTS)
@example("'=1")
@example("' =1")
@example("''")
@example("'")
def test_the_text_comes_back(text):
    assert plain_cell(safe_cell(text)) == text


@given(TEXTS)
def test_no_cell_begins_a_formula(text):
    assert not safe_cell(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b"))


@given(TEXTS, TEXTS)
def test_two_texts_never_make_one_cell(one, other):
    assert (safe_cell(one) == safe_cell(other)) is (one == other)


@pytest.mark.parametrize("text", ["", "a", "1", "a=b", "O'Brien", "'quoted'", "a@b.example", "2026-11-27"])
def test_what_is_no_formula_stays(text):
    assert safe_cell(text) == text


@pytest.mark.parametrize(("text", "cell"), [("+49 30 1", "'+49 30 1"), ("'=1", "''=1"), (" =1", "' =1"), ("-", "'-")])
def test_what_could_be_one_gets_an_apostrophe(text, cell):
    assert safe_cell(text) == cell
