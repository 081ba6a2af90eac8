"""What others' identity graphs are known to fail at, and what may happen while merges are taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from amity.engines.past.client import past
from amity.engines.present.models import PastBatch
from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.customers import api
from amity.rooms.customers.contracts import Conflict
from amity.rooms.customers.models import Activity, Customer, Identifier, Refusal, Unmerge, UnmergeRun
from amity.rooms.customers.queries.export import customers as exported
from amity.rooms.customers.queries.ledger import get_entries
from amity.rooms.customers.queries.merges import Wanted, count_matching
from amity.rooms.customers.rules.export.wanted import CustomersWanted
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.histories import MINUTE, event, merges, send, snapshot, unmerge
from tests.rooms.customers.test_people_decide import access
from tests.rooms.customers.test_unmerge import tablet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]


class Killed(BaseException):
    """As if the process ended here."""


def test_a_shared_tablet_chains_no_strangers(workspace):
    people = [
        event(f"{n}", workspace=workspace, user_id=f"user-{n}", anonymous_id="ipad", at=n * MINUTE, kind="identify",
              traits={"email": f"p{n}@x.org"}) for n in range(6)
    ]  # fmt: skip
    assert len({one.customer_id for one in send(people)}) == 6
    assert Refusal.objects.filter(kind="anonymous_id", value="ipad", reason="limit").count() == 5


def test_a_hard_coded_id_that_joined_hundreds_comes_apart_at_once(workspace):
    visitors = [event(f"v{n}", workspace=workspace, anonymous_id=f"a{n}", at=n) for n in range(60)]
    send([*visitors, *(event(f"qa{n}", workspace=workspace, user_id="qa", anonymous_id=f"a{n}", at=100 + n) for n in range(60))])
    assert Activity.objects.filter(merged=False).count() == 1
    wanted = Wanted(kind="user_id", value="qa", rule="shared_identifiers")
    assert count_matching(workspace_id=workspace, wanted=wanted).merges == 59
    unmerge(workspace, kind="user_id", value="qa")
    api.resequence_marked()
    assert Activity.objects.filter(merged=False).count() == 60
    found = snapshot(workspace)
    assert sum(state["activity"]["interactions"] for state in found.values()) == 120
    assert sorted(len(names) for names, _ in found) == [*[1] * 59, 61]
    run = UnmergeRun.objects.get()
    assert (run.total, run.done, run.moved) == (59, 59, 0)  # whatever carried the id is the one's who had it first


def test_nobody_is_null(workspace):
    """identify(null) made one person of everybody elsewhere."""
    nulls = ["null", "undefined", "NaN", "0", "[object Object]", "anonymous", "00000000-0000-0000-0000-000000000000"]
    placed = send([event(f"{n}", workspace=workspace, user_id=v, anonymous_id=f"b{n}", at=n) for n, v in enumerate(nulls)])
    assert len({one.customer_id for one in placed}) == len(nulls)
    assert not Identifier.objects.filter(kind="user_id").exists()


def test_split_profiles_rejoin_when_evidence_comes_later(workspace):
    send([event("a", workspace=workspace, anonymous_id="a"), event("u", workspace=workspace, user_id="u", at=MINUTE)])
    late = event(
        "both", workspace=workspace, anonymous_id="a", user_id="u", at=-MINUTE, received_at=event("x", workspace=1).time + 9
    )
    send([late])
    api.resequence_marked()
    ((names, _),) = snapshot(workspace)
    assert names == ("a", "both", "u")


def test_no_order_of_arrival_drops_an_identifier(workspace, other_workspace):
    def story(where):
        return [
            event("1", workspace=where, anonymous_id="a", at=0, received_at=1),
            event("2", workspace=where, anonymous_id="a", user_id="u", at=1, received_at=2),
            event("3", workspace=where, user_id="u", kind="identify", traits={"email": "u@x.org"}, at=2, received_at=3),
            event("4", workspace=where, kind="alias", user_id="u", previous_id="old", at=3, received_at=4),
        ]

    send(story(workspace))
    send(story(other_workspace)[::-1])
    held = [set(Identifier.objects.filter(workspace_id=w).values_list("kind", "value")) for w in (workspace, other_workspace)]
    assert held[0] == held[1]
    assert all(Activity.objects.filter(workspace_id=w, merged=False).count() == 1 for w in (workspace, other_workspace))


def test_the_one_who_stays_loses_no_properties(workspace):
    send([
        event("1", workspace=workspace, user_id="u", kind="identify", traits={"name": "Ada", "plan": "paid"}),
        event("2", workspace=workspace, anonymous_id="a", kind="identify", traits={"plan": "free", "city": "Porto"}, at=1),
    ])  # fmt: skip
    before = snapshot(workspace)
    send([event("3", workspace=workspace, user_id="u", anonymous_id="a", at=2)])
    (joined,) = snapshot(workspace).values()
    assert {(n, v) for n, v, _ in joined["traits"]} == {("name", "Ada"), ("plan", "free"), ("city", "Porto")}
    unmerge(workspace, merges(workspace)[0].pk)
    assert sorted(str(one["traits"]) for one in snapshot(workspace).values()) == sorted(
        str(one["traits"]) for one in before.values()
    )


def test_2500_identifiers_are_refused_beyond_the_limit_and_can_be_read(workspace):
    send([event(f"{n}", workspace=workspace, user_id="u", anonymous_id=f"b{n}", at=n) for n in range(130)])
    assert Identifier.objects.filter(kind="anonymous_id").count() == 100
    who = Identifier.objects.get(kind="user_id").customer_id
    page = get_entries(workspace_id=workspace, customer_id=who, limit=50)
    assert (page.total, page.after) == (1 + 101 + 30, 50)
    seen = list(page.entries)
    while page.after:
        page = get_entries(workspace_id=workspace, customer_id=who, after=page.after, limit=50)
        seen += page.entries
    assert len(seen) == page.total
    assert sum(one.what == "left_out" for one in seen) == 30


def test_the_middle_of_a_chain_comes_out(workspace):
    names = "abc"
    send([event(n, workspace=workspace, anonymous_id=n, at=i) for i, n in enumerate(names)])
    send([
        event("ab", workspace=workspace, anonymous_id="a", kind="alias", user_id="x", previous_id="b", at=10),
        event("bc", workspace=workspace, user_id="x", kind="alias", previous_id="c", at=20),
    ])  # fmt: skip
    first, second = merges(workspace)
    unmerge(workspace, first.pk)
    api.resequence_marked()
    assert {tuple(v for k, v, _ in held if k == "anonymous_id") for _, held in snapshot(workspace)} == {("a", "c"), ("b",)}
    assert [one.pk for one in merges(workspace)] == [second.pk]


def test_notes_lists_search_and_exports_follow(workspace):
    send(tablet(workspace))
    (merge,) = merges(workspace)
    note = event("Note added", workspace=workspace, customer_id=merge.old_id, voice="ours", at=6 * MINUTE)
    send(
        [
            event("Told us", workspace=workspace, anonymous_id="tablet", at=5 * MINUTE, kind="identify", traits={"name": "Rui"}),
            note,
        ]
    )
    unmerge(workspace, merge.pk)
    api.resequence_marked()
    by_name = [names for names, _ in snapshot(workspace)]
    assert any("Note added" in names and "Ben" in names for names in by_name)
    assert [one.id for one in api.search_customers(workspace_id=workspace, text="rui").lines] == [merge.into_id]
    assert [one.id for one in api.search_customers(workspace_id=workspace, text="ben@x.org").lines] == [merge.old_id]
    assert api.list_customers(workspace_id=workspace).total == 2
    rows = [
        row
        for block in exported(workspace_id=workspace, wanted=CustomersWanted(purpose="necessary"), withheld=int)
        for row in zip(*block, strict=True)
    ]
    assert len(rows) == 2
    unfinished = past().query(f"SELECT count() FROM interactions_raw WHERE workspace_id = {workspace}").result_rows[0][0]
    assert unfinished == 7


def test_it_goes_on_where_it_was_killed(workspace):
    send(tablet(workspace))
    (merge,) = merges(workspace)
    api.ask_unmerge(access(workspace), wanted=Wanted(merge=merge.pk), reason="")

    def kill(_: str) -> None:
        raise Killed

    for when in ("after rows", "before commit"):
        with pytest.raises(Killed), transaction.atomic():
            api.work_unmerges(at=lambda at, when=when: kill(at) if at == when else None)
        assert Customer.objects.get(id=merge.old_id).merged_into == merge.into_id
    assert api.work_unmerges() == 1
    rows = (
        past().query(f"SELECT count(), uniqExact(message_key) FROM interactions_raw WHERE workspace_id = {workspace}").first_row
    )
    assert tuple(rows) == (5, 5)
    assert Customer.objects.get(id=merge.old_id).merged_into is None


def test_a_move_that_was_broken_off_between_copy_and_removal_is_made_whole(workspace, monkeypatch):
    from amity.rooms.customers.actions.unmerge import give

    send(tablet(workspace))
    (merge,) = merges(workspace)
    api.ask_unmerge(access(workspace), wanted=Wanted(merge=merge.pk), reason="")
    real = give.command
    with monkeypatch.context() as patched:
        patched.setattr(give, "command", lambda sql, **p: (_ for _ in ()).throw(Killed()) if "DELETE" in sql else real(sql, **p))
        with pytest.raises(Killed), transaction.atomic():
            api.work_unmerges()
    count = f"SELECT count(), uniqExact(message_key) FROM interactions_raw WHERE workspace_id = {workspace}"
    assert tuple(past().query(count).first_row) == (6, 5)
    assert api.work_unmerges() == 1
    assert tuple(past().query(count).first_row) == (5, 5)


def test_it_waits_until_all_rows_are_in_the_past(workspace):
    send(tablet(workspace))
    api.ask_unmerge(access(workspace), wanted=Wanted(merge=merges(workspace)[0].pk), reason="")
    waiting = PastBatch.objects.create(token="t", table="interactions_raw", rows=1, body=b"")
    assert api.work_unmerges() == 0
    waiting.delete()
    assert api.work_unmerges() == 1


def test_what_the_past_no_longer_holds_is_taken_from_the_ledger(workspace):
    """Retention took the rows: identifiers, traits and answers still go back to whom they were told of."""
    send(tablet(workspace))
    before = {str(held): one["traits"] for (_, held), one in snapshot(workspace).items()}
    assert len(before) == 1
    past().command(f"DELETE FROM interactions_raw WHERE workspace_id = {workspace}")
    unmerge(workspace, merges(workspace)[0].pk)
    found = {held: [(n, v) for n, v, _ in one["traits"]] for (_, held), one in snapshot(workspace).items()}
    assert found == {
        (("anonymous_id", "tablet", False),): [("city", "Porto"), ("plan", "free")],
        (("anonymous_id", "phone", False), ("email", "ben@x.org", False), ("user_id", "ben", False)): [
            ("email", "ben@x.org"), ("note", None), ("plan", "paid"),
        ],
    }  # fmt: skip


def test_asking_is_refused_stopped_and_never_doubled(workspace):
    send(tablet(workspace))
    (merge,) = merges(workspace)
    with pytest.raises(Forbidden):
        api.ask_unmerge(access(workspace, "customers.write"), wanted=Wanted(merge=merge.pk), reason="")
    with pytest.raises(Invalid, match="Say which"):
        Wanted()
    run = api.ask_unmerge(access(workspace), wanted=Wanted(merge=merge.pk), reason="")
    with pytest.raises(Invalid, match="waiting"):
        api.ask_unmerge(access(workspace), wanted=Wanted(rule="shared_identifiers"), reason="")
    api.stop_unmerge(access(workspace), run_id=run.pk)
    assert not Unmerge.objects.exists()
    assert api.work_unmerges() == 0
    assert len(merges(workspace)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_looked_before_and_locks_after_is_worked_again(transactional_db):
    house = Workspace.objects.create(slug="parted-house", name="Parted").pk
    send(tablet(house))
    (merge,) = merges(house)
    looked, go = Event(), Event()

    def late_batch():
        from amity.rooms.customers.actions import place

        real, first = place.lock, [True]

        def slow(customers):
            if first.pop() if first else False:
                looked.set()
                assert go.wait(20)
            return real(customers)

        place.lock = slow
        try:
            with transaction.atomic():
                return api.place([event("Later", workspace=house, user_id="ben", at=9 * MINUTE)])
        finally:
            place.lock = real
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        batch = threads.submit(late_batch)
        assert looked.wait(20)
        unmerge(house, merge.pk)
        go.set()
        assert isinstance(batch.exception(20), Conflict)
    with transaction.atomic():
        (placed,) = api.place([event("Later", workspace=house, user_id="ben", at=9 * MINUTE)]).placements
    assert placed.customer_id == merge.old_id
