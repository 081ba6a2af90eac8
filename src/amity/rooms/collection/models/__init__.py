"""Tables of the collection room."""

from __future__ import annotations

from amity.rooms.collection.models.imports import Import
from amity.rooms.collection.models.plan import Plan, PlannedInteraction, PlanVersion, SourcePolicy
from amity.rooms.collection.models.seen import (
    DriftAlert,
    SeenBefore,
    SeenHour,
    SeenInteraction,
    SeenProperty,
    SeenSender,
    Violation,
)
from amity.rooms.collection.models.sources import QuarantineReplay, Source, SourceHour, SourceQuerySet, WriteKey, new_write_key

__all__ = [
    "DriftAlert",
    "Import",
    "Plan",
    "PlanVersion",
    "PlannedInteraction",
    "QuarantineReplay",
    "SeenBefore",
    "SeenHour",
    "SeenInteraction",
    "SeenProperty",
    "SeenSender",
    "Source",
    "SourceHour",
    "SourcePolicy",
    "SourceQuerySet",
    "Violation",
    "WriteKey",
    "new_write_key",
]
