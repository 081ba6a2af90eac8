"""Steps of checks: read, written as lines, filled in, judged; secrets hidden; turns in time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.clock import MINUTE
from amity.kernel.errors import Invalid
from amity.rooms.metrics.rules.checks.filling import body_of, headers_of, hidden, url_of
from amity.rooms.metrics.rules.checks.judging import Given, fault_of, taken
from amity.rooms.metrics.rules.checks.language import Must, Step, Take, check_steps, hosts_of, read_steps, written_steps
from amity.rooms.metrics.rules.checks.lines import fields_of, must_of, steps_of
from amity.rooms.metrics.rules.checks.paths import Missing, is_path, text_of, value_at
from amity.rooms.metrics.rules.checks.patterns import first_group
from amity.rooms.metrics.rules.checks.slots import next_slot

AT = "https://shop.example/a"
WORD = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
MUSTS = st.one_of(
    st.builds(Must, of=st.just("status"), test=st.sampled_from(["is", "is_not"]), to=st.sampled_from(["200", "2xx", "200, 304"])),
    st.builds(Must, of=st.just("text"), test=st.sampled_from(["contains", "lacks"]), to=WORD),
    st.builds(Must, of=st.just("header"), test=st.sampled_from(["is", "contains"]), name=st.just("content-type"), to=WORD),
    st.builds(Must, of=st.just("json"), test=st.sampled_from(["is", "is_not"]), name=st.just("a[0].b"), to=WORD),
    st.builds(Must, of=st.just("json"), test=st.just("there"), name=st.just("a")),
    st.builds(Must, of=st.just("duration"), test=st.just("at_most"), to=st.integers(1, 99_999).map(str)),
)
TAKES = st.builds(Take, name=st.just("one"), by=st.sampled_from(["json", "pattern", "header"]), of=WORD)


def answer(body: bytes = b"", status: int = 200, ms: int = 10, **headers: str) -> Given:
    return Given(status=status, headers=headers, body=body, ms=ms)


@given(
    st.lists(
        st.builds(
            Step, url=st.just(AT), musts=st.lists(MUSTS, max_size=4).map(tuple), takes=st.lists(TAKES, max_size=3).map(tuple)
        ),
        min_size=1,
        max_size=3,
    )
)
def test_what_a_form_shows_is_what_it_reads(steps):
    assert steps_of([fields_of(one) for one in steps]) == steps
    assert read_steps(written_steps(steps)) == steps


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"url": "ftp://a.example"}, "https"),
        ({"url": "https://${host}/a"}, "host"),
        ({"url": "https://a.example/${who}"}, "neither a secret"),
        ({"url": "https://user:word@a.example/"}, "password"),
        ({"url": AT, "headers": {"Authorization": "Bearer abc"}}, "secret"),
        ({"url": AT, "headers": {"Host": "b.example"}}, "itself"),
        ({"url": AT, "headers": {"X-A": "a\r\nX-B: c"}}, "printable"),
        ({"url": AT, "takes": [{"name": "x", "by": "json", "of": "a b"}]}, "no path"),
        ({"url": AT, "takes": [{"name": "x", "by": "pattern", "of": "order"}]}, "group"),
        ({"url": AT, "musts": [{"of": "status", "test": "is", "to": "999"}]}, "no status"),
        ({"url": AT, "musts": [{"of": "status", "test": "lacks", "to": "200"}]}, "one can say"),
        ({"url": AT, "musts": [{"of": "duration", "test": "at_most", "to": "1.5"}]}, "milliseconds"),
        ({"url": AT, "body": "a\0b"}, "NUL"),
    ],
)
def test_what_can_not_be_done_is_refused_with_its_step(step, said):
    with pytest.raises(Invalid, match=said) as caught:
        check_steps(read_steps([{"url": AT}, step]), secrets=set())
    assert caught.value.message.startswith("Step 2")


def test_a_value_is_known_to_later_steps_only():
    first = {"url": AT, "takes": [{"name": "token", "by": "json", "of": "t"}]}
    later = {"url": AT, "headers": {"Authorization": "Bearer ${token}"}}
    check_steps(read_steps([first, later]), secrets=set())
    check_steps(read_steps([later]), secrets={"token"})
    with pytest.raises(Invalid, match="neither"):
        check_steps(read_steps([later, first]), secrets=set())
    assert hosts_of(read_steps([{"url": "https://A.example:8443/x?y=${t}"}, {"url": AT}])) == {
        "https://a.example:8443",
        "https://shop.example",
    }


def test_each_place_gets_its_values_as_it_needs_them():
    values = {"v": 'a"b/c d&e\n'}
    assert (
        url_of(Step(url="https://a.example/${v}?q=${v}"), values)
        == "https://a.example/a%22b%2Fc%20d%26e%0A?q=a%22b%2Fc%20d%26e%0A"
    )
    assert json.loads(body_of(Step(url=AT, body='{"x": "${v}"}'), values)) == {"x": values["v"]}
    form = Step(url=AT, body="x=${v}&y=1", headers={"content-type": "application/x-www-form-urlencoded"})
    assert body_of(form, values) == b"x=a%22b%2Fc+d%26e%0A&y=1"
    assert body_of(Step(url=AT, body="x=${v}"), values) == b'x=a"b/c d&e\n'
    assert headers_of(Step(url=AT, body="[1]"), {})["Content-Type"] == "application/json"


@given(st.text(min_size=4, max_size=30), st.text(max_size=20))
def test_a_secret_is_hidden_however_it_was_written(secret, around):
    step = Step(url="https://a.example/?q=${s}", body='{"x": "${s}"}')
    for text in (secret, url_of(step, {"s": secret}).partition("q=")[2], body_of(step, {"s": secret}).decode()):
        shown = hidden(f"<{text}>", [secret])
        assert "•••" in shown
    assert hidden(around, ["\x01never there\x01"]) == around


@pytest.mark.parametrize(
    ("line", "given_", "fails"),
    [
        ("status is 200", answer(), False),
        ("status is 2xx, 404", answer(status=404), False),
        ("status is 2xx", answer(status=301), True),
        ("status is not 5xx", answer(status=503), True),
        ("text contains Welcome", answer(b"Welcome back"), False),
        ("text lacks Welcome", answer(b"Welcome back"), True),
        ("header content-type contains json", answer(**{"content-type": "application/json"}), False),
        ("header x-a is 1", answer(), True),
        ("json a.b[1] is 5", answer(b'{"a": {"b": [1, 5.0]}}'), False),
        ("json a is true", answer(b'{"a": true}'), False),
        ("json a is not true", answer(b'{"a": true}'), True),
        ("json a is there", answer(b'{"a": null}'), False),
        ("json b is there", answer(b'{"a": null}'), True),
        ("json a contains b", answer(b'{"a": "abc"}'), False),
        ("json a is 1", answer(b"<html>"), True),
        ("json a is 1", answer(b"[" * 100_000), True),
        ("duration at most 800 ms", answer(ms=800), False),
        ("duration at most 800", answer(ms=801), True),
    ],
)  # fmt: skip
def test_what_must_hold(line, given_, fails):
    [step] = read_steps([{"url": AT, "musts": [must_of(line)]}])
    check_steps([step], secrets=set())
    reason, said = fault_of(step, given_, {})
    assert (reason, bool(said)) == ((line.split()[0], True) if fails else ("", False))


def test_without_a_wish_any_status_below_400_will_do():
    assert fault_of(Step(url=AT), answer(status=302), {}) == ("", "")
    assert fault_of(Step(url=AT), answer(status=404), {})[0] == "status"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    )
)
def test_every_value_of_json_stands_at_its_path(value):
    def walk(at, path):
        if path:
            assert is_path(path)
            assert value_at(value, path) is at
            text_of(at)
        for name, inner in at.items() if isinstance(at, dict) else ():
            walk(inner, f"{path}.{name}" if path else name)
        for n, inner in enumerate(at) if isinstance(at, list) else ():
            walk(inner, f"{path}[{n}]")

    walk(value, "")
    with pytest.raises(Missing):
        value_at(value, "none.of[9].these")


def test_values_are_taken_or_missed():
    takes = read_steps([{"url": AT, "takes": [{"name": "a", "by": "json", "of": "x.y"}, {"name": "b", "by": "pattern", "of": r"n-(\d+)"}, {"name": "c", "by": "header", "of": "Location"}]}])[0].takes  # fmt: skip
    assert taken(takes, answer(b'{"x": {"y": 7}, "z": "n-12 n-13"}', location="/there")) == {"a": "7", "b": "12", "c": "/there"}
    with pytest.raises(Invalid, match="a could not be taken"):
        taken(takes, answer(b'{"x": 1}'))


def test_a_pattern_takes_what_its_group_holds_and_no_time():
    assert first_group("order-([0-9]+)", "an order-12\nan order-13") == "12"
    assert first_group("(a+)+$", "a" * 200_000 + "b") is None  # which would take a backtracking engine for ever
    for wrong in ("order", "(", r"(a)\1", "(?=a)(b)"):
        with pytest.raises(Invalid):
            first_group(wrong, "order")


@given(st.sampled_from([1, 5, 60, 1_440]), st.integers(1, 10**6), st.integers(0, 2**42))
def test_turns_come_once_an_interval_and_never_twice(every, number, now):
    length = every * MINUTE
    following = next_slot(every=length, number=number, now=now)
    assert now < following <= now + length
    assert next_slot(every=length, number=number, now=following - 1) == following
    assert next_slot(every=length, number=number, now=following) == following + length
