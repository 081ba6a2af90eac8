"""Audiences as JSON, below `/api/v1/audiences`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from pydantic import StringConstraints

from amity.kernel.clock import from_ms
from amity.rooms.customers.actions.audiences.listing import change_list, create_list
from amity.rooms.customers.actions.audiences.verbs import archive_audience, change_audience, create_audience, want_recompute
from amity.rooms.customers.actions.settings import chosen_by
from amity.rooms.customers.http.purposes import PurposeQuery, allowing
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.known import accessible_audience
from amity.rooms.customers.queries.audiences.lists import list_audiences, member_ids, names_of
from amity.rooms.customers.queries.audiences.sets import SETS
from amity.rooms.customers.queries.audiences.why import why
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.rules.audiences.language import read, schema
from amity.rooms.customers.rules.audiences.listing import stored_as
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["audiences"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_Cursor = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$", description="`next` of an earlier answer.")]


class AudienceOut(Schema):
    """An audience. `computed_at` is null until everybody was looked at for its definition; `size` counts from then on."""

    id: int
    name: str
    about: str
    definition: dict[str, Any] | None
    size: int
    computed_at: datetime | None
    changed_at: datetime | None = Field(description="When somebody last entered or left.")
    archived_at: datetime | None
    trouble: str = Field(description="Why it could not be computed; empty when it could.")


class AudiencesOut(Schema):
    """Audiences by name."""

    audiences: list[AudienceOut]


class AudienceIn(Schema):
    """A new audience. `definition` is of the audience language; null makes an empty list."""

    name: str
    about: str = ""
    definition: dict[str, Any] | None


class AudienceChange(Schema):
    """What is to change; what is left out stays."""

    name: str | None = None
    about: str | None = None
    definition: dict[str, Any] | None = None


class NamedIn(Schema):
    """Customers to put on a list, take off it, or let be all of it, by identifiers of one kind."""

    mode: Literal["add", "remove", "replace"]
    kind: str = Field(
        max_length=60, description="`email`, `user_id` …; `@customer` for ids of Amity; empty for whatever kind has the value."
    )
    values: list[Annotated[str, StringConstraints(max_length=300)]] = Field(min_length=1, max_length=10_000)


class NamedOut(Schema):
    """What that did. Values that named nobody are given back with the reason."""

    known: int
    entered: int
    left: int
    unknown: list[str]
    ambiguous: list[str] = Field(description="Values of several customers, as identifiers of different kinds.")
    invalid: list[str] = Field(description="Values that can’t be an identifier of the kind.")


class CombineIn(Schema):
    """Which audiences customers are to be in: in every one, in at least one of some, in none of others."""

    every: list[int] = Field([], max_length=20)
    some: list[int] = Field([], max_length=20)
    without: list[int] = Field([], max_length=20)


class CombineOut(Schema):
    """How many customers that are, by who is in the audiences now."""

    size: int


class MemberOut(Schema):
    """A customer, and since when it is in the audience."""

    customer_id: UUID
    since: datetime


class MembersOut(Schema):
    """Members in the order of their ids who allow the purpose now; `withheld` is how many of this stretch don't."""

    members: list[MemberOut]
    withheld: int
    next: str | None = Field(description="Give it as `after` to get the next ones; null at the end.")


class DecidingOut(Schema):
    """An interaction that a condition looks at."""

    key: UUID
    time: datetime
    type: str
    name: str


class ReasonOut(Schema):
    """One condition in words, at its depth."""

    depth: int
    said: str
    met: bool
    changes_at: datetime | None
    number: int = Field(description="How many interactions the condition looks at; `interactions` are the newest of them.")
    interactions: list[DecidingOut]


class WhyOut(Schema):
    """Whether the customer is in the audience now, and why."""

    customer_id: UUID
    inside: bool
    as_of: datetime
    changes_at: datetime | None = Field(description="When it is looked at again if nothing happens; null for never.")
    reasons: list[ReasonOut]


@router.get("", response={200: AudiencesOut, **_READ}, summary="List audiences")
@requires("customers.read")
def list_all(request: HttpRequest, *, archived: bool = False) -> AudiencesOut:
    """Return all audiences in use, or the archived ones."""
    found = list_audiences(workspace_id=_workspace(request), archived=archived)
    return AudiencesOut(audiences=[_audience(one) for one in found])


@router.post("", response={201: AudienceOut, **_READ}, summary="Make an audience")
@requires("audiences.write")
def create(request: HttpRequest, given: AudienceIn) -> Status[AudienceOut]:
    """Make an audience; it is computed within seconds. A definition that is wrong is refused with what to mend."""
    if given.definition is None:
        access = _access(request)
        made = create_list(access, workspace_id=access.workspace_id, name=given.name, about=given.about, request=request)
        return Status(201, _audience(made))
    definition = read(json.dumps(given.definition))
    made = create_audience(_access(request), name=given.name, about=given.about, definition=definition, request=request)
    return Status(201, _audience(made))


@router.get("/schema", response={200: dict[str, Any], **_READ}, summary="Get the language's JSON Schema")
@requires("customers.read")
def get_schema(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001  the same for everybody who may read
    """Return the JSON Schema of definitions."""
    return schema()


@router.post("/combine", response={200: CombineOut, **_READ}, summary="Count a combination of audiences")
@requires("customers.read")
def combine(request: HttpRequest, given: CombineIn) -> CombineOut:
    """Count who is in every one, in some and in none of audiences. Without any to be in, that is nobody."""
    every, some, without = ([_id(one) for one in part] for part in (given.every, given.some, given.without))
    sets = SETS.of(_workspace(request), [*every, *some, *without])
    return CombineOut(size=sets.count(every, some, without))


@router.get("/{audience_id}", response={200: AudienceOut, **_READ}, summary="Get an audience")
@requires("customers.read")
def get_one(request: HttpRequest, audience_id: int) -> AudienceOut:
    """Return an audience, an archived one too."""
    return _audience(_found(request, audience_id))


@router.patch("/{audience_id}", response={200: AudienceOut, **_READ}, summary="Change an audience")
@requires("audiences.write")
def change(request: HttpRequest, audience_id: int, given: AudienceChange) -> AudienceOut:
    """Change the name, the description or the definition. With another definition everybody is looked at anew."""
    definition = None if given.definition is None else read(json.dumps(given.definition))
    changed = change_audience(
        _access(request), audience_id=_id(audience_id), name=given.name, about=given.about, definition=definition, request=request
    )
    return _audience(changed)


@router.delete("/{audience_id}", response={200: AudienceOut, **_READ}, summary="Archive an audience")
@requires("audiences.write")
def archive(request: HttpRequest, audience_id: int) -> AudienceOut:
    """Stop keeping an audience: nobody is in it any more. Nothing is deleted."""
    return _audience(archive_audience(_access(request), audience_id=_id(audience_id), request=request))


@router.post("/{audience_id}/recompute", response={202: AudienceOut, **_READ}, summary="Look at everybody again")
@requires("audiences.write")
def recompute(request: HttpRequest, audience_id: int) -> Status[AudienceOut]:
    """Have everybody looked at anew; `computed_at` tells when that was done."""
    want_recompute(_access(request), audience_id=_id(audience_id), request=request)
    return Status(202, _audience(_found(request, audience_id)))


@router.post("/{audience_id}/customers", response={200: NamedOut, **_READ}, summary="Change a list")
@requires("audiences.write")
def change_customers(request: HttpRequest, audience_id: int, given: NamedIn) -> NamedOut:
    """Add customers to a list, remove them, or replace all of it. Who enters and leaves is a fact in the log."""
    access, kind = _access(request), given.kind.replace("\0", "")
    rules = chosen_by([access.workspace_id])[access.workspace_id].rules
    read_as = {value: stored_as(value.replace("\0", "").strip(), kind=kind, rules=rules) for value in given.values}
    spelled = {value: stored for value, stored in read_as.items() if stored}
    done = change_list(
        access, workspace_id=access.workspace_id, audience_id=_id(audience_id), mode=given.mode, kind=kind, spelled=spelled,
        request=request,
    )  # fmt: skip
    return NamedOut(
        known=done.known,
        entered=done.entered,
        left=done.left,
        unknown=sorted(done.unknown),
        ambiguous=sorted(done.several),
        invalid=sorted(read_as.keys() - spelled.keys()),
    )


@router.get("/{audience_id}/members", response={200: MembersOut, **_READ}, summary="List members")
@requires("customers.read")
def members(
    request: HttpRequest,
    audience_id: int,
    after: _Cursor = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    purpose: PurposeQuery = "",
) -> MembersOut:
    """Return who is in an audience and allows the purpose now. Ask anew each time that you use it."""
    rows = member_ids(_found(request, audience_id).pk, after=UUID(after) if after else None, limit=limit + 1)
    stretch = rows[:limit]
    allowed = allowing([who for who, _ in stretch], workspace_id=_workspace(request), purpose=purpose)
    shown = [MemberOut(customer_id=who, since=from_ms(since)) for who, since in stretch if who in allowed]
    return MembersOut(
        members=shown, withheld=len(stretch) - len(shown), next=rows[limit - 1][0].hex if len(rows) > limit else None
    )


@router.get("/{audience_id}/why/{customer_id}", response={200: WhyOut, **_READ}, summary="Why is a customer in or out")
@requires("customers.read")
def get_why(request: HttpRequest, audience_id: int, customer_id: UUID) -> WhyOut:
    """Return each condition with what decides it, as of now."""
    workspace = _workspace(request)
    customer = get_customer(workspace_id=workspace, customer_id=customer_id)
    told = why(_found(request, audience_id), customer_id=customer.id, names=names_of(workspace))
    return WhyOut(
        customer_id=customer.id,
        inside=told.inside,
        as_of=from_ms(told.now),
        changes_at=None if told.changes_at is None else from_ms(told.changes_at),
        reasons=[
            ReasonOut(
                depth=one.depth,
                said=one.said,
                met=one.met,
                changes_at=None if one.changes_at is None else from_ms(one.changes_at),
                number=one.number,
                interactions=[
                    DecidingOut(key=row["key"], time=from_ms(row["at"]), type=row["type"], name=row["name"])
                    for row in one.interactions
                ],
            )
            for one in told.reasons
        ],
    )


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _workspace(request: HttpRequest) -> int:
    return int(_access(request).workspace_id)


def _id(number: int) -> int:
    """Return an id within what the database's columns hold; no audience has one beyond."""
    return number if 0 < number < 2**63 else 0


def _found(request: HttpRequest, audience_id: int) -> Audience:
    return accessible_audience(workspace_id=_workspace(request), audience_id=_id(audience_id))


def _audience(one: Audience) -> AudienceOut:
    return AudienceOut(
        id=one.pk,
        name=one.name,
        about=one.about,
        definition=one.definition,
        size=one.size,
        computed_at=None if one.computed_at is None else from_ms(one.computed_at),
        changed_at=from_ms(one.changed_at) if one.changed_at else None,
        archived_at=None if one.archived_at is None else from_ms(one.archived_at),
        trouble=one.trouble,
    )
