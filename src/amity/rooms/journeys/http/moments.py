"""`/api/v1/journeys/{id}/moments`: which stages foretell what customers do afterwards. It is prediction, and no cause."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from amity.kernel.clock import from_ms
from amity.kernel.errors import NotFound
from amity.rooms.journeys.http.funnels import access_of, id_of
from amity.rooms.journeys.queries.maps.kept import accessible_journey
from amity.rooms.journeys.queries.moments.kept import latest_foretelling
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["journeys"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}


class ForetoldIntervalOut(Schema):
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float


class SignalOut(Schema):
    """One thing that a stage shows. Two groups of cases are told apart by it; without a gain, one of them is too small.

    `reached`: who reached the stage. `time`: who took longer than `mark` (ms) from the stage before. `experience`: who rated it
    below `mark`. `friction`: who met the pain point.
    """

    kind: str
    pain_id: int | None
    mark: float | None
    cases_with: int
    cases_without: int
    mean_with: float | None = Field(description="The outcome's mean of them; a share from 0 to 1 for leaving and doing.")
    mean_without: float | None
    difference: ForetoldIntervalOut | None
    gain: ForetoldIntervalOut | None = Field(
        description="Share of the outcome's variance that it foretells by itself, beyond what was known."
    )
    matters: bool = Field(description="Whether it foretells more than chance, all signals together (Holm, 95%).")


class StageForetoldOut(Schema):
    """A stage, with how much it adds to what could be foretold as customers came to it."""

    stage: str = Field(description="The stage's key on the map.")
    name: str
    rank: int | None
    cases: int = Field(description="Cases that had come to the stage before, and so could come to this one.")
    customers: int
    gain: ForetoldIntervalOut | None
    matters: bool
    signals: list[SignalOut]


class MomentsOut(Schema):
    """What a journey's stages foretell, as it was worked out last. `too_few` says why there are no stages."""

    as_of: datetime
    seed: int
    version: int = Field(description="Of the journey's map that was asked.")
    definition: dict[str, Any]
    cases: int
    customers: int
    withheld: int = Field(description="Customers who don't allow analytics, and are in no number.")
    mean: float | None = Field(description="The outcome's mean over all cases.")
    too_few: str
    stages: list[StageForetoldOut]


@router.get("/{journey_id}/moments", response={200: MomentsOut, **_READ}, summary="Get the moments that matter of a journey")
@requires("journeys.read")
def get_moments(request: HttpRequest, journey_id: int) -> MomentsOut:
    """Return which stages foretell what comes afterwards, in the map's order. Not found while nobody asked."""
    one = accessible_journey(workspace_id=access_of(request).workspace_id, journey_id=id_of(journey_id))
    last = latest_foretelling(one)
    if last is None or last.result is None:
        raise NotFound("Nobody has asked yet what the stages of this journey foretell.")
    result = last.result
    return MomentsOut(
        as_of=from_ms(last.as_of), seed=last.seed, version=last.number, definition=last.definition, cases=result["cases"],
        customers=result["customers"], withheld=result["withheld"], mean=result["mean"], too_few=result.get("too_few", ""),
        stages=[_stage(one) for one in result["stages"]],
    )  # fmt: skip


def _stage(one: dict[str, Any]) -> StageForetoldOut:
    return StageForetoldOut(
        stage=one["key"], name=one["name"], rank=one.get("rank"), cases=one["cases"], customers=one["customers"], gain=_interval(one["gain"]),
        matters=one.get("matters", False), signals=[_signal(each) for each in one["signals"]],
    )  # fmt: skip


def _signal(one: dict[str, Any]) -> SignalOut:
    return SignalOut(
        kind=one["kind"], pain_id=one["pain"], mark=one["mark"], cases_with=one["with"], cases_without=one["without"],
        mean_with=one.get("with_mean"), mean_without=one.get("without_mean"), difference=_interval(one.get("difference")),
        gain=_interval(one["gain"]), matters=one.get("matters", False),
    )  # fmt: skip


def _interval(said: dict[str, float] | None) -> ForetoldIntervalOut | None:
    return None if said is None else ForetoldIntervalOut(value=said["value"], low=said["low"], high=said["high"])
