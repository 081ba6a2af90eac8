"""Destinations and what is sent there as JSON, below `/api/v1/destinations`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.rooms.customers.actions.sync import destinations as acts
from amity.rooms.customers.actions.sync import subscriptions as sending
from amity.rooms.customers.actions.sync.connectors.known import CONNECTORS
from amity.rooms.customers.models import Delivery, Destination, Subscription
from amity.rooms.customers.queries.sync.lists import (
    accessible_destination,
    deliveries_of,
    list_destinations,
    members_at,
    standings,
    subscriptions_of,
)
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["destinations"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_Values = dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=2_000)]]


class DestinationOut(Schema):
    """A destination. `state`: `open`, `failing`, `paused`, `closed` (it wants no more) or `archived`. Secrets are never given."""

    id: int
    name: str
    kind: str
    to: str
    state: str
    trouble: str
    ok_at: datetime | None
    failed_at: datetime | None
    waiting: int = Field(description="Messages on their way.")
    dead: int = Field(description="Messages that were given up; they can be replayed.")
    members: int = Field(description="Customers who are there now, or will be told of by what waits.")


class DestinationsOut(Schema):
    """Destinations in use, by name."""

    destinations: list[DestinationOut]


class DestinationIn(Schema):
    """A new destination. `settings` are those of its kind."""

    name: str
    kind: str = Field(description=f"One of {', '.join(CONNECTORS)}.")
    settings: _Values


class DestinationChange(Schema):
    """What is to change; what is left out stays, and so does a secret."""

    name: str | None = None
    settings: _Values | None = None


class TriedOut(Schema):
    """What became of a message that only says that messages arrive."""

    outcome: str
    status: int
    said: str


class SecretOut(Schema):
    """The signing secret of a webhook."""

    secret: str


class SubscriptionIn(Schema):
    """Which audience is sent, for which purpose, and what is told of its customers besides an id."""

    audience: int
    purpose: str = Field(max_length=60)
    identifiers: list[str] = Field([], max_length=30)
    traits: list[str] = Field([], max_length=30)


class SubscriptionOut(Schema):
    """An audience that is sent to a destination. `complete_at` is null until everybody was put on the way."""

    id: int
    audience: int
    purpose: str
    identifiers: list[str]
    traits: list[str]
    paused: bool
    complete_at: datetime | None
    members: int
    entered: int
    updated: int
    left: int


class SubscriptionsOut(Schema):
    """What is sent to a destination."""

    subscriptions: list[SubscriptionOut]


class DeliveryOut(Schema):
    """A message, without what it says: that is looked up when it is sent."""

    id: int
    message_id: str
    audience: int
    state: Literal["waiting", "done", "dead"]
    made_at: datetime
    next_at: datetime | None
    attempts: int
    status: int
    said: str


class DeliveriesOut(Schema):
    """Messages, newest first."""

    deliveries: list[DeliveryOut]


class ReplayedOut(Schema):
    """How many messages are sent again."""

    messages: int


@router.get("", response={200: DestinationsOut, **_READ}, summary="List destinations")
@requires("customers.read")
def list_all(request: HttpRequest) -> DestinationsOut:
    """Return the destinations in use."""
    found = list_destinations(workspace_id=_access(request).workspace_id)
    return DestinationsOut(destinations=[_destination(one) for one in found])


@router.post("", response={201: DestinationOut, **_READ}, summary="Make a destination")
@requires("destinations.write")
def create(request: HttpRequest, given: DestinationIn) -> Status[DestinationOut]:
    """Make a destination. Nothing is sent there before an audience is."""
    made = acts.create_destination(_access(request), kind=given.kind, name=given.name, given=given.settings, request=request)
    return Status(201, _destination(made))


@router.get("/{destination_id}", response={200: DestinationOut, **_READ}, summary="Get a destination")
@requires("customers.read")
def get_one(request: HttpRequest, destination_id: int) -> DestinationOut:
    """Return a destination, an archived one too."""
    return _destination(_found(request, destination_id))


@router.patch("/{destination_id}", response={200: DestinationOut, **_READ}, summary="Change a destination")
@requires("destinations.write")
def change(request: HttpRequest, destination_id: int, given: DestinationChange) -> DestinationOut:
    """Change the name or the settings."""
    one = acts.change_destination(
        _access(request), destination_id=_id(destination_id), name=given.name, given=given.settings, request=request
    )
    return _destination(one)


@router.delete("/{destination_id}", response={200: DestinationOut, **_READ}, summary="Archive a destination")
@requires("destinations.write")
def archive(request: HttpRequest, destination_id: int) -> DestinationOut:
    """Send nothing more there; its secrets are forgotten."""
    return _destination(acts.archive_destination(_access(request), destination_id=_id(destination_id), request=request))


@router.post("/{destination_id}/test", response={200: TriedOut, **_READ}, summary="Try a destination out")
@requires("audiences.send")
def try_out(request: HttpRequest, destination_id: int) -> TriedOut:
    """Send a message that only says that messages arrive."""
    receipt = acts.try_destination(_access(request), destination_id=_id(destination_id), request=request)
    return TriedOut(outcome=receipt.outcome, status=receipt.status, said=receipt.said)


@router.post("/{destination_id}/pause", response={200: DestinationOut, **_READ}, summary="Pause a destination")
@requires("audiences.send")
def pause(request: HttpRequest, destination_id: int) -> DestinationOut:
    """Send nothing until it is resumed; what changes waits."""
    return _destination(acts.pause_destination(_access(request), destination_id=_id(destination_id), request=request))


@router.post("/{destination_id}/resume", response={200: DestinationOut, **_READ}, summary="Resume a destination")
@requires("audiences.send")
def resume(request: HttpRequest, destination_id: int) -> DestinationOut:
    """Send again, also where it was closed."""
    return _destination(acts.resume_destination(_access(request), destination_id=_id(destination_id), request=request))


@router.post("/{destination_id}/secret", response={200: SecretOut, **_READ}, summary="Make a new signing secret")
@requires("destinations.write")
def rotate(request: HttpRequest, destination_id: int) -> SecretOut:
    """Make a new signing secret; messages are signed with the former one as well for a day."""
    return SecretOut(secret=acts.rotate_secret(_access(request), destination_id=_id(destination_id), request=request))


@router.get("/{destination_id}/deliveries", response={200: DeliveriesOut, **_READ}, summary="List messages")
@requires("customers.read")
def deliveries(
    request: HttpRequest,
    destination_id: int,
    state: Literal["", "waiting", "dead", "done"] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeliveriesOut:
    """Return messages, newest first."""
    found = deliveries_of(_found(request, destination_id), state=state, limit=limit)
    return DeliveriesOut(deliveries=[_delivery(one) for one in found])


@router.post("/{destination_id}/replay", response={200: ReplayedOut, **_READ}, summary="Send again what was given up")
@requires("audiences.send")
def replay(request: HttpRequest, destination_id: int) -> ReplayedOut:
    """Send messages that were given up again; what isn't true any more is left out of them."""
    return ReplayedOut(messages=acts.replay_dead(_access(request), destination_id=_id(destination_id), request=request))


@router.get("/{destination_id}/subscriptions", response={200: SubscriptionsOut, **_READ}, summary="List what is sent")
@requires("customers.read")
def subscriptions(request: HttpRequest, destination_id: int) -> SubscriptionsOut:
    """Return which audiences are sent to a destination."""
    return SubscriptionsOut(subscriptions=[_subscription(one) for one in subscriptions_of(_found(request, destination_id))])


@router.post("/{destination_id}/subscriptions", response={201: SubscriptionOut, **_READ}, summary="Send an audience")
@requires("audiences.send")
def subscribe(request: HttpRequest, destination_id: int, given: SubscriptionIn) -> Status[SubscriptionOut]:
    """Send an audience: everybody who allows the purpose first, then whoever changes."""
    made = sending.subscribe(
        _access(request), destination_id=_id(destination_id), audience_id=_id(given.audience), purpose=given.purpose.replace("\0", ""),
        identifiers=given.identifiers, traits=given.traits, request=request,
    )  # fmt: skip
    return Status(201, _subscription(made))


@router.post(
    "/subscriptions/{subscription_id}/{act}", response={200: SubscriptionOut, **_READ}, summary="Pause, resume, send anew"
)
@requires("audiences.send")
def act_on(request: HttpRequest, subscription_id: int, act: Literal["pause", "resume", "send"]) -> SubscriptionOut:
    """Pause, resume, or tell the destination of everybody anew."""
    verbs = {"pause": sending.pause_subscription, "resume": sending.resume_subscription, "send": sending.send_all}
    return _subscription(verbs[act](_access(request), subscription_id=_id(subscription_id), request=request))


@router.delete("/subscriptions/{subscription_id}", response={200: SubscriptionOut, **_READ}, summary="End sending an audience")
@requires("audiences.send")
def end(request: HttpRequest, subscription_id: int) -> SubscriptionOut:
    """Take everybody of the audience off at the destination, and send no more of it."""
    return _subscription(sending.end_subscription(_access(request), subscription_id=_id(subscription_id), request=request))


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _id(number: int) -> int:
    return number if 0 < number < 2**63 else 0


def _found(request: HttpRequest, destination_id: int) -> Destination:
    return accessible_destination(workspace_id=_access(request).workspace_id, destination_id=_id(destination_id))


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def _destination(one: Destination) -> DestinationOut:
    stands = standings([one.pk])[one.pk]
    return DestinationOut(
        id=one.pk, name=one.name, kind=one.kind, to=CONNECTORS[one.kind].words(one.config), state=one.state, trouble=one.trouble,
        ok_at=_moment(one.ok_at), failed_at=_moment(one.failed_at), waiting=stands.waiting, dead=stands.dead, members=stands.members,
    )  # fmt: skip


def _subscription(one: Subscription) -> SubscriptionOut:
    return SubscriptionOut(
        id=one.pk, audience=one.audience_id, purpose=one.purpose, identifiers=one.identifiers, traits=one.traits,
        paused=one.paused_at is not None, complete_at=_moment(one.fulled_at), members=members_at([one.pk]).get(one.pk, 0),
        entered=one.entered, updated=one.updated, left=one.left,
    )  # fmt: skip


def _delivery(one: Delivery) -> DeliveryOut:
    state: Literal["waiting", "done", "dead"] = "done" if one.done_at else "dead" if one.dead_at else "waiting"
    return DeliveryOut(
        id=one.pk, message_id=one.message_id, audience=one.subscription.audience_id, state=state, made_at=from_ms(one.made_at),
        next_at=_moment(one.due_at) if state == "waiting" else None, attempts=one.attempts, status=one.status, said=one.trouble,
    )  # fmt: skip
