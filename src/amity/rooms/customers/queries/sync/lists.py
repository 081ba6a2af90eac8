"""Destinations and what is sent there, for pages and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q

from amity.kernel.errors import NotFound
from amity.rooms.customers.models import Delivery, Destination, SentMember, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a destination stands: messages that wait and that were given up, subscriptions, and customers there."""

    waiting: int
    dead: int
    subscriptions: int
    members: int


def accessible_destination(*, workspace_id: int, destination_id: int) -> Destination:
    """Return a destination of a workspace, an archived one too. Raises NotFound."""
    found = Destination.objects.filter(workspace_id=workspace_id, pk=destination_id).first()
    if found is None:
        raise NotFound("There is no such destination here.")
    return found


def accessible_subscription(*, workspace_id: int, subscription_id: int) -> Subscription:
    """Return a subscription of a workspace. Raises NotFound."""
    of = Subscription.objects.filter(destination__workspace_id=workspace_id, pk=subscription_id)
    found = of.select_related("destination", "audience").first()
    if found is None:
        raise NotFound("There is no such subscription here.")
    return found


def list_destinations(*, workspace_id: int) -> list[Destination]:
    """Return a workspace's destinations in use, by name."""
    return list(Destination.objects.filter(workspace_id=workspace_id, archived_at=None).order_by("name", "pk"))


def standings(destinations: Sequence[int]) -> dict[int, Standing]:
    """Return how destinations stand."""
    of = Q(destination_id__in=destinations)
    waiting = dict(Delivery.objects.filter(of, done_at=None, dead_at=None).values_list("destination_id").annotate(Count("pk")))
    dead = dict(Delivery.objects.filter(of, dead_at__isnull=False).values_list("destination_id").annotate(Count("pk")))
    live = Subscription.objects.filter(of, ended_at=None)
    subscribed = dict(live.values_list("destination_id").annotate(Count("pk")))
    sent = SentMember.objects.filter(subscription__destination_id__in=destinations)
    members = dict(sent.values_list("subscription__destination_id").annotate(Count("pk")))
    return {
        one: Standing(
            waiting=waiting.get(one, 0), dead=dead.get(one, 0),
            subscriptions=subscribed.get(one, 0), members=members.get(one, 0),
        )
        for one in destinations
    }  # fmt: skip


def subscriptions_of(destination: Destination) -> list[Subscription]:
    """Return what is sent to a destination, by the names of audiences."""
    live = Subscription.objects.filter(destination=destination, ended_at=None)
    return list(live.select_related("audience", "destination").order_by("audience__name", "pk"))


def sent_to(audience_id: int) -> list[Subscription]:
    """Return where an audience is sent."""
    live = Subscription.objects.filter(audience_id=audience_id, ended_at=None, destination__archived_at=None)
    return list(live.select_related("destination", "audience").order_by("destination__name", "pk"))


def members_at(subscriptions: Sequence[int]) -> dict[int, int]:
    """Return how many customers each subscription has at its destination."""
    found = SentMember.objects.filter(subscription_id__in=subscriptions).values_list("subscription_id")
    return dict(found.annotate(Count("pk")))


def deliveries_of(destination: Destination, *, state: str = "", limit: int = 25) -> list[Delivery]:
    """Return a destination's messages, newest first: all, or those that are `waiting`, `dead` or `done`."""
    found = Delivery.objects.filter(destination=destination)
    if state:
        found = found.filter(
            {
                "waiting": Q(done_at=None, dead_at=None),
                "dead": Q(dead_at__isnull=False),
                "done": Q(done_at__isnull=False),
            }[state]
        )
    return list(found.select_related("subscription__audience").order_by("-pk")[:limit])
