"""The only door to collection for other rooms, the workers and this room's own pages."""

from __future__ import annotations

from amity.rooms.collection.actions.counts import ACCEPTED, DUPLICATE, Outcome, count_outcomes
from amity.rooms.collection.actions.facts import Fact, record_fact, record_facts
from amity.rooms.collection.actions.holdings import file_names
from amity.rooms.collection.actions.imports.run import run_next_import
from amity.rooms.collection.actions.imports.stop import forget_old_imports
from amity.rooms.collection.actions.plan.drift import watch_drift
from amity.rooms.collection.actions.plan.seen import count_shapes
from amity.rooms.collection.actions.plan.violations import Found, count_violations
from amity.rooms.collection.actions.quarantine import replay_quarantined
from amity.rooms.collection.actions.snapshot import expected_entries, reconcile
from amity.rooms.collection.actions.sources import (
    add_write_key,
    amity_source,
    change_source,
    create_source,
    revoke_write_key,
    rotate_write_key,
    set_source_enabled,
)
from amity.rooms.collection.queries.heard import first_accepted
from amity.rooms.collection.queries.plan.force import plans_in_force, sensitive_traits
from amity.rooms.collection.queries.plan.names import flowing_names
from amity.rooms.collection.queries.quarantine import list_quarantine
from amity.rooms.collection.queries.sources import get_source, list_source_health, list_sources, names_of_sources
from amity.rooms.collection.queries.waiting import waiting
from amity.rooms.collection.rules.imports.tables import look_at_table
from amity.rooms.collection.rules.mentions import values_in_body
from amity.rooms.collection.rules.plan.judge import BLOCKED, Sensitive, Verdict, sentence
from amity.rooms.collection.rules.plan.shapes import Shape, shape_of

__all__ = [
    "ACCEPTED",
    "BLOCKED",
    "DUPLICATE",
    "Fact",
    "Found",
    "Outcome",
    "Sensitive",
    "Shape",
    "Verdict",
    "add_write_key",
    "amity_source",
    "change_source",
    "count_outcomes",
    "count_shapes",
    "count_violations",
    "create_source",
    "expected_entries",
    "file_names",
    "first_accepted",
    "flowing_names",
    "forget_old_imports",
    "get_source",
    "list_quarantine",
    "list_source_health",
    "list_sources",
    "look_at_table",
    "names_of_sources",
    "plans_in_force",
    "reconcile",
    "record_fact",
    "record_facts",
    "replay_quarantined",
    "revoke_write_key",
    "rotate_write_key",
    "run_next_import",
    "sensitive_traits",
    "sentence",
    "set_source_enabled",
    "shape_of",
    "values_in_body",
    "waiting",
    "watch_drift",
]
