"""What people say of proposals, and what becomes of them: by hand, by other merges, by unmerges, by objection and erasure."""

from __future__ import annotations

import pytest

from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.holdings import Subject, holders
from amity.kernel.ids import new_id
from amity.rooms.customers import api
from amity.rooms.customers.actions.matching.keep import keep
from amity.rooms.customers.models import Activity, Apart, Customer, MatchPair, MatchRun, Merge
from amity.rooms.customers.queries.matching.groups import groups_of
from amity.rooms.customers.queries.matching.pairs import count_proposals, list_proposals, proposals_of
from amity.rooms.customers.queries.matching.people import records_of
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.matching.crowd import access, made

pytestmark = pytest.mark.django_db
PARTS = [
    {"key": "given", "level": 0, "words": "the same", "m": 0.7, "u": 0.01, "weight": 6.1, "common": 0.5},
    {"key": "email", "level": -1, "words": "not known of both", "weight": 0.0, "common": 0.0},
    {"key": "birth", "level": 3, "words": "different", "m": 0.05, "u": 0.9, "weight": -4.0, "common": 0.0},
]
LEARNED = {
    "prior": 0.001,
    "records": 5,
    "pairs": 3,
    "comparisons": {},
    "assumed": [],
    "left_out": [],
    "too_common": {},
    "most_sharing": 100,
}


class Queue:
    """Customers a, b, c, d of one workspace, oldest first, and proposals among them."""

    def __init__(self, workspace: int) -> None:
        self.workspace, self.access = workspace, access(workspace)
        self.ids = dict(zip("abcd", sorted(new_id() for _ in range(4)), strict=True))
        for name, id_ in self.ids.items():
            made(workspace, {"first_name": name, "city": "Porto"}, id_=id_)

    def propose(self, *pairs: str, **marks) -> None:
        """Let a run find pairs such as "ab", the first the heaviest."""
        run = MatchRun.objects.create(workspace_id=self.workspace, state="running", claim="x", asked_at=0, probability=0.5)
        found = [
            {"first": str(self.ids[one]), "second": str(self.ids[other]), "weight": 9.0 - n, "probability": 0.99, "parts": PARTS}
            for n, (one, other) in enumerate(pairs)
        ]
        now = {
            one: record.mark() for one, record in records_of(workspace_id=self.workspace, customer_ids=self.ids.values()).items()
        }
        keep(run, learned=LEARNED, pairs=found, marks=now)

    def open(self) -> list[str]:
        names = {id_: name for name, id_ in self.ids.items()}
        return [names[one.first] + names[one.second] for one in list_proposals(workspace_id=self.workspace)]

    def id(self, pair: str) -> int:
        return next(
            one.id
            for one in list_proposals(workspace_id=self.workspace)
            if {one.first, one.second} == {self.ids[name] for name in pair}
        )


@pytest.fixture
def queue(workspace) -> Queue:
    return Queue(workspace)


def test_who_is_accepted_becomes_one_with_the_evidence_in_the_ledger(queue):
    queue.propose("ab")
    into = api.accept_match(queue.access, pair_id=queue.id("ab"), reason="Called them")
    assert into == queue.ids["a"]
    row = Merge.objects.get()
    assert row.reason == "Called them (Match weight 9.0, probability 99%: first name the same)"
    assert (row.rule, row.person) == ("people", "Nadia Okafor")
    pair = MatchPair.objects.get()
    assert (pair.state, pair.person, pair.reason) == ("accepted", "Nadia Okafor", "Called them")
    assert count_proposals(workspace_id=queue.workspace) == 0
    with pytest.raises(NotFound):
        api.accept_match(queue.access, pair_id=pair.pk, reason="")


def test_not_now_holds_until_one_of_them_changes(queue):
    queue.propose("ab", "cd")
    api.reject_match(queue.access, pair_id=queue.id("ab"), reason="Not sure")
    assert queue.open() == ["cd"]
    assert AuditEntry.objects.get(action="matching.rejected").after["reason"] == "Not sure"
    queue.propose("ab", "cd")
    assert queue.open() == ["cd"]
    Customer.objects.filter(id=queue.ids["b"]).update(traits={"first_name": "b", "city": "Porto", "plan": "pro"})
    queue.propose("ab")
    assert queue.open() == []  # a plan isn't compared
    Customer.objects.filter(id=queue.ids["b"]).update(traits={"first_name": "b", "city": "Lisbon"})
    queue.propose("ab")
    assert queue.open() == ["ab"]


def test_never_keeps_them_apart_whatever_comes(queue):
    queue.propose("ab")
    api.block_match(queue.access, pair_id=queue.id("ab"), reason="Father and son")
    assert {(row.first_now, row.second_now) for row in Apart.objects.all()} == {(queue.ids["a"], queue.ids["b"])}
    Customer.objects.filter(id=queue.ids["b"]).update(traits={"first_name": "a"})
    queue.propose("ab")
    assert queue.open() == []
    assert MatchPair.objects.get().state == "blocked"


def test_what_isnt_found_again_is_gone(queue):
    queue.propose("ab", "cd")
    queue.propose("cd")
    assert queue.open() == ["cd"]
    assert MatchPair.objects.count() == 1


def test_pairs_follow_the_survivor_and_come_back_with_an_unmerge(queue):
    queue.propose("bc", "ac", "cd")
    into = api.merge_customers(queue.access, customer_ids=[queue.ids["a"], queue.ids["b"]], reason="")
    assert queue.open() == ["ac", "cd"]  # the heavier of two that are one now stands for both
    assert [one.weight for one in proposals_of(workspace_id=queue.workspace, customer_id=into)] == [9.0]
    api.reject_match(queue.access, pair_id=queue.id("ac"))
    assert queue.open() == ["cd"]
    queue.propose("ac", "cd")
    assert queue.open() == ["cd"]
    Customer.objects.filter(id=queue.ids["d"]).update(merged_into=queue.ids["c"])
    assert queue.open() == []
    Customer.objects.filter(id=queue.ids["d"]).update(merged_into=None)
    assert queue.open() == ["cd"]


def test_a_group_is_joined_in_part(queue):
    queue.propose("ab", "bc", "cd")
    (group,) = groups_of(list_proposals(workspace_id=queue.workspace))
    assert (len(group.customers), [one.weight for one in group.pairs]) == (4, [9.0, 8.0, 7.0])
    stranger = made(queue.workspace, {"first_name": "x"}).pk
    with pytest.raises(Invalid, match="group"):
        api.accept_match(queue.access, pair_id=queue.id("ab"), reason="", also=[stranger])
    api.accept_match(queue.access, pair_id=queue.id("ab"), reason="", also=[queue.ids["c"]])
    assert Customer.objects.filter(merged_into=queue.ids["a"]).count() == 2
    assert queue.open() == ["ad"]
    assert MatchPair.objects.filter(state="accepted").count() == 2


def test_who_objects_is_proposed_no_more(queue):
    queue.propose("ab", "cd")
    Activity.objects.filter(customer_id=queue.ids["a"]).update(consent={"record_matching": [False, 1, 0, "x"]})
    assert queue.open() == ["cd"]
    assert count_proposals(workspace_id=queue.workspace) == 1
    with pytest.raises(NotFound):
        api.accept_match(queue.access, pair_id=MatchPair.objects.get(first_id=queue.ids["a"]).pk, reason="")


@pytest.mark.usefixtures("past_ready")
def test_who_is_erased_leaves_the_proposals(queue):
    queue.propose("ab", "cd")
    api.reject_match(queue.access, pair_id=queue.id("ab"))
    queue.propose("bc", "cd")
    subject = Subject(workspace_id=queue.workspace, customer_ids=(queue.ids["b"],), identifiers=())
    assert holders()["customers"].find(subject)["customers.matches"] == 2
    api_holder = holders()["customers"]
    assert [one.data["state"] for one in api_holder.export(subject) if one.store == "customers.matches"] == ["rejected", "open"]
    api_holder.erase(subject)
    assert queue.open() == ["cd"]
    assert MatchPair.objects.count() == 1


def test_only_who_may_decides_and_only_in_their_workspace(queue, other_workspace):
    queue.propose("ab")
    pair = queue.id("ab")
    for act in (api.accept_match, api.reject_match, api.block_match):
        with pytest.raises(Forbidden):
            act(access(queue.workspace, "customers.read"), pair_id=pair, reason="")
        with pytest.raises(NotFound):
            act(access(other_workspace), pair_id=pair, reason="")
    assert MatchPair.objects.get().state == "open"
