"""What friction costs as JSON, below `/api/v1/journeys/friction`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from amity.kernel.clock import from_ms
from amity.rooms.journeys.models import PainPoint, Pricing
from amity.rooms.journeys.queries.friction.kept import latest, list_pains
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["journeys"])
_READ = {400: Problem, 401: Problem, 403: Problem, 422: Problem, 429: Problem}


class RangeOut(Schema):
    """A figure with its 90% interval."""

    value: float
    low: float
    high: float


class PriceOut(Schema):
    """What a pain point was found to cost. Without an effect, too few met it; without a cost, nobody said what one is worth."""

    as_of: datetime
    version: int = Field(description="Of the definition that was priced.")
    seed: int
    reached: int = Field(description="Customers who met it in the year before.")
    reach: RangeOut = Field(description="How many customers' periods it is met in, a year.")
    effect: RangeOut | None = Field(description="Of one such period on the outcome, in the outcome's unit; chances from 0 to 1.")
    plain: RangeOut | None = Field(description="The plain difference between who met it and who didn't.")
    misled: bool | None = Field(description="Whether the plain difference misleads.")
    evidence: str | None
    cost: RangeOut | None


class PainOut(Schema):
    """A pain point. `effort` is from 1 (a day) to 5 (a year)."""

    id: int
    name: str
    about: str
    definition: dict[str, Any]
    version: int
    journey_id: int | None
    stage: str
    effort: int | None
    price: PriceOut | None


class PainsOut(Schema):
    """Pain points, the dearest first; those without a cost last."""

    pains: list[PainOut]


@router.get("", response={200: PainsOut, **_READ}, summary="List what friction costs")
@requires("journeys.read")
def list_all(request: HttpRequest, *, archived: bool = False) -> PainsOut:
    """Return all pain points in use, or the archived ones, each with its newest price."""
    workspace_id = int(request.access.workspace_id)  # type: ignore[attr-defined]
    kept = list_pains(workspace_id=workspace_id, archived=archived)
    prices = latest(kept)
    found = [_pain(one, prices.get(one.pk)) for one in kept]
    found.sort(key=lambda one: -one.price.cost.value if one.price and one.price.cost else float("inf"))
    return PainsOut(pains=found)


def _pain(one: PainPoint, priced: Pricing | None) -> PainOut:
    return PainOut(
        id=one.pk, name=one.name, about=one.about, definition=one.definition, version=one.number, journey_id=one.journey_id,
        stage=one.stage, effort=one.effort, price=_price(priced) if priced is not None else None,
    )  # fmt: skip


def _price(one: Pricing) -> PriceOut:
    result = one.result or {}
    return PriceOut(
        as_of=from_ms(one.as_of), version=one.number, seed=one.seed, reached=result["reached"], reach=RangeOut(**_range(result["reach"])),
        effect=_maybe(result, "adjusted"), plain=_maybe(result, "plain"), misled=result.get("misled"), evidence=result.get("grade"),
        cost=_maybe(result, "cost"),
    )  # fmt: skip


def _maybe(result: dict[str, Any], name: str) -> RangeOut | None:
    return RangeOut(**_range(result[name])) if result.get(name) else None


def _range(said: dict[str, float]) -> dict[str, float]:
    return {name: said[name] for name in ("value", "low", "high")}
