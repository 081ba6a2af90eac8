"""Patterns that people write: those that could take long are refused, the others never do."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.settings import chosen_by
from amity.rooms.customers.models import IdentityRule
from amity.rooms.customers.rules.identifiers import IdentityRules, KindRule
from amity.rooms.customers.rules.patterns import LONGEST, compiled


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        ("[0-]*", "00-00"),
        ("test.*", "Test-17"),
        (".*(test|demo).*", "a demo b"),
        (r"\d{3}-\d+", "123-4"),
        ("(ab)+", "ABAB"),
        ("^qa$", "qa"),
    ],
)
def test_what_people_need_is_taken_and_matches_the_whole_value_in_any_case(pattern, value):
    assert compiled(pattern).fullmatch(value)
    assert not compiled(pattern).fullmatch(value + "\n!")


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(a+)+b", "could take too long"),
        ("(a|a)*c", "could take too long"),
        (".*.*.*x", "could take too long"),
        ("(?:a?){30}x", "could take too long"),
        ("((a{0,9}){0,9})", "could take too long"),
        ("(?=x)y", "may not look ahead"),
        ("(?<!x)y", "may not look ahead"),
        (r"(a)\1", "refer back"),
        ("(?i)x", "leave out flags"),
        ("(?i:x)", "leave out flags"),
        ("[", "is no pattern"),
        ("a{99999999999}", "is no pattern"),
        ("", "is empty"),
        ("x" * 201, "at most 200 characters"),
        ("(" * 150 + ")" * 50, "is no pattern"),
    ],
)
def test_what_could_take_long_is_refused_with_what_is_wrong(pattern, said):
    with pytest.raises(Invalid, match=said):
        compiled(pattern)


_part = st.sampled_from(["a", "b", ".", "[ab]", "a|b", "(a|ab)", "(ab)", "a?", "(a*)", "(b{0,3})"])
_times = st.sampled_from(["", "*", "+", "?", "{2}", "{0,5}", "{3,}", "*?", "{1,60}"])


@settings(deadline=None)  # the test has its own, in CPU time
@given(st.lists(st.tuples(_part, _times), min_size=1, max_size=6), st.sampled_from(["a", "ab", "aab", "b"]))
def test_none_that_is_taken_takes_long(parts, unit):
    pattern = "".join(f"(?:{part}){times}" for part, times in parts) + "c"
    try:
        found = compiled(pattern)
    except Invalid:
        assume(False)
    began = time.thread_time()
    found.fullmatch((unit * LONGEST)[:LONGEST])
    assert time.thread_time() - began < 1, "a tenth of this on a quiet machine; without the bound it would be years"


def test_long_values_are_refused_before_any_pattern_sees_them():
    rules = IdentityRules(kinds={"user_id": KindRule(patterns=(compiled("(.*)(.*)x"),))})
    assert rules.admit("user_id", "a" * 10_000_000) == ("", "too_long")


def test_a_kept_pattern_that_could_take_long_is_left_out_and_the_others_hold(workspace):
    IdentityRule.objects.create(workspace_id=workspace, kind="user_id", limit=1, priority=1, patterns=["(a+)+b", "qa-.*"])
    rules = chosen_by([workspace])[workspace].rules
    assert [one.pattern for one in rules.of("user_id").patterns] == ["qa-.*"]
    assert re.fullmatch("a+", rules.admit("user_id", "a" * 100)[0])
