"""What the console shows of sources and arrivals, as plain functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.rooms.collection.console.feed import Seen
from amity.rooms.collection.console.kinds import kind_beside, title_of
from amity.rooms.collection.console.live import matches
from amity.rooms.collection.console.opened import opened_from_seen, pretty
from amity.rooms.collection.console.snippets import SNIPPETS, coloured
from amity.rooms.collection.console.sparkline import HEIGHT, sparkline
from amity.rooms.collection.queries.latest import Wanted

KEY = "01890000-0000-7000-8000-000000000001"


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), max_size=24))
def test_bars_stay_inside_and_none_is_lost(counts):
    start = datetime(2026, 3, 1, tzinfo=UTC)
    line = sparkline([(start + timedelta(hours=n), a, r) for n, (a, r) in enumerate(counts)])
    assert len(line.bars) == sum(1 for a, r in counts if a or r)
    for bar, (accepted, rejected) in zip(line.bars, [c for c in counts if any(c)], strict=True):
        assert bar.height + bar.bad_height <= HEIGHT + 0.02
        assert bar.bad_top >= -0.02
        assert (bar.height > 0) == (accepted > 0)
        assert (bar.bad_height > 0) == (rejected > 0)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.slug)
def test_snippets_are_filled_in_and_escaped(snippet):
    code = snippet.code(write_key="wk_1", edge="https://e.example/")
    assert "wk_1" in code
    assert "https://e.example" in code
    assert "<<" not in code
    assert 'e.example/"' not in code
    assert "<script" not in coloured(code + "<script>")


@pytest.mark.parametrize("slug", ["python", "rudderstack", "posthog"])
def test_python_snippets_are_python(slug):
    snippet = next(s for s in SNIPPETS if s.slug == slug)
    compile(snippet.code(write_key="wk_1", edge="https://e.example"), slug, "exec")


def test_the_filter_asks_of_an_arrival_what_it_asks_of_the_past():
    seen = Seen(key=KEY, message_id="m-1", name="Order Completed", channel="web", source_id=3, body={"userId": "u-1"})
    dropped = Seen(key=KEY, message_id="m-2", name="Order Completed", outcome="no_identity")
    assert matches(seen, Wanted())
    assert all(matches(seen, Wanted(text=t)) for t in ("order", "m-1", "u-1"))
    assert not matches(seen, Wanted(text="u-"))
    assert not matches(seen, Wanted(channel="app"))
    assert not matches(seen, Wanted(source_id=4))
    assert not matches(seen, Wanted(outcome="rejected"))
    assert matches(dropped, Wanted(outcome="rejected"))
    assert matches(dropped, Wanted(text="no_identity"))


def test_what_was_dropped_says_where_and_why():
    steps = (("decode", "passed", 120), ("dedupe", "duplicate", 30))
    opened = opened_from_seen(Seen(key=KEY, name="x", outcome="duplicate", steps=steps, body={"userId": "u"}))
    assert opened.key == UUID(KEY)
    assert [(s.passed, s.took) for s in opened.steps] == [(True, 0.00012), (False, 0.00003)]
    assert "before" in opened.why


def test_any_body_can_be_shown():
    assert pretty('{"a": "ü"}') == '{\n  "a": "ü"\n}'
    assert pretty("no json {") == "no json {"
    assert pretty("[" * 100_000) == "[" * 100_000


@pytest.mark.parametrize(
    ("name", "kind", "title", "beside"),
    [
        ("Order Completed", "track", "Order Completed", ""),
        ("", "track", "Without a name", ""),
        ("", "identify", "Identified", ""),
        ("identify", "identify", "Identified", ""),
        ("", "page", "Page view", ""),
        ("Home", "page", "Home", "Page view"),
        ("", "telepathy", "telepathy", ""),
    ],
)
def test_an_arrival_says_once_what_it_was(name, kind, title, beside):
    assert (title_of(name=name, kind=kind), kind_beside(name=name, kind=kind)) == (title, beside)
