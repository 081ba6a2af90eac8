"""A run of comparing customers, from the present and back to it, by the process that does it."""

from __future__ import annotations

import json

import pytest

from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.settings import settings
from amity.rooms.customers import api
from amity.rooms.customers.actions.matching import ask, run
from amity.rooms.customers.actions.matching.ask import ask_matching, choose_matching, stop_matching
from amity.rooms.customers.actions.matching.folder import sweep, working_folder
from amity.rooms.customers.actions.matching.run import run_next_matching
from amity.rooms.customers.actions.people import keep_apart, merge_customers
from amity.rooms.customers.models import Activity, MatchPair, MatchRun
from amity.rooms.customers.queries.matching.pairs import list_proposals
from amity.rooms.customers.queries.matching.people import list_people
from amity.rooms.customers.rules.matching.records import record_from
from tests.rooms.customers.making import event
from tests.rooms.customers.matching.crowd import access, made, town

pytestmark = pytest.mark.django_db


def work(workspace: int) -> MatchRun:
    asked = ask_matching(access(workspace))
    assert run_next_matching(stopping=lambda: False)
    asked.refresh_from_db()
    assert (asked.state, asked.trouble) == ("done", "")
    return asked


def proposed(workspace: int) -> set[tuple]:
    return {(one.first, one.second) for one in list_proposals(workspace_id=workspace)}


def test_who_stands_twice_is_proposed_and_the_same_again(workspace):
    twice = {tuple(sorted((a.pk, b.pk))) for a, b in town(workspace)}
    first = work(workspace)
    found = proposed(workspace)
    assert first.records == 190
    assert len(found & twice) >= 0.8 * len(twice)
    assert len(found & twice) >= 0.9 * len(found)
    assert first.proposed == len(found) == MatchPair.objects.count()
    row = MatchPair.objects.order_by("-weight")[0]
    assert row.weight == pytest.approx(row.prior + sum(part["weight"] + part["common"] for part in row.parts), abs=1e-6)
    before = dict(MatchPair.objects.values_list("id", "weight"))
    second = work(workspace)
    assert dict(MatchPair.objects.values_list("id", "weight")) == before
    assert second.model == first.model
    assert list(settings().matching.iterdir()) == []


def test_only_whom_it_concerns_is_compared(workspace, other_workspace):
    pairs = town(workspace)
    town(other_workspace, people=30, twice=5)
    apart, merged, objecting = pairs[0], pairs[1], pairs[2]
    keep_apart(access(workspace), first_id=apart[0].pk, second_id=apart[1].pk, reason="Twins")
    merge_customers(access(workspace), customer_ids=[one.pk for one in merged], reason="")
    Activity.objects.filter(customer_id=objecting[0].pk).update(consent={"record_matching": [False, 1, 0, "x"]})
    assert work(workspace).records == 188
    found = proposed(workspace)
    assert found
    assert not found & {tuple(sorted((a.pk, b.pk))) for a, b in (apart, merged, objecting)}
    assert MatchPair.objects.exclude(workspace_id=workspace).count() == 0


def test_who_may_not_ask_is_refused(workspace):
    with pytest.raises(Forbidden):
        ask_matching(access(workspace, "customers.read"))
    with pytest.raises(Forbidden):
        choose_matching(access(workspace, "customers.read"), schedule="", probability=0.9)
    asked = ask_matching(access(workspace))
    with pytest.raises(Invalid, match="already"):
        ask_matching(access(workspace))
    assert stop_matching(access(workspace), run_id=asked.pk).state == "stopped"
    with pytest.raises(Invalid, match="ended"):
        stop_matching(access(workspace), run_id=asked.pk)


def test_without_splink_it_says_how_to_install_it(workspace, monkeypatch):
    asked = ask_matching(access(workspace))
    for module in (ask, run):
        monkeypatch.setattr(module, "lacking", lambda: "pip install 'amity[matching]'")
    assert run_next_matching(stopping=lambda: False)
    asked.refresh_from_db()
    assert (asked.state, asked.trouble) == ("failed", "pip install 'amity[matching]'")
    with pytest.raises(Invalid, match="pip install"):
        ask_matching(access(workspace))


def test_a_run_is_stopped_in_the_middle_and_goes_on_after_a_crash(workspace, monkeypatch):
    town(workspace, people=30, twice=5)
    monkeypatch.setattr(run, "_TELL_EVERY", 0.0)
    asked = ask_matching(access(workspace))
    assert run_next_matching(stopping=lambda: True)  # the worker ends: another begins it anew
    asked.refresh_from_db()
    assert (asked.state, asked.claim) == ("waiting", "")

    def told(self, doing, share, *, now=False):
        MatchRun.objects.filter(pk=asked.pk).update(stop_asked=True)
        return tell(self, doing, share, now=now)

    tell = run._Work._tell
    monkeypatch.setattr(run._Work, "_tell", told)
    assert run_next_matching(stopping=lambda: False)
    asked.refresh_from_db()
    assert asked.state == "stopped"
    assert not MatchPair.objects.exists()
    assert not run_next_matching(stopping=lambda: False)


def test_too_little_memory_is_said(workspace, monkeypatch):
    town(workspace, people=40, twice=5)
    monkeypatch.setattr(run, "_command", lambda folder: ["/bin/sh", "-c", "echo _duckdb.OutOfMemoryException: x; exit 1"])
    asked = ask_matching(access(workspace))
    assert run_next_matching(stopping=lambda: False)
    asked.refresh_from_db()
    assert asked.state == "failed"
    assert "AMITY_MATCHING_MEMORY" in asked.trouble


def test_nobody_to_compare_is_no_trouble(workspace):
    done = work(workspace)
    assert (done.records, done.pairs, done.proposed) == (0, 0, 0)


def test_a_schedule_asks_when_its_time_has_come(workspace):
    choose_matching(access(workspace), schedule="daily", probability=0.9)
    assert ask.ask_scheduled() == 1
    assert ask.ask_scheduled() == 0
    MatchRun.objects.update(state="done", asked_at=0)
    assert ask.ask_scheduled() == 1
    assert MatchRun.objects.order_by("-id")[0].probability == 0.9
    with pytest.raises(Invalid, match="daily or weekly"):
        choose_matching(access(workspace), schedule="hourly", probability=0.9)
    with pytest.raises(Invalid, match="from 50%"):
        choose_matching(access(workspace), schedule="", probability=0.2)


def test_what_a_crash_left_is_deleted(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "held").touch()
    (tmp_path / "old" / "people").write_text("somebody")
    with working_folder() as folder:
        assert sweep(folder.parent) == 0
    assert not folder.exists()
    assert sweep(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_two_accounts_on_one_browser_with_one_address_are_proposed(workspace):
    """What keeps two accounts apart by itself is the limit of one user id; what they share is remembered, and speaks for one person."""
    town(workspace)
    mail = {"email": "ana@mail.example", "first_name": "Ana", "last_name": "Quim"}
    placed = api.place(
        [
            event("1", workspace=workspace, user_id="old", anonymous_id="b", kind="identify", traits=mail),
            event("2", workspace=workspace, user_id="new", anonymous_id="b", kind="identify", traits=mail, at=1),
        ]
    )
    first, second = sorted(one.customer_id for one in placed.placements)
    assert first != second
    work(workspace)
    (one,) = (one for one in list_proposals(workspace_id=workspace) if one.first == first)
    assert one.second == second
    parts = {part["key"]: part["words"] for part in MatchPair.objects.get(pk=one.id).parts}
    assert parts["given"] == "the same"
    lines = [line for some in list_people(workspace_id=workspace) for line in some]
    shared = [json.loads(line)["identifiers"] for line in lines if str(first) in line or str(second) in line]
    assert all(["email", "ana@mail.example"] in told and ["anonymous_id", "b"] in told for told in shared)
    assert not any("user_id" in line for line in lines)


def test_only_what_is_compared_is_written_down(workspace):
    made(workspace, {"first_name": "Ana", "last_name": "Quim", "health": "asthma", "orders": 7})
    ((line,),) = list_people(workspace_id=workspace)
    assert json.loads(line)["traits"] == {"first_name": "Ana", "last_name": "Quim"}
    assert record_from(line).family == "quim"
