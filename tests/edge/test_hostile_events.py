"""Every kind of poison in every dialect, through the running edge: put aside with its reason, or kept; its neighbours pass."""

from __future__ import annotations

import pytest

from tests.edge.conftest import Edge
from tests.hostile.poison import DIALECTS, FIELDS, GOOD, Case, batch, cases, event, fate_in, field_event


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
async def test_poison_takes_only_itself(edge: Edge, dialect: str, case: Case):
    path, body = batch(dialect, edge.key.write_key, event(dialect, "bad", case.properties))
    answer = await edge.http.post(path, content=body)
    assert answer.status_code == 200, answer.text
    fate = fate_in(dialect, case)
    if (
        fate == "bad_number" and dialect != "posthog"
    ):  # in usual requests whoever reads the log finds it: tests/hostile/test_end_to_end.py
        fate = "kept"
    told = [(one["index"], one["reason"]) for one in answer.json().get("rejected", [])]
    assert told == ([] if fate == "kept" else [(1, fate)])
    kept = [one.message_id for one in await edge.stored()]
    assert kept == [GOOD[0], *(["bad"] if fate == "kept" else []), GOOD[1]]
    assert {one.dialect for one in edge.seen} == {dialect}
    assert [one.reason for one in await edge.rejected()] == ([] if fate == "kept" else [fate])


@pytest.mark.parametrize(("fields", "fate"), FIELDS.values(), ids=FIELDS)
async def test_an_events_own_fields(edge: Edge, fields: bytes, fate: str):
    path, body = batch("segment", edge.key.write_key, field_event(fields))
    answer = await edge.http.post(path, content=body)
    assert answer.status_code == 200, answer.text
    assert [(one["index"], one["reason"]) for one in answer.json().get("rejected", [])] == ([] if fate == "kept" else [(1, fate)])
    names = [one.message_id for one in await edge.stored()]
    assert (names[0], names[-1], len(names)) == (*GOOD, 3 if fate == "kept" else 2)
    assert all(0 < len(name) <= 100 for name in names)
