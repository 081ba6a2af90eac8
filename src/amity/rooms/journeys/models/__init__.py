"""What journeys keep. Django finds tables by this module."""

from __future__ import annotations

from amity.rooms.journeys.models.allowances import Allowance
from amity.rooms.journeys.models.audit import Audit, Dismissal
from amity.rooms.journeys.models.friction import PainPoint, Pricing
from amity.rooms.journeys.models.funnels import SavedFunnel
from amity.rooms.journeys.models.incidents import Incident, IncidentEntry
from amity.rooms.journeys.models.maps import Comment, Journey, JourneyVersion, Review
from amity.rooms.journeys.models.moments import Foretelling

__all__ = [
    "Allowance", "Audit", "Comment", "Dismissal", "Foretelling", "Incident", "IncidentEntry", "Journey", "JourneyVersion", "PainPoint", "Pricing", "Review", "SavedFunnel",
]  # fmt: skip
