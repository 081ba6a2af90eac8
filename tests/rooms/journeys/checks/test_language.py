"""Tests of journeys as files say them; what is wrong is said with its line."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.checks.language import read


def one(sentence: str):
    return read(f"journey: Purchase\ntests:\n  - {sentence}\n")[0].checks[0]


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("median time < 2 days", ("time", "", "median", "<", 172_800_000, 30)),
        ("p90 time to Have it <= 1.5 hours", ("time", "Have it", "p90", "≤", 5_400_000, 30)),
        ("reach Bought ≥ 40%", ("reach", "Bought", "", "≥", 0.4, 30)),
        ("rework <= 1", ("rework", "", "", "≤", 1, 30)),
        ("rework of Pay < 0.2 with n >= 5", ("rework", "Pay", "", "<", 0.2, 5)),
        ("fitness > 0.9", ("fitness", "", "", ">", 0.9, 30)),
        ("conforming >= 80 %", ("conforming", "", "", "≥", 0.8, 30)),
        ("too late Have it <= 5%", ("deviation", "Have it", "late", "≤", 0.05, 30)),
        ("out of order Pay <= 5%", ("deviation", "Pay", "order", "≤", 0.05, 30)),
        ("stopped Pay <= 50%", ("deviation", "Pay", "stopped", "≤", 0.5, 30)),
        ("metric CES >= 5.5 with n >= 50", ("metric", "CES", "", "≥", 5.5, 50)),
        (
            "metric Largest contentful paint, 75th percentile < 2.5 s",
            ("metric", "Largest contentful paint, 75th percentile", "", "<", 2.5, 30),
        ),
        ("metric NPS > -10", ("metric", "NPS", "", ">", -10, 30)),
    ],
)
def test_sentences(sentence, told):
    found = one(sentence)
    assert (found.subject, found.name, found.at, found.sign, pytest.approx(found.bound), found.least) == told
    assert (found.line, found.text) == (3, sentence)


def test_several_journeys_and_periods():
    found = read(
        "- journey: A\n  period: last 30 days\n  case: order_id\n  tests: [fitness > 0.5]\n- journey: B\n  period: any time\n  tests: [rework < 1]\n"
    )
    assert [(one.journey, one.case, one.period, one.its_own, one.line) for one in found] == [
        ("A", "order_id", {"kind": "last", "amount": 30, "unit": "days"}, False, 1), ("B", "", None, False, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "nothing in it"),
        ("journey: [", 1, "no YAML"),
        ("journey: A\ntests:\n  - rework\n", 3, "no test that I understand"),
        ("journey: A\ntests:\n\n  - joy > 1\n", 4, "nothing that can be tested"),
        ("journey: A\ntests:\n  - median time < 2\n", 3, "needs a unit"),
        ("journey: A\ntests:\n  - median time < 2 moons\n", 3, "no unit"),
        ("journey: A\ntests:\n  - reach B > 0.4\n", 3, "percent sign"),
        ("journey: A\ntests:\n  - rework < 1 s\n", 3, "has no unit"),
        ("journey: A\ntests: []\n", 2, "a list of 1 to"),
        ("journey: A\n", 1, "'tests' is missing"),
        ("journey: A\njourney: B\ntests: [rework < 1]", 2, "said twice"),
        ("journey: A\nfoo: 1\ntests: [rework < 1]", 2, "unknown here"),
        ("journey: A\nperiod: soon\ntests: [rework < 1]", 2, "no period"),
        ("journey: {a: 1}\ntests: [rework < 1]", 1, "a text is expected"),
        ("- 1\n- 2\n", 1, "begin with"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(text, line, said):
    with pytest.raises(Invalid) as error:
        read(text)
    assert error.value.message.startswith(f"Line {line}: ")
    assert said in error.value.message


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@\n #<>=1\t", max_size=60))
def test_no_file_breaks_it(text):
    with suppress(Invalid):
        read(text)
