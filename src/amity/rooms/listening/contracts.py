"""What other rooms and this room's own parts hold of surveys."""

from __future__ import annotations

from dataclasses import dataclass

Answer = str | float | bool | list[str]  # text, number or scale, consent, choices by their keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A figure of n answers with its 95% interval; no value of none. `few`: too few to say."""

    kind: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    few: bool
