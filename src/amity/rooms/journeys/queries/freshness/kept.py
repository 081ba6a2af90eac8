"""Who looked maps through, and when."""

from __future__ import annotations

from collections.abc import Sequence

from amity.rooms.journeys.models import Journey, Review


def last_review(one: Journey) -> Review | None:
    """Return the newest review of a journey's map."""
    return Review.objects.filter(journey=one).order_by("-id").first()


def reviews_of(one: Journey, *, most: int = 20) -> list[Review]:
    """Return the reviews of a journey's map, newest first."""
    return list(Review.objects.filter(journey=one).order_by("-id")[:most])


def last_reviews(some: Sequence[Journey]) -> dict[int, Review]:
    """Return the newest review of each journey that has one, by its id."""
    found = Review.objects.filter(journey__in=some).order_by("journey_id", "-id").distinct("journey_id")
    return {one.journey_id: one for one in found}
