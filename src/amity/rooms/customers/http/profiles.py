"""The Profile API as a part of the documented API. What is usual is answered before it comes here, by `http.quick`, in the same bytes."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from amity.engines.present.trips import here
from amity.rooms.customers.http.customers import PROBLEMS, MomentOut, Money, TraitOut, moment_out
from amity.rooms.customers.http.profile import NEWEST, Profile, profile, read_asked, reply
from amity.rooms.customers.queries.story import timeline
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["customers"])


class HasValueOut(Schema):
    """A computed trait of which the customer has a value, since when it is so. `/computed-traits/{id}/why/{customer_id}` tells why."""

    id: int
    name: str
    value: Any
    since: datetime


class InAudienceOut(Schema):
    """An audience that the customer is in, since when."""

    id: int
    name: str
    since: datetime


class IdentifierOut(Schema):
    """An identifier and when it came."""

    kind: str
    value: str
    added_at: datetime
    source_id: int


class ConsentOut(Schema):
    """Whether a purpose is allowed now, why, and by which answer: the name under which it was `said`, and when."""

    purpose: str
    allowed: bool
    reason: Literal["needs_none", "agreed", "refused", "expired", "silence_allows", "never_asked", "paused", "restricted"]
    said: str | None
    time: datetime | None


class ProfileOut(Schema):
    """A customer as of now, in the parts that were asked for; what wasn't is left out.

    `reason` is why the purpose is allowed. The part `summary` is what stands from `name` to `merged_ids`, ids that the customer had
    before joins.
    """

    id: UUID
    purpose: str
    reason: Literal["needs_none", "agreed", "silence_allows"]
    name: str | None = None
    email: str | None = None
    user_id: str | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    interactions: int | None = None
    channels: dict[str, int] | None = None
    values: list[Money] | None = None
    created_at: datetime | None = None
    merged_ids: list[UUID] | None = None
    traits: list[TraitOut] | None = None
    computed: list[HasValueOut] | None = None
    audiences: list[InAudienceOut] | None = None
    identifiers: list[IdentifierOut] | None = None
    consent: list[ConsentOut] | None = None
    timeline: list[MomentOut] | None = None


class NotPermitted(Problem):
    """The customer's data may not be used for the purpose (`not_permitted`), or the token's role lacks the permission (`forbidden`)."""

    purpose: str | None = None
    reason: Literal["refused", "expired", "never_asked", "paused", "restricted"] | None = None


class ProfileQuery(Schema):
    """For what, and in which parts."""

    purpose: str = Field(
        "", max_length=60, description="What the data is used for: `necessary` to serve the customer, or another purpose."
    )
    include: list[Annotated[str, Field(max_length=100)]] = Field(
        [],
        max_length=10,
        description="Parts, repeated or with commas: summary, traits, computed, audiences, identifiers, consent, timeline. Without it all but timeline.",
    )
    limit: int = Field(NEWEST, ge=1, le=200, description="How many interactions of the timeline.")


@router.get(
    "/{path:who}",
    response={200: ProfileOut, 304: None, **PROBLEMS, 403: NotPermitted},
    summary="Get a customer's profile",
)
@requires("customers.read")
def get_profile(request: HttpRequest, who: str, wanted: Annotated[ProfileQuery, Query()]) -> Any:
    """Return what is known of a customer, by id or any identifier (`email:ines@mail.example`, `user_id:77`), as far as the purpose permits now.

    An id that was joined into another gives the customer that it is now: compare `id`. Where the purpose isn't allowed the answer is
    403 `not_permitted` with the reason. Give an answer's `ETag` back as `If-None-Match`: 304 while nothing changed.
    """
    access: Any = request.access  # type: ignore[attr-defined]
    asked = read_asked(who=who, include=wanted.include, purpose=wanted.purpose)
    one = here(profile(asked, workspace_id=access.workspace_id))
    story = _timeline(one, access.workspace_id, wanted.limit) if "timeline" in asked.include and one.decision.allowed else None
    answer = reply(one, matches=request.headers.get("If-None-Match", ""), timeline=story)
    headers = {"ETag": answer.etag, "Cache-Control": "private, no-cache"} if answer.etag else {}
    return HttpResponse(answer.body, status=answer.status, content_type="application/json; charset=utf-8", headers=headers)


def _timeline(one: Profile, workspace_id: int, limit: int) -> list[dict[str, Any]]:
    told = timeline(
        workspace_id=workspace_id,
        customer_ids=[one.known.id, *one.known.merged_ids],
        limit=limit,
        known=one.known.interactions,
    )
    return [moment_out(moment).model_dump() for moment in told.moments]
