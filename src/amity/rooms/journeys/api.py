"""The only door to journeys for other rooms, the workers and this room's own pages."""

from __future__ import annotations

from amity.rooms.journeys.actions.audit.work import run_next_audit
from amity.rooms.journeys.actions.comment_letters import send_next_letter
from amity.rooms.journeys.actions.friction.work import run_next_pricing
from amity.rooms.journeys.actions.moments.work import run_next_foretelling
from amity.rooms.journeys.queries.funnels.count import count_funnel, people_of
from amity.rooms.journeys.queries.funnels.kept import accessible_funnel, list_funnels
from amity.rooms.journeys.queries.waiting import waiting

__all__ = [
    "accessible_funnel", "count_funnel", "list_funnels", "people_of", "run_next_audit", "run_next_foretelling", "run_next_pricing", "send_next_letter", "waiting",
]  # fmt: skip
