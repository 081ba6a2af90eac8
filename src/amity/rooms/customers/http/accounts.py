"""Accounts as JSON, below `/api/v1/accounts`."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from amity.kernel.clock import from_ms
from amity.rooms.customers.http.customers import MomentOut, Money, TraitOut, amounts, moment_out
from amity.rooms.customers.http.purposes import PurposeQuery, allowing
from amity.rooms.customers.queries.accounts import account_story, get_account, list_accounts
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["accounts"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_Id = Annotated[str, Query(min_length=1, max_length=300, description="The account's id, as interactions name it.")]
_Limit = Annotated[int, Query(ge=1, le=200, description="How many at once.")]


class AccountLineOut(Schema):
    """An account in a list. `interactions` are those that name it."""

    id: str
    name: str
    members: int
    interactions: int
    last_seen: datetime


class AccountsOut(Schema):
    """Accounts, the one heard of last first."""

    accounts: list[AccountLineOut]
    next: str | None = Field(description="Give it as `after` to get the next ones; null at the end.")


class AccountMemberOut(Schema):
    """A customer who belongs to an account, since the first interaction that said so."""

    customer_id: UUID
    name: str
    email: str
    since: datetime
    last_seen: datetime


class AccountOut(Schema):
    """An account. `interactions` and `values` are of what its members did for it; `more`: it has more members than are told.

    `members` are those who allow the purpose, `withheld` how many don't.
    """

    id: str
    name: str
    traits: list[TraitOut]
    members: list[AccountMemberOut]
    withheld: int
    more: bool
    interactions: int
    values: list[Money]


class AccountMomentOut(MomentOut):
    """One interaction of an account's story, and whose it is."""

    customer_id: UUID


class AccountStoryOut(Schema):
    """A stretch of an account's story, newest first. `withheld` is how many interactions of it are of who doesn't allow the purpose."""

    interactions: list[AccountMomentOut]
    withheld: int
    next: str | None = Field(description="Give it as `before` to get older ones; null at the beginning of the story.")


@router.get("", response={200: AccountsOut, **_READ}, summary="Find accounts")
@requires("customers.read")
def find_accounts(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200, description="A part of the id or of the name.")] = "",
    after: Annotated[
        str, Query(max_length=300, pattern=r"^([0-9]{1,13}\..+)?$", description="`next` of an earlier answer.")
    ] = "",
    limit: _Limit = 50,
) -> AccountsOut:
    """Return accounts (companies, households): every group that an interaction names."""
    found = list_accounts(workspace_id=_workspace(request), text=q.replace("\0", "").strip(), after=after, limit=limit)
    lines = [
        AccountLineOut(
            id=one.id, name=one.name, members=one.members, interactions=one.interactions, last_seen=from_ms(one.last_time)
        )
        for one in found.lines
    ]
    return AccountsOut(accounts=lines, next=found.after or None)


@router.get("/one", response={200: AccountOut, **_READ}, summary="Get an account")
@requires("customers.read")
def get_one_account(request: HttpRequest, id: _Id, purpose: PurposeQuery = "") -> AccountOut:  # noqa: A002  the parameter's name
    """Return an account with its traits and the members who allow the purpose: `?id=acme`, of PostHog's groups `?id=company:acme`."""
    found = get_account(workspace_id=_workspace(request), account=id.replace("\0", ""))
    allowed = allowing([one.line.id for one in found.members], workspace_id=_workspace(request), purpose=purpose)
    return AccountOut(
        id=found.id,
        name=found.name,
        traits=[TraitOut(name=t.name, value=t.value, time=from_ms(t.time), source_id=t.source_id) for t in found.traits],
        members=[
            AccountMemberOut(
                customer_id=one.line.id, name=one.line.name, email=one.line.email,
                since=from_ms(one.since), last_seen=from_ms(one.last_time),
            )
            for one in found.members if one.line.id in allowed
        ],
        withheld=len(found.members) - len(allowed),
        more=found.more,
        interactions=found.interactions,
        values=amounts(found.values),
    )  # fmt: skip


@router.get("/timeline", response={200: AccountStoryOut, **_READ}, summary="Read an account's story")
@requires("customers.read")
def get_account_story(
    request: HttpRequest,
    id: _Id,  # noqa: A002
    before: Annotated[str, Query(pattern=r"^([0-9]{1,13}\.[0-9a-f]{32})?$", description="`next` of an earlier answer.")] = "",
    limit: _Limit = 50,
    purpose: PurposeQuery = "",
) -> AccountStoryOut:
    """Return what those of an account's members who allow the purpose did for it, newest first."""
    workspace = _workspace(request)
    found = get_account(workspace_id=workspace, account=id.replace("\0", ""))
    story = account_story(workspace_id=workspace, account=found, before=before, limit=limit)
    today = {one: member.line.id for member in found.members for one in member.ids}
    allowed = allowing(today.values(), workspace_id=workspace, purpose=purpose)
    told = [
        AccountMomentOut(**moment_out(one).dict(), customer_id=today[one.customer_id])
        for one in story.moments
        if today.get(one.customer_id) in allowed
    ]
    return AccountStoryOut(interactions=told, withheld=len(story.moments) - len(told), next=story.before or None)


def _workspace(request: HttpRequest) -> int:
    return int(request.access.workspace_id)  # type: ignore[attr-defined]
