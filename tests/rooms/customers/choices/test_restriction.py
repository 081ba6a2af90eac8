"""Who is restricted is of use to nothing but what is strictly necessary, under every id, through merges and back."""

from __future__ import annotations

from uuid import uuid4

import pytest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.kernel.holdings import Subject, keeper
from amity.rooms.customers import api
from amity.rooms.customers.models import Restriction
from amity.rooms.customers.queries.subjects import find_subject
from amity.rooms.customers.rules.choices.purposes import BUILT_IN
from tests.rooms.customers.making import event

pytestmark = pytest.mark.django_db
BY = {"by": "Nadia", "by_id": "7", "request": "r-1"}


def told(workspace: int, **who) -> None:
    yes = dict.fromkeys(BUILT_IN, True)
    api.place([event(str(uuid4()), workspace=workspace, context={"consent": {"categoryPreferences": yes}}, **who)])


def subject(workspace: int, user: str) -> Subject:
    return find_subject(workspace_id=workspace, kind="user_id", value=user)


def allowed(workspace: int, user: str) -> set[str]:
    ids = subject(workspace, user).customer_ids
    return {key for key in BUILT_IN if api.permitted(workspace_id=workspace, customer_ids=ids, purpose=key)}


def test_only_the_necessary_is_left_and_comes_back(workspace):
    told(workspace, user_id="ada")
    told(workspace, user_id="bob")
    everything = set(BUILT_IN)
    assert allowed(workspace, "ada") == everything
    assert keeper().restrict(subject(workspace, "ada"), **BY) == 1
    assert keeper().restrict(subject(workspace, "ada"), **BY) == 0
    assert keeper().is_restricted(subject(workspace, "ada"))
    assert allowed(workspace, "ada") == {"necessary"}
    assert allowed(workspace, "bob") == everything
    assert keeper().release(subject(workspace, "ada"), **BY) == 1
    assert allowed(workspace, "ada") == everything
    assert Restriction.objects.filter(until__isnull=False).count() == 1


def test_it_holds_as_of_an_instant(workspace):
    told(workspace, user_id="ada")
    ids = subject(workspace, "ada").customer_ids
    before = now_ms() - 1
    keeper().restrict(subject(workspace, "ada"), **BY)
    row = Restriction.objects.get()
    Restriction.objects.filter(pk=row.pk).update(until=row.since + 1_000)

    def at(instant: int) -> bool:
        return bool(api.permitted(workspace_id=workspace, customer_ids=ids, purpose="analytics", at=instant))

    assert [at(before), at(row.since), at(row.since + 999), at(row.since + 1_000)] == [True, False, False, True]


def test_it_goes_with_who_becomes_another(workspace):
    told(workspace, anonymous_id="x")
    keeper().restrict(find_subject(workspace_id=workspace, kind="anonymous_id", value="x"), **BY)
    told(workspace, user_id="ada")
    assert allowed(workspace, "ada") == set(BUILT_IN)
    told(workspace, user_id="ada", anonymous_id="x")
    assert allowed(workspace, "ada") == {"necessary"}
    assert keeper().release(subject(workspace, "ada"), **BY) == 1


def test_nobody_of_another_workspace_is_restricted(workspace, other_workspace):
    told(workspace, user_id="ada")
    told(other_workspace, user_id="ada")
    mixed = Subject(workspace_id=other_workspace, customer_ids=subject(workspace, "ada").customer_ids)
    assert keeper().restrict(mixed, **BY) == 0
    assert allowed(workspace, "ada") == set(BUILT_IN)


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("n" * 101, "x"), ("name", "x" * 20_000), ("name", float("inf"))])
def test_what_can_be_no_trait_is_refused(workspace, name, value):
    told(workspace, user_id="ada")
    with pytest.raises(Invalid):
        keeper().correct(subject(workspace, "ada"), name=name, value=value, **BY)


def test_nobody_can_not_be_corrected(workspace):
    with pytest.raises(Invalid):
        keeper().correct(subject(workspace, "who"), name="name", value="x", **BY)
