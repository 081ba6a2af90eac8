"""Pages of identity rules and of taking many joins back: what they show, what they refuse, and who may."""

from __future__ import annotations

import pytest
from django.db.models import Q

from amity.rooms.customers import api
from amity.rooms.customers.models import Activity, IdentityRun, IdentityVersion, UnmergeRun
from amity.rooms.customers.queries.ruleset.kept import get_draft, rules_in_force
from amity.workers.carrier import carry
from tests.rooms.customers.people import Place
from tests.rooms.customers.ruleset.rewriting import work_on
from tests.rooms.customers.ruleset.test_runs import chained

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]


@pytest.fixture
def here() -> Place:
    place = Place()
    chained(place.workspace.pk)
    return place


def at(place: Place, rest: str = "") -> str:
    return f"/w/{place.workspace.slug}/identity/{rest}"


def text(answer) -> str:
    return answer.content.decode()


def rule(**given: str) -> dict[str, str]:
    return {"limit": "1", "priority": "1", "blocked": "null\nqa", "patterns": ""} | given


def test_from_the_draft_to_a_version(here):
    page = text(here.client.get(at(here)))
    assert "One person has one account" in page
    assert "The draft" not in page
    assert 'value="user_id"' not in page
    saved = here.client.post(at(here, "kinds/user_id/"), rule(), follow=True)
    assert "Blocks the value qa." in text(saved)
    assert "Try it over history" in text(saved)
    assert rules_in_force(here.workspace.pk).of("user_id").blocked >= {"null"}
    assert "qa" not in rules_in_force(here.workspace.pk).of("user_id").blocked
    asked = here.client.post(at(here, "runs/"), follow=True)
    assert "hx-get" in text(asked)
    assert "A dry run goes on" in text(here.client.post(at(here, "runs/"), follow=True))
    api.work_trials()
    run = IdentityRun.objects.get()
    found = text(here.client.get(at(here, f"runs/{run.pk}/")))
    assert "Would be split" in found
    assert "Largest customers" in found
    assert "Apply these rules" in found
    assert text(here.client.get(at(here, f"runs/{run.pk}/"), headers={"HX-Target": "run"})).lstrip().startswith('<div id="run"')
    here.client.post(at(here, "apply"), {"note": "Test ids"})
    api.work_trials()
    work_on()
    assert Activity.objects.filter(merged=False).count() == 5
    page = text(here.client.get(at(here)))
    assert "Test ids" in page
    assert "0 merged, 1 split" in page
    assert "own rule" in page
    assert "applied already" in text(here.client.get(at(here, f"runs/{run.pk}/")))
    here.client.post(at(here, "versions/0/draft"))
    assert not get_draft(here.workspace.pk).rules.kinds


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"limit": "few"}, "A limit is a whole number"),
        ({"limit": "-1"}, "A limit is a whole number"),
        ({"limit": "999999999"}, "A limit is a number from 0"),
        ({"priority": "0"}, "A priority is a number from 1"),
        ({"priority": ""}, "A priority is a whole number"),
        ({"patterns": "["}, "is no pattern"),
        ({"patterns": "(a+)+b"}, "could take too long"),
        ({"blocked": "\n".join(map(str, range(1_001)))}, "At most 1,000 values"),
        ({"patterns": "\n".join(f"a{n}" for n in range(21))}, "At most 20 patterns"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(here, given, said):
    answer = here.client.post(at(here, "kinds/user_id/"), rule(**given))
    assert answer.status_code == 400
    assert said in text(answer)
    assert get_draft(here.workspace.pk).changed_at is None


def test_a_kind_can_be_added_and_follow_the_defaults_again(here):
    assert "A kind is a word" in text(here.client.post(at(here, "kinds/new"), rule(kind="Loyalty card!")))
    here.client.post(at(here, "kinds/new"), rule(kind="Loyalty_Card", limit=""))
    assert get_draft(here.workspace.pk).rules.of("loyalty_card").limit is None
    assert "loyalty_card" in text(here.client.get(at(here)))
    assert "Follow the defaults again" in text(here.client.get(at(here, "kinds/loyalty_card/")))
    here.client.post(at(here, "kinds/loyalty_card/default"))
    assert get_draft(here.workspace.pk).changed_at is None
    assert here.client.get(at(here, "kinds/!/")).status_code == 404
    wrong = here.client.post(at(here, "region"), {"region": "XX"})
    assert "XX is no region" in text(wrong)
    here.client.post(at(here, "region"), {"region": "pt"})
    assert "none, then PT" in text(here.client.get(at(here)))
    here.client.post(at(here, "draft/discard"))
    assert get_draft(here.workspace.pk).changed_at is None


def test_who_only_reads_sees_the_rules_and_changes_nothing(here):
    viewer = here.sign_in("viewer")
    page = text(viewer.get(at(here)))
    assert "One person has one account" in page
    assert "Change<" not in page
    assert "Add a kind" not in page
    for rest in ("kinds/user_id/", "region", "runs/", "apply", "draft/discard", "versions/0/draft", "joins/"):
        assert viewer.post(at(here, rest), rule()).status_code == 403
    assert not IdentityRun.objects.exists()
    other = Place()
    IdentityVersion.objects.create(workspace=here.workspace, number=3, rules={}, by="N", by_id="1", made_at=1)
    assert other.client.post(at(other, "versions/3/draft")).status_code == 404
    assert other.client.get(at(other, "runs/1/")).status_code == 404


def test_a_run_is_stopped_on_its_page(here):
    here.client.post(at(here, "kinds/user_id/"), rule())
    here.client.post(at(here, "runs/"))
    run = IdentityRun.objects.get()
    assert "Stopped" in text(here.client.post(at(here, f"runs/{run.pk}/stop"), follow=True))
    assert "ended already" in text(here.client.post(at(here, f"runs/{run.pk}/stop"), follow=True))


def test_many_joins_are_found_looked_at_and_taken_back(here):
    assert "Find them" in text(here.client.get(at(here, "joins/")))
    assert "Say which merges" in text(here.client.post(at(here, "joins/"), {}))
    assert "No join matches" in text(here.client.get(at(here, "joins/?kind=user_id&value=other")))
    assert "A day is written" in text(here.client.get(at(here, "joins/?since=yesterday")))
    assert "rule is one of" in text(here.client.get(at(here, "joins/?rule=magic")))
    found = text(here.client.get(at(here, "joins/?kind=user_id&value=qa&since=2020-01-01&until=2199-01-01")))
    assert "<b>4</b> joins among" in found
    assert "Sent together" in found
    assert not UnmergeRun.objects.exists()
    assert "No join matches" in text(here.client.get(at(here, "joins/?until=2020-01-01")))
    asked = here.client.post(at(here, "joins/"), {"kind": "user_id", "value": "qa", "reason": "Hard-coded"}, follow=True)
    assert "Taking them back" in text(asked)
    assert api.work_unmerges()
    carry(Q())
    run = UnmergeRun.objects.get()
    page = text(here.client.get(at(here, f"joins/{run.pk}/"), headers={"HX-Target": "unmerge"}))
    assert "Done" in page
    assert "hx-get" not in page
    assert Activity.objects.filter(merged=False).count() == 5
    assert "Hard-coded" in text(here.client.get(at(here, "joins/")))
    assert "ended already" in text(here.client.post(at(here, f"joins/{run.pk}/stop"), follow=True))
    assert Place().client.get(at(here, f"joins/{run.pk}/")).status_code in {403, 404}


def test_taking_back_is_stopped_on_its_page(here):
    here.client.post(at(here, "joins/"), {"rule": "shared_identifiers"})
    run = UnmergeRun.objects.get()
    assert "stay joined" in text(here.client.post(at(here, f"joins/{run.pk}/stop"), follow=True))
    assert api.work_unmerges() == 0
