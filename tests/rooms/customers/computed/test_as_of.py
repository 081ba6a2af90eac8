"""Values as of an instant: what the plain way gives for what was known by then, and nothing that was learned later."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.models import Activity, ComputedTrait, Merge
from amity.rooms.customers.queries.computed.frame import frame
from amity.rooms.trust.actions.tokens import create_system_token
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.audiences.keeping import keep, merge
from tests.rooms.customers.audiences.stories import DAY, NOW, person, row
from tests.rooms.customers.audiences.test_refresh import person as somebody
from tests.rooms.customers.audiences.test_refresh import row as one_row
from tests.rooms.customers.computed import naive, stories
from tests.rooms.customers.computed.splitting import Splitter
from tests.rooms.customers.computed.test_live import SPENT, trait
from tests.rooms.customers.people import Place

ZONE = "Europe/Zurich"
late = st.tuples(row, st.sampled_from([0, 1, DAY, 20 * DAY])).map(lambda pair: {**pair[0], "received": pair[0]["time"] + pair[1]})
PROFILE = ("'trait'", "'identifier'", "'consent'", "'account'")


def ledger(workspace: int, old, into, at: int) -> None:
    merge(workspace, old, into)
    Merge.objects.create(workspace_id=workspace, old_id=old, into_id=into, rule="alias", time=at - 5, merged_at=at, source_id=1, key=uuid4(),
                         identifiers=[], moved=[])  # fmt: skip


@pytest.mark.django_db(transaction=True)
@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    people=st.lists(st.tuples(person, st.lists(late, max_size=8)), min_size=2, max_size=4),
    wanted=st.lists(stories.value.filter(lambda v: not any(kind in repr(v) for kind in PROFILE)), min_size=1, max_size=6),
    data=st.data(),
)
def test_it_is_the_plain_way_over_what_was_known(past_ready, people, wanted, data):
    workspace = Workspace.objects.create(slug=f"a-{Workspace.objects.count()}-{id(people)}", name="W", time_zone=ZONE).pk
    split = Splitter(workspace)
    traits = [split.trait(value) for value in wanted]
    who = {keep(workspace, one | {"rows": rows}): rows for one, rows in people}
    first, second, *_ = who
    joined_at = NOW - data.draw(st.sampled_from([0, 2, 25])) * DAY
    ledger(workspace, second, first, joined_at)
    as_of = NOW - data.draw(st.sampled_from([0, 1, 3, 10, 30])) * DAY
    known = data.draw(st.sampled_from(["received", "happened"]))
    seen = {
        one: [r for r in rows if r["time"] <= as_of and (known == "happened" or r["received"] <= as_of)]
        for one, rows in who.items()
    }
    joined = as_of >= joined_at - (5 if known == "happened" else 0)
    if joined:
        seen[first] = seen[first] + seen.pop(second)
    then = {one: {"traits": {}, "identifiers": [], "consent": {}, "rows": rows} for one, rows in seen.items() if rows}
    got = frame(traits, workspace_id=workspace, purpose="necessary", as_of=as_of, known=known)
    assert set(got.then) == set(then)
    assert dict(zip(got.then, got.today, strict=True)) == {one: first if one == second else one for one in then}
    for made, value in zip(traits, wanted, strict=True):
        expected = naive.values(value, then, now=as_of, zone=ZONE)
        for one, value_then in zip(got.then, got.values[made.name], strict=True):
            assert naive.same(value_then, expected[one]), (value, as_of, known)


@pytest.fixture
def here(transactional_db, past_ready) -> Place:
    return Place()


def test_what_came_late_was_not_known(here):
    spent = trait(here.workspace.pk, SPENT, name="Spent")
    ada = keep(here.workspace.pk, somebody(one_row(value=10.0), one_row(at=NOW + 1, value=5.0, received=NOW + DAY)))

    def at(as_of, known="received"):
        got = frame([spent], workspace_id=here.workspace.pk, purpose="necessary", as_of=as_of, known=known)
        return dict(zip(got.then, got.values["Spent"], strict=True))

    assert at(NOW - 1) == {}
    assert at(NOW) == at(NOW + DAY - 1) == {ada: 10}
    assert at(NOW + DAY) == at(NOW + 1, "happened") == {ada: 15}


def test_what_is_known_as_of_now_only_is_refused(here):
    vip = {
        "kind": "cases",
        "of": [{"where": {"kind": "trait", "name": "vip", "is": "equal", "to": True}, "then": {"kind": "fixed", "is": 1}}],
    }
    made = trait(here.workspace.pk, vip)
    keep(here.workspace.pk, somebody(one_row()))
    with pytest.raises(Invalid, match="as of now only"):
        frame([made], workspace_id=here.workspace.pk, purpose="necessary", as_of=NOW)
    with pytest.raises(Invalid, match="one to come"):
        frame([made], workspace_id=here.workspace.pk, purpose="necessary", as_of=now_ms() + DAY)


def test_the_api_gives_a_file_of_those_who_allow_it(here):
    from pyarrow import parquet

    spent, names = (
        trait(here.workspace.pk, SPENT, name="Spent"),
        trait(here.workspace.pk, {"kind": "list", "event": {}, "of": "channel"}, name="as_of"),
    )
    ada, _ = keep(here.workspace.pk, somebody(one_row(value=10.0))), keep(here.workspace.pk, somebody(one_row(value=1.0)))
    Activity.objects.filter(customer_id=ada).update(consent={"analytics": [True, now_ms() - DAY, 1, str(uuid4())]})
    _, secret = create_system_token(workspace_id=here.workspace.pk, name="t", role="analyst")
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    asked = f"/api/v1/computed-traits/frame?trait={spent.pk}&trait={names.pk}&as_of=2026-11-20T00:00:00Z&known=happened"
    assert client.get(asked).status_code == 400
    answer = client.get(f"{asked}&purpose=analytics")
    assert (answer.status_code, answer["Amity-Withheld"]) == (200, "1")
    table = parquet.read_table(io.BytesIO(answer.content))
    assert table.select(["customer_id", "Spent", "as_of (trait)"]).to_pylist() == [
        {"customer_id": str(ada), "Spent": 10.0, "as_of (trait)": '["web"]'}
    ]
    _, viewing = create_system_token(workspace_id=here.workspace.pk, name="v", role="viewer")
    assert Client(headers={"Authorization": f"Bearer {viewing}"}).get(f"{asked}&purpose=analytics").status_code == 403
    other = ComputedTrait.objects.create(workspace=Place().workspace, name="x", definition={}, created_at=0, updated_at=0)
    assert client.get(f"/api/v1/computed-traits/frame?trait={other.pk}&as_of=2026-11-20&purpose=analytics").status_code == 404
