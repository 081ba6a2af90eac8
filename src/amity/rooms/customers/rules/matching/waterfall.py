"""Why two customers may be one: what each comparison adds to the weight, from the prior to the sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amity.rooms.customers.rules.matching.model import MISSING, TITLES


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar: what it adds (log2 of the odds), and the sum before and after. `m` and `u` are None where nothing was compared.

    `common` is the part of `weight` that comes from how common the value is.
    """

    title: str
    level: str
    weight: float
    before: float
    after: float
    common: float = 0.0
    m: float | None = None
    u: float | None = None
    known: bool = True


def steps_of(*, prior: float, parts: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Return the bars in the order of the comparisons, the prior first. Their weights add up to the pair's."""
    at = prior
    steps = [Step(title="Any two customers", level="before anything is compared", weight=prior, before=0.0, after=prior)]
    for part in parts:
        weight = float(part["weight"]) + float(part["common"])
        steps.append(
            Step(
                title=title_of(part),
                level=part["words"],
                weight=weight,
                before=at,
                after=at + weight,
                common=float(part["common"]),
                m=part.get("m"),
                u=part.get("u"),
                known=part["level"] != MISSING,
            )
        )
        at += weight
    return steps


def evidence(*, weight: float, probability: float, parts: Sequence[Mapping[str, Any]]) -> str:
    """Return the evidence in one sentence, as the ledger keeps it: no values, which an erasure would have to find."""
    return f"Match weight {weight:.1f}, probability {percent(probability)}: {said_for(parts)}"


def said_for(parts: Sequence[Mapping[str, Any]]) -> str:
    """Return what speaks for one person, the strongest first."""
    said = [
        f"{title_of(part).lower()} {part['words']}"
        for part in sorted(parts, key=lambda one: -(float(one["weight"]) + float(one["common"])))
        if part["level"] != MISSING and float(part["weight"]) + float(part["common"]) > 0
    ]
    return ", ".join(said)


def title_of(part: Mapping[str, Any]) -> str:
    """Return what a part compares, also where a newer Amity compares other things."""
    return TITLES.get(part["key"], str(part["key"]))


def percent(probability: float) -> str:
    """Return a probability for people: never "100%", for it isn't."""
    return f"{probability:.1%}".replace(".0%", "%") if probability < 0.9995 else "over 99.9%"
