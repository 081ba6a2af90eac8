"""Clocks by law, states, hints, and what an archive's page makes of what it is given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.rooms.trust.rules.archive import About, cells, columns, page
from amity.rooms.trust.rules.erasure.states import hint_of
from amity.rooms.trust.rules.rights import ENDED, KINDS, LAWS, STATES, business_days, clock, may_become, months, urgency

instants = st.datetimes(datetime.fromisoformat("2018-01-01"), datetime.fromisoformat("2090-01-01"))
NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("law", "kind", "received", "due", "latest", "confirm"),
    [
        # The European Data Protection Board's own example of a month that is shorter: the last day of February.
        ("gdpr", "access", NOON, (2026, 2, 28), (2026, 4, 30), None),
        ("gdpr", "access", datetime(2028, 1, 31, tzinfo=UTC), (2028, 2, 29), (2028, 4, 30), None),
        ("gdpr", "restriction", datetime(2026, 12, 5, tzinfo=UTC), (2027, 1, 5), (2027, 3, 5), None),
        ("ccpa", "access", NOON, (2026, 3, 16), (2026, 4, 30), (2026, 2, 13)),
        ("ccpa", "opt_out", NOON, (2026, 2, 20), None, None),
        ("ccpa", "restriction", NOON, (2026, 2, 20), None, None),
        ("lgpd", "access", NOON, (2026, 2, 14), None, None),
        ("pipeda", "access", NOON, (2026, 3, 1), (2026, 3, 31), None),
    ],
)  # fmt: skip
def test_each_law_has_its_times(law, kind, received, due, latest, confirm):
    found = clock(law, kind, received)
    day = lambda one: one and (one.year, one.month, one.day)  # noqa: E731
    assert (day(found.due), day(found.latest), day(found.confirm_by)) == (due, latest, confirm)


@given(instants, st.sampled_from(list(LAWS)), st.sampled_from(list(KINDS)))
def test_no_clock_runs_backwards(received, law, kind):
    found = clock(law, kind, received)
    assert received + timedelta(days=14) < found.due
    assert found.latest is None or found.latest > found.due
    assert found.confirm_by is None or received < found.confirm_by < found.due


@given(instants, st.integers(1, 60))
def test_business_days_are_counted_one_by_one(start, days):
    end = business_days(start, days)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(one.weekday() < 5 for one in between) == days
    assert end.weekday() < 5


@given(instants, st.integers(1, 12))
def test_a_month_later_is_the_next_month(start, count):
    end = months(start, count)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == count
    assert end.day == start.day or (end + timedelta(days=1)).day == 1


def test_what_has_ended_stays_ended():
    assert all(not may_become(state, then) for state in ENDED for then in STATES)
    assert may_become("unverified", "refused")
    assert not may_become("unverified", "done")


def test_urgency_begins_seven_days_before():
    assert urgency("open", NOON, NOON + timedelta(seconds=1)) == "overdue"
    assert urgency("open", NOON, NOON - timedelta(days=7)) == "soon"
    assert urgency("open", NOON, NOON - timedelta(days=7, seconds=1)) == ""
    assert urgency("done", NOON, NOON + timedelta(days=400)) == ""


@given(st.text(min_size=1, max_size=200))
def test_a_hint_never_holds_the_whole(value):
    said = hint_of("user_id", value)
    assert len(said) <= 120
    if len(value.strip()) > 4:
        assert value.strip() not in said


def test_a_hint_of_an_address():
    assert hint_of("email", "ada.lind@mail.example") == "email a…@m….example"


class Reader(HTMLParser):
    """What a browser would make of the page: tags with attributes, and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text.append(data)


def drawn(record) -> str:
    about = About(
        company="Linden & <b>", request="r", kind="access", made_at=NOON, contents=[("customers.profile", "Profile", 1)]
    )
    return "".join(page(about, [("customers.profile", [record])]))


HOSTILE = "<img src=x onerror=alert(1)>\"'</style><script>"
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.just(HOSTILE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10) | st.just(HOSTILE), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=10) | st.just(HOSTILE), anything, max_size=5))
def test_whatever_is_in_a_record_stays_text(record):
    reader = Reader()
    reader.feed(drawn(record))
    assert set(reader.tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "code", "nav", "ul", "li", "a", "span", "section",
        "article", "dl", "dt", "dd",
    }  # fmt: skip
    assert reader.attributes <= {"lang", "charset", "name", "content", "href", "id", "aria-label"}


def test_times_are_said_and_json_within_text_is_opened():
    said = drawn(
        {"first_seen": 1_769_774_400_000, "properties": '{"colour": "blue", "deep": {"er": [1, 2]}}', "number": 1_769_774_400_000}
    )
    assert "30 January 2026, 12:00:00 UTC" in said
    assert "<dt>Colour</dt><dd>blue</dd>" in said
    assert "<dt>Er</dt><dd>1, 2</dd>" in said
    assert "1769774400000" in said


def test_tables_hold_every_field_and_no_formula():
    records = [{"a": 1, "b": "=1+1"}, {"b": None, "c": {"x": [1]}}, {"a": True}]
    names = columns(records)
    assert names == ["a", "b", "c"]
    assert [cells(one, names) for one in records] == [["1", "'=1+1", ""], ["", "", '{"x": [1]}'], ["true", "", ""]]
