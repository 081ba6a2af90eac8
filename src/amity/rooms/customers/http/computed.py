"""Computed traits as JSON, below `/api/v1/computed-traits`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.rooms.customers.actions.computed.standard import make_standard
from amity.rooms.customers.actions.computed.verbs import archive_trait, change_trait, create_trait, want_trait
from amity.rooms.customers.http.customers import instant
from amity.rooms.customers.http.purposes import PurposeQuery, PurposeText, allowing, for_purpose
from amity.rooms.customers.models import ComputedTrait
from amity.rooms.customers.queries.computed.frame import MOST_TRAITS, frame
from amity.rooms.customers.queries.computed.lists import accessible_trait, list_traits, values_page
from amity.rooms.customers.queries.computed.why import why_value
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.rules.computed.language import read, schema
from amity.rooms.customers.rules.export.traits import as_parquet
from amity.rooms.trust.api import record, requires
from amity.shell.problem import Problem

router = Router(tags=["computed traits"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_Cursor = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$", description="`next` of an earlier answer.")]
_PARQUET = {
    "responses": {
        200: {
            "description": "The file.",
            "content": {"application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


class ComputedTraitOut(Schema):
    """A computed trait. `computed_at` is null until it was worked out for everybody; `size` is how many have a value."""

    id: int
    name: str
    about: str
    definition: dict[str, Any]
    size: int
    computed_at: datetime | None
    changed_at: datetime | None = Field(description="When a value last changed.")
    archived_at: datetime | None
    trouble: str = Field(description="Why it could not be worked out; empty when it could.")


class TraitsOut(Schema):
    """Computed traits by name."""

    computed_traits: list[ComputedTraitOut]


class ComputedTraitIn(Schema):
    """A new computed trait. `definition` is of the language of computed traits."""

    name: str
    about: str = ""
    definition: dict[str, Any]


class TraitChange(Schema):
    """What is to change; what is left out stays."""

    name: str | None = None
    about: str | None = None
    definition: dict[str, Any] | None = None


class ValueOut(Schema):
    """A customer's value, and since when it is so."""

    customer_id: UUID
    value: Any
    since: datetime


class ValuesOut(Schema):
    """Values in the order of customers' ids, of those who allow the purpose now; `withheld` is how many of this stretch don't."""

    values: list[ValueOut]
    withheld: int
    next: str | None = Field(description="Give it as `after` to get the next ones; null at the end.")


class DecidingValueOut(Schema):
    """An interaction that decides a value."""

    key: UUID
    time: datetime
    type: str
    name: str


class PartOut(Schema):
    """One part in words, at its depth. `met` is of a case: whether the customer meets it."""

    depth: int
    said: str
    value: Any
    met: bool | None
    number: int = Field(description="How many interactions decide it; `interactions` are the newest of them.")
    interactions: list[DecidingValueOut]


class WhyValueOut(Schema):
    """A customer's value now, and why."""

    customer_id: UUID
    value: Any
    as_of: datetime
    changes_at: datetime | None = Field(description="When it is looked at again if nothing happens; null for never.")
    parts: list[PartOut]


@router.get("", response={200: TraitsOut, **_READ}, summary="List computed traits")
@requires("customers.read")
def list_computed(request: HttpRequest, *, archived: bool = False) -> TraitsOut:
    """Return all computed traits in use, or the archived ones."""
    return TraitsOut(computed_traits=[_trait(one) for one in list_traits(workspace_id=_workspace(request), archived=archived)])


@router.post("", response={201: ComputedTraitOut, **_READ}, summary="Make a computed trait")
@requires("audiences.write")
def create_computed(request: HttpRequest, given: ComputedTraitIn) -> Status[ComputedTraitOut]:
    """Make a computed trait; it is worked out within seconds. A definition that is wrong is refused with what to mend."""
    definition = read(json.dumps(given.definition))
    made = create_trait(_access(request), name=given.name, about=given.about, definition=definition, request=request)
    return Status(201, _trait(made))


@router.get("/schema", response={200: dict[str, Any], **_READ}, summary="Get the language's JSON Schema")
@requires("customers.read")
def get_computed_schema(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001  the same for everybody who may read
    """Return the JSON Schema of definitions."""
    return schema()


class FrameQuery(Schema):
    """Which traits, as of when. `known`: only what had been received by then, or whatever had happened by then."""

    trait: list[int] = Field(max_length=MOST_TRAITS, min_length=1, description="Ids of computed traits; repeat it for several.")
    as_of: datetime = Field(description="The instant; without a zone it is UTC.")
    known: Literal["received", "happened"] = "received"
    purpose: PurposeText = ""


@router.get("/frame", response=_READ, openapi_extra=_PARQUET, summary="Download values as of an instant")
@requires("customers.export")
def computed_frame(request: HttpRequest, wanted: Annotated[FrameQuery, Query()]) -> HttpResponse:
    """Return values as they would have been at an instant as a Parquet file: a row for each customer of then who allows the purpose now.

    `customer_id` is the id of today, `customer_id_then` that of then. `Amity-Withheld` in the answer's head: how many don't allow it.
    """
    access = _access(request)
    found = [_found(request, one) for one in dict.fromkeys(wanted.trait)]
    asked_at = instant(wanted.as_of)
    made = frame(
        found, workspace_id=access.workspace_id, purpose=for_purpose(wanted.purpose), as_of=0 if asked_at is None else asked_at,
        known=wanted.known,
    )  # fmt: skip
    body = as_parquet(made.today, made.then, made.values, numbers=made.numbers, as_of=made.as_of, withheld=made.withheld)
    told = {"traits": [one.pk for one in found], "as_of": made.as_of, "known": wanted.known, "purpose": wanted.purpose}
    record(
        access, action="export.traits", target=f"workspace:{access.workspace_id}", request=request,
        after=told | {"rows": len(made.today), "withheld": made.withheld},
    )  # fmt: skip
    answer = HttpResponse(body, content_type="application/vnd.apache.parquet")
    answer["Content-Disposition"] = f'attachment; filename="traits-{access.workspace_slug}.parquet"'
    answer["Cache-Control"] = "no-store"
    answer["Amity-Withheld"] = str(made.withheld)
    return answer


class StandardIn(Schema):
    """What a purchase is. `typical`: the usual days between two; null for the median of your customers."""

    purchase: Annotated[str, Field(max_length=500)]
    refund: Annotated[str, Field(max_length=500)] = ""
    typical: Annotated[int, Field(ge=1, le=730)] | None = None


@router.post("/standard", response={200: TraitsOut, **_READ}, summary="Set RFM, lifecycle and engagement up")
@requires("audiences.write")
def standard_computed(request: HttpRequest, given: StandardIn) -> TraitsOut:
    """Make the standard traits of a purchase's event, or change those that are there; they are worked out within seconds."""
    made = make_standard(_access(request), purchase=given.purchase, refund=given.refund, typical=given.typical, request=request)
    return TraitsOut(computed_traits=[_trait(one) for one in made])


@router.get("/{trait_id}", response={200: ComputedTraitOut, **_READ}, summary="Get a computed trait")
@requires("customers.read")
def get_computed(request: HttpRequest, trait_id: int) -> ComputedTraitOut:
    """Return a computed trait, an archived one too."""
    return _trait(_found(request, trait_id))


@router.patch("/{trait_id}", response={200: ComputedTraitOut, **_READ}, summary="Change a computed trait")
@requires("audiences.write")
def change_computed(request: HttpRequest, trait_id: int, given: TraitChange) -> ComputedTraitOut:
    """Change the name, the description or the definition. With another definition it is worked out anew."""
    definition = None if given.definition is None else read(json.dumps(given.definition))
    changed = change_trait(
        _access(request), trait_id=_id(trait_id), name=given.name, about=given.about, definition=definition, request=request
    )
    return _trait(changed)


@router.delete("/{trait_id}", response={200: ComputedTraitOut, **_READ}, summary="Archive a computed trait")
@requires("audiences.write")
def archive_computed(request: HttpRequest, trait_id: int) -> ComputedTraitOut:
    """Stop working a trait out: nobody has a value any more. Its definition stays."""
    return _trait(archive_trait(_access(request), trait_id=_id(trait_id), request=request))


@router.post("/{trait_id}/recompute", response={202: ComputedTraitOut, **_READ}, summary="Work it out again")
@requires("audiences.write")
def recompute_computed(request: HttpRequest, trait_id: int) -> Status[ComputedTraitOut]:
    """Have it worked out anew for everybody; `computed_at` tells when that was done."""
    want_trait(_access(request), trait_id=_id(trait_id), request=request)
    return Status(202, _trait(_found(request, trait_id)))


@router.get("/{trait_id}/values", response={200: ValuesOut, **_READ}, summary="List values")
@requires("customers.read")
def computed_values(
    request: HttpRequest,
    trait_id: int,
    purpose: PurposeQuery = "",
    after: _Cursor = "",
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> ValuesOut:
    """Return the values of who has one and allows the purpose now. Ask anew each time that you use them."""
    rows = values_page(_found(request, trait_id).pk, after=UUID(after) if after else None, limit=limit + 1)
    stretch = rows[:limit]
    allowed = allowing([who for who, _, _ in stretch], workspace_id=_workspace(request), purpose=purpose)
    shown = [ValueOut(customer_id=who, value=value, since=from_ms(since)) for who, value, since in stretch if who in allowed]
    more = rows[limit - 1][0].hex if len(rows) > limit else None
    return ValuesOut(values=shown, withheld=len(stretch) - len(shown), next=more)


@router.get("/{trait_id}/why/{customer_id}", response={200: WhyValueOut, **_READ}, summary="Why has a customer this value")
@requires("customers.read")
def why_computed(request: HttpRequest, trait_id: int, customer_id: UUID) -> WhyValueOut:
    """Return each part of a value with the interactions that decide it, as of now."""
    customer = get_customer(workspace_id=_workspace(request), customer_id=customer_id)
    told = why_value(_found(request, trait_id), customer_id=customer.id)
    parts = [
        PartOut(
            depth=one.depth, said=one.said, value=one.value, met=one.met, number=one.number,
            interactions=[
                DecidingValueOut(key=row["key"], time=from_ms(row["at"]), type=row["type"], name=row["name"]) for row in one.interactions
            ],
        )
        for one in told.parts
    ]  # fmt: skip
    changes_at = None if told.changes_at is None else from_ms(told.changes_at)
    return WhyValueOut(customer_id=customer.id, value=told.value, as_of=from_ms(told.now), changes_at=changes_at, parts=parts)


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _workspace(request: HttpRequest) -> int:
    return int(_access(request).workspace_id)


def _id(number: int) -> int:
    """Return an id within what the database's columns hold; no trait has one beyond."""
    return number if 0 < number < 2**63 else 0


def _found(request: HttpRequest, trait_id: int) -> ComputedTrait:
    return accessible_trait(workspace_id=_workspace(request), trait_id=_id(trait_id))


def _trait(one: ComputedTrait) -> ComputedTraitOut:
    return ComputedTraitOut(
        id=one.pk, name=one.name, about=one.about, definition=one.definition, size=one.size,
        computed_at=None if one.computed_at is None else from_ms(one.computed_at),
        changed_at=from_ms(one.changed_at) if one.changed_at else None,
        archived_at=None if one.archived_at is None else from_ms(one.archived_at), trouble=one.trouble,
    )  # fmt: skip
