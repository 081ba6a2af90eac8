"""What is true of a persona's members now: numbers of the present, each beside that of everybody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import msgspec

from amity.engines.present.bulk import bigints, run
from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.models import Audience, ComputedTrait, Member
from amity.rooms.customers.rules.personas.measures import Interval, Measure, measure, share
from amity.rooms.customers.rules.relationship import preferred

if TYPE_CHECKING:
    import numpy as np

LATELY = 30 * DAY
MOST = 20_000  # customers looked at on either side; of more, a part that their ids' hash chooses
CHANNELS = 6
_TRAITS = 40
_EVERYBODY = "SELECT count(*) FROM customers_activity WHERE workspace_id = %b AND NOT merged"
_LOOKED_AT = """
    a.workspace_id = %b AND NOT a.merged
    AND abs(hashtext(a.customer_id::text)::bigint) %% CASE WHEN m.customer_id IS NULL THEN %b::bigint ELSE %b::bigint END = 0
"""
_INSIDE = "LEFT JOIN customers_member m ON m.customer_id = a.customer_id AND m.audience_id = %b AND m.inside"
_ROWS = f"""
    SELECT m.customer_id IS NOT NULL, a.first_seen, a.last_seen, a.interactions, (a.values ->> %b::text)::float8, a.channels::text,
        s.value #>> '{{}}'
    FROM customers_activity a {_INSIDE}
    LEFT JOIN customers_computed_value s ON s.customer_id = a.customer_id AND s.trait_id = %b
    WHERE {_LOOKED_AT}
"""  # noqa: S608  our own text
_VALUES = f"""
    SELECT m.customer_id IS NOT NULL, v.trait_id, v.number FROM customers_activity a {_INSIDE}
    JOIN customers_computed_value v ON v.customer_id = a.customer_id AND v.trait_id = ANY(%b::bigint[]) AND v.number IS NOT NULL
    WHERE {_LOOKED_AT}
"""  # noqa: S608  our own text


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """An audience's members as they are now. `looked_at` of them and `others` of the rest were looked at.

    `channels` are shares of members by their preferred channel, most first; `stages` by lifecycle stage, where that is computed;
    `main` the numbers that every persona has; `traits` those of computed traits, by ("trait:" and their id).
    """

    size: int
    everybody: int
    share: Interval
    looked_at: int
    others: int
    main: Sequence[Measure]
    channels: Sequence[Measure]
    stages: Sequence[Measure]
    traits: Sequence[Measure]

    @property
    def held_against(self) -> list[Measure]:
        """The measures that a review keeps and later ones are held against: those that every persona has."""
        return [*self.main, *self.channels, *self.stages]

    @property
    def all(self) -> list[Measure]:
        """Every measure."""
        return [*self.held_against, *self.traits]


def numbers_of(audience: Audience, *, currency: str, traits: bool = True) -> Numbers:
    """Return the numbers of an audience's members. Money is that in `currency`. Without `traits` it takes half the time."""
    workspace, size = audience.workspace_id, Member.objects.filter(audience_id=audience.pk, inside=True).count()
    everybody = int(run(_EVERYBODY, [workspace])[0][0])
    parts = [ceil(max(everybody - size, 1) / MOST), ceil(max(size, 1) / MOST)]
    stage = ComputedTrait.objects.filter(workspace_id=workspace, origin="life.stage", archived_at=None).first()
    rows = run(_ROWS, [currency, audience.pk, stage.pk if stage else 0, workspace, *parts])
    mine, rest = [row for row in rows if row[0]], [row for row in rows if not row[0]]
    return Numbers(
        size=size, everybody=everybody, share=share(size, everybody), looked_at=len(mine), others=len(rest), main=_main(mine, rest),
        channels=_shares("channel", _channels(mine), _channels(rest), most=CHANNELS),
        stages=_shares("stage", [row[6] for row in mine], [row[6] for row in rest]) if stage else (),
        traits=_of_traits(audience, parts) if traits else (),
    )  # fmt: skip


def _main(mine: Sequence[Any], rest: Sequence[Any]) -> list[Measure]:
    now = now_ms()

    def column(of: Sequence[Any], take: Any) -> np.ndarray:
        import numpy as np

        return np.array([take(row) for row in of], dtype=np.float64)

    def both(key: str, kind: Any, take: Any) -> Measure:
        return measure(key, kind, column(mine, take), column(rest, take))

    return [
        both("active", "share", lambda row: float((row[2] or 0) >= now - LATELY)),
        both("value", "money", lambda row: row[4] or 0.0),
        both("interactions", "number", lambda row: row[3]),
        both("since", "days", lambda row: (now - row[1]) / DAY if row[1] else float("nan")),
    ]


def _channels(rows: Sequence[Any]) -> list[str | None]:
    found = []
    for row in rows:
        liked = preferred(msgspec.json.decode(row[5]))
        found.append(liked.channel if liked else None)
    return found


def _shares(prefix: str, mine: Sequence[str | None], rest: Sequence[str | None], *, most: int = 12) -> list[Measure]:
    """Return shares of those of whom it is known, most common first."""
    import numpy as np

    known, others = [one for one in mine if one is not None], [one for one in rest if one is not None]
    common = [name for name, _ in Counter(known).most_common(most)]
    return [
        measure(
            f"{prefix}:{name}", "share", np.array([one == name for one in known], dtype=float),
            np.array([one == name for one in others], dtype=float),
        )
        for name in common
    ]  # fmt: skip


def _of_traits(audience: Audience, parts: Sequence[int]) -> list[Measure]:
    import numpy as np

    live = ComputedTrait.objects.filter(workspace_id=audience.workspace_id, archived_at=None)
    traits = list(live.order_by("name").values_list("pk", flat=True)[:_TRAITS])
    held: dict[int, tuple[list[float], list[float]]] = {}
    for inside, trait, number in run(_VALUES, [audience.pk, bigints(traits), audience.workspace_id, *parts]):
        held.setdefault(trait, ([], []))[0 if inside else 1].append(number)
    return [
        measure(f"trait:{pk}", "number", np.array(held[pk][0], dtype=float), np.array(held[pk][1], dtype=float))
        for pk in traits
        if pk in held and len(held[pk][0]) > 1
    ]
