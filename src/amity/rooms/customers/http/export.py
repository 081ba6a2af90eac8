"""Files over the API, below `/api/v1/export/`: sent while they are made, so of any length."""

# Annotations are real here, not text, because ninja reads them.
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Field, Query, Router, Schema

from amity.rooms.customers.actions.export import Export
from amity.rooms.customers.http.customers import instant
from amity.rooms.customers.http.purposes import PurposeText, for_purpose
from amity.rooms.customers.queries.audiences.known import accessible_audience
from amity.rooms.customers.queries.export import count_members
from amity.rooms.customers.rules.export.wanted import (
    FORMATS,
    AudienceWanted,
    CustomersWanted,
    Format,
    InteractionsWanted,
    Wanted,
    case_of,
)
from amity.rooms.trust.api import requires
from amity.shell.download import download
from amity.shell.problem import Problem

router = Router(tags=["export"])
_Text = Annotated[str, Field(max_length=200)]


def _answers(*forms: str) -> dict[str, Any]:
    """Describe the file for the API's document: its forms, each with its media type."""
    told = {FORMATS[form].media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for form in forms}
    return {"responses": {200: {"description": "The file.", "content": told}}}


_REFUSED = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_ROWS, _STEPS = ("csv", "jsonl", "parquet"), ("csv", "jsonl", "parquet", "xes")


class InteractionsQuery(Schema):
    """Which interactions; what is left out lets everything through. Each list may be repeated."""

    format: Literal["csv", "jsonl", "parquet", "xes"] = "jsonl"
    purpose: PurposeText = ""
    customer: UUID | None = None
    source: list[Annotated[int, Field(ge=0, le=2**32 - 1)]] = Field([], max_length=100)
    event: list[_Text] = Field([], max_length=100)
    channel: list[_Text] = Field([], max_length=20)
    type: list[Literal["track", "identify", "page", "screen", "group", "alias"]] = Field([], max_length=6)
    case: str = Field("", max_length=500, description="In XES, the property whose values make the traces, such as `order_id`.")
    since: datetime | None = Field(None, description="From this instant on.")
    until: datetime | None = Field(None, description="Before this instant.")


class CustomersQuery(Schema):
    """Which customers; what is left out lets everybody through."""

    format: Literal["csv", "jsonl", "parquet"] = "jsonl"
    purpose: PurposeText = ""
    q: str = Field("", max_length=200, description="Any identifier, or words of any trait.")
    trait: list[Annotated[str, Field(pattern=r"^[^=]+=", max_length=400)]] = Field([], max_length=20, description="NAME=VALUE")
    channel: list[_Text] = Field([], max_length=20)
    since: datetime | None = Field(None, description="Last seen from this instant on.")
    until: datetime | None = Field(None, description="Last seen before this instant.")


class AudienceQuery(Schema):
    """Whose data, and what for."""

    format: Literal["csv", "jsonl", "parquet"] = "jsonl"
    purpose: PurposeText = ""


@router.get("/interactions", response=_REFUSED, openapi_extra=_answers(*_STEPS), summary="Download interactions")
@requires("customers.export")
def export_interactions(request: HttpRequest, wanted: Annotated[InteractionsQuery, Query()]) -> Any:
    """Return interactions of customers who allow the purpose as a file, oldest first; as XES by customer (or `case`) and then by time."""
    chosen = InteractionsWanted(
        purpose=for_purpose(wanted.purpose),
        customer_id=wanted.customer,
        sources=tuple(wanted.source),
        names=_plain(wanted.event),
        channels=_plain(wanted.channel),
        types=tuple(wanted.type),
        since=instant(wanted.since),
        until=instant(wanted.until),
        case=case_of(wanted.case),
    )
    return _file(request, wanted.format, chosen)


@router.get("/customers", response=_REFUSED, openapi_extra=_answers(*_ROWS), summary="Download customers")
@requires("customers.export")
def export_customers(request: HttpRequest, wanted: Annotated[CustomersQuery, Query()]) -> Any:
    """Return customers who allow the purpose as a file, in the order in which they came."""
    pairs = [one.partition("=") for one in _plain(wanted.trait)]
    chosen = CustomersWanted(
        purpose=for_purpose(wanted.purpose),
        text=wanted.q.replace("\0", "").strip(),
        traits=tuple((name, value) for name, _, value in pairs),
        channels=_plain(wanted.channel),
        since=instant(wanted.since),
        until=instant(wanted.until),
    )
    return _file(request, wanted.format, chosen)


@router.get("/audiences/{audience_id}", response=_REFUSED, openapi_extra=_answers(*_ROWS), summary="Download an audience")
@requires("customers.export")
def export_audience(request: HttpRequest, audience_id: int, wanted: Annotated[AudienceQuery, Query()]) -> Any:
    """Return the members who allow the purpose now as a file. `Amity-Withheld` in the answer's head: how many don't."""
    access: Any = request.access  # type: ignore[attr-defined]
    one = accessible_audience(workspace_id=access.workspace_id, audience_id=audience_id if 0 < audience_id < 2**63 else 0)
    chosen = AudienceWanted(audience_id=one.pk, purpose=for_purpose(wanted.purpose))
    _, withheld = count_members(workspace_id=access.workspace_id, wanted=chosen)
    answer = _file(request, wanted.format, chosen)
    answer["Amity-Withheld"] = str(withheld)
    return answer


def _file(request: HttpRequest, form: Format, wanted: Wanted) -> HttpResponseBase:
    access: Any = request.access  # type: ignore[attr-defined]
    export = Export(who=access, workspace_id=access.workspace_id, wanted=wanted, form=form, request=request)
    name = f"{export.subject}-{access.workspace_slug}-{datetime.now(UTC):%Y-%m-%d}.{form}"
    return download(export.pieces(), name=name, media_type=export.media_type)


def _plain(texts: list[str]) -> tuple[str, ...]:
    return tuple(text.replace("\0", "") for text in texts)
