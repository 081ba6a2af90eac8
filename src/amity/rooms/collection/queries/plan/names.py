"""Names that flow, most frequent first, for whoever offers them to be chosen from."""

from __future__ import annotations

from amity.engines.present.bulk import run
from amity.rooms.collection.actions.plan.seen import OTHER, REST

_EVENTS = """
    SELECT name FROM collection_seen_interaction WHERE workspace_id = %b AND name <> '' AND kind <> %b
    GROUP BY name ORDER BY sum(accepted) DESC, name LIMIT 300
"""
_PROPERTIES = """
    SELECT p.name FROM collection_seen_property p JOIN collection_seen_interaction i ON i.id = p.interaction_id
    WHERE i.workspace_id = %b AND p.place = 'properties' AND p.name <> %b
    GROUP BY p.name
    ORDER BY sum(p.string + p.integer + p.number + p.boolean + p.object + p."array" + p."null") DESC, p.name LIMIT 200
"""


def flowing_names(*, workspace_id: int) -> tuple[list[str], list[str]]:
    """Return names of interactions (at most 300) and of their properties (200)."""
    events = run(_EVENTS, [workspace_id, OTHER])
    return [name for (name,) in events], [name for (name,) in run(_PROPERTIES, [workspace_id, REST])]
