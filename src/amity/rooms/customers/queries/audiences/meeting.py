"""Who meets a condition, and who has which value of a trait, for rooms above that count and compare customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from amity.engines.present.bulk import run
from amity.kernel.clock import now_ms
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.evaluate import evaluate
from amity.rooms.customers.queries.audiences.known import known_of
from amity.rooms.customers.queries.audiences.why import words_of
from amity.rooms.customers.rules.audiences.language import Definition, read
from amity.rooms.customers.rules.computed.inlining import whole_condition

if TYPE_CHECKING:
    import numpy as np

_BY_TRAIT = """
    SELECT coalesce(c.traits #>> string_to_array(%b::text, '.'), ''), string_agg(uuid_send(c.id), '' ORDER BY c.id)
    FROM customers_customer c WHERE c.workspace_id = %b AND c.merged_into IS NULL GROUP BY 1
"""


def who_meets(where: Mapping[str, Any], *, workspace_id: int, time_zone: str, now: int = 0) -> np.ndarray:
    """Return the sorted ids (`S16`) of who meets a condition of the audience language. Raises Invalid with what to mend, NotRunning."""
    condition = whole_condition(_read(where).where, known_of(workspace_id))
    done = evaluate({0: condition}, workspace=workspace_id, zone=ZoneInfo(time_zone), now=now or now_ms())
    found: np.ndarray = done.everybody[done.found[0].met]
    return found


def condition_words(where: Mapping[str, Any], *, workspace_id: int) -> list[str]:
    """Return a condition of the audience language in words, a line each. Raises Invalid."""
    condition, known = _read(where).where, known_of(workspace_id)
    whole_condition(condition, known)
    return [words for _, words in words_of(condition, known.names)]


def customers_by_trait(name: str, *, workspace_id: int) -> dict[str, np.ndarray]:
    """Return the sorted ids (`S16`) of all customers by their value of a trait as text, an empty one where it isn't known."""
    import numpy as np

    found = run(_BY_TRAIT, [name, workspace_id])
    return {value: np.frombuffer(bytes(ids), dtype="S16") for value, ids in found}


def audience_names(workspace_id: int) -> dict[int, str]:
    """Return the names of audiences in use by id."""
    return dict(Audience.objects.filter(workspace_id=workspace_id, archived_at=None).order_by("name").values_list("pk", "name"))


def _read(where: Mapping[str, Any]) -> Definition:
    return read(msgspec.json.encode({"version": 1, "where": where}))
