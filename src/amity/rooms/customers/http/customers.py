"""Customers as JSON, below `/api/v1/customers`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from amity.kernel.clock import from_ms, to_ms
from amity.rooms.customers.contracts import NO_SESSION, CustomerLine, Moment
from amity.rooms.customers.http.purposes import PurposeQuery, PurposeText, allowing, demand
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.queries.search import search_customers
from amity.rooms.customers.queries.story import timeline
from amity.rooms.customers.rules.portrait.portray import portray
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["customers"])
_MOST = 200
_EARLIEST, _LATEST = -2_208_988_800_000, 4_102_444_799_999  # the years 1900 to 2099, in ms
_Limit = Annotated[int, Query(ge=1, le=_MOST, description="How many at once.")]


class Money(Schema):
    """An amount as text, so that no binary fraction touches it."""

    currency: str
    amount: str


class LineOut(Schema):
    """A customer in a list."""

    id: UUID
    name: str
    email: str
    user_id: str
    first_seen: datetime | None
    last_seen: datetime | None
    interactions: int
    channels: dict[str, int]
    values: list[Money]


class LinesOut(Schema):
    """Customers who allow the purpose, most recently seen first. `withheld` are those of this page who don't.

    `total` counts all that are found, up to a limit; `more` says that there are more than it.
    """

    customers: list[LineOut]
    withheld: int
    next: str | None = Field(description="Give it as `after` to get the next ones; null at the end.")
    total: int
    more: bool


class TraitOut(Schema):
    """What is known under one name, with who told it when."""

    name: str
    value: Any
    time: datetime
    source_id: int


class MomentOut(Schema):
    """One interaction. `sentence` tells it in words."""

    key: UUID
    message_id: str
    time: datetime
    received_at: datetime
    type: str
    name: str
    sentence: str
    channel: str
    voice: str
    source_id: int
    session_id: UUID | None
    url: str
    value: Money | None
    properties: dict[str, Any]
    traits: dict[str, Any]


class StoryOut(Schema):
    """A stretch of a customer's story, newest first."""

    interactions: list[MomentOut]
    next: str | None = Field(description="Give it as `before` to get older ones; null at the beginning of the story.")


class StoryQuery(Schema):
    """Which interactions; what is left out lets everything through."""

    purpose: PurposeText = ""
    before: str = Field("", pattern=r"^([0-9]{1,13}\.[0-9a-f]{32})?$", description="`next` of an earlier answer.")
    since: datetime | None = None
    channel: list[str] = Field([], max_length=20)
    type: list[Literal["track", "identify", "page", "screen", "group", "alias"]] = Field([], max_length=6)
    voice: list[Literal["did", "said", "ours"]] = Field([], max_length=3)
    limit: int = Field(50, ge=1, le=_MOST)


PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}


@router.get("", response={200: LinesOut, **PROBLEMS}, summary="Find customers")
@requires("customers.read")
def find_customers(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=200, description="Any identifier, or words of any trait; empty lists everybody.")] = "",
    after: Annotated[str, Query(pattern=r"^([0-9]{1,10}\.[0-9a-f]{32})?$", description="`next` of an earlier answer.")] = "",
    limit: _Limit = 50,
    purpose: PurposeQuery = "",
) -> LinesOut:
    """Return customers who allow the purpose, most recently seen first: everybody, or those that `q` finds."""
    page = search_customers(workspace_id=_workspace(request), text=q, after=after, limit=limit)
    allowed = allowing([one.id for one in page.lines], workspace_id=_workspace(request), purpose=purpose)
    shown = [LineOut(**_line(one)) for one in page.lines if one.id in allowed]
    withheld = len(page.lines) - len(shown)
    return LinesOut(customers=shown, withheld=withheld, next=page.after or None, total=page.total, more=page.more)


@router.get("/{customer_id}/timeline", response={200: StoryOut, **PROBLEMS}, summary="Read a customer's story")
@requires("customers.read")
def get_timeline(request: HttpRequest, customer_id: UUID, wanted: Annotated[StoryQuery, Query()]) -> StoryOut:
    """Return interactions of one customer, newest first, where the purpose is allowed now."""
    customer = get_customer(workspace_id=_workspace(request), customer_id=customer_id)
    demand(customer.id, workspace_id=customer.workspace_id, purpose=wanted.purpose)
    story = timeline(
        workspace_id=customer.workspace_id,
        customer_ids=customer.all_ids,
        before=wanted.before,
        channels=wanted.channel,
        types=wanted.type,
        voices=wanted.voice,
        since=instant(wanted.since),
        limit=wanted.limit,
        known=customer.interactions,
    )
    return StoryOut(interactions=[moment_out(one) for one in story.moments], next=story.before or None)


def _workspace(request: HttpRequest) -> int:
    return int(request.access.workspace_id)  # type: ignore[attr-defined]


def _time(instant: int) -> datetime | None:
    return from_ms(instant) if instant else None


def instant(wanted: datetime | None) -> int | None:
    """Return the instant in ms, held within the years that the past keeps; without a zone it is UTC."""
    if wanted is None:
        return None
    aware = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    return min(max(to_ms(aware), _EARLIEST), _LATEST) if 1 < aware.year < 9999 else (_EARLIEST if aware.year <= 1 else _LATEST)


def amounts(values: Any) -> list[Money]:
    """Return sums by currency as the API tells them."""
    return [Money(currency=currency, amount=_text(amount)) for currency, amount in values.items()]


def _text(amount: Decimal) -> str:
    return f"{amount:f}"


def _line(one: CustomerLine) -> dict[str, Any]:
    same = {name: getattr(one, name) for name in ("id", "name", "email", "user_id", "interactions")}
    seen = {"first_seen": _time(one.first_seen), "last_seen": _time(one.last_seen)}
    return same | seen | {"channels": dict(one.channels), "values": amounts(one.values)}


def moment_out(one: Moment) -> MomentOut:
    """Return an interaction as the API tells it."""
    same = ("key", "message_id", "type", "name", "channel", "voice", "source_id", "url")
    return MomentOut(
        **{name: getattr(one, name) for name in same},
        time=from_ms(one.time),
        received_at=from_ms(one.received_at),
        sentence=portray(one).sentence,
        session_id=None if one.session_id == NO_SESSION else one.session_id,
        value=None if one.value is None else Money(currency=one.currency, amount=_text(one.value)),
        properties=dict(one.properties),
        traits=dict(one.traits),
    )
