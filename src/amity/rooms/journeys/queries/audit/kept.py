"""Audits and dismissed findings, as the present keeps them."""

from __future__ import annotations

import json

import msgspec

from amity.rooms.journeys.models import Audit, Dismissal
from amity.rooms.journeys.models.worked import DONE
from amity.rooms.journeys.rules.audit.findings import Check


def latest_audit(workspace_id: int) -> Audit | None:
    """Return a workspace's newest audit that was finished."""
    return Audit.objects.filter(workspace_id=workspace_id, state=DONE).order_by("-id").first()


def newest_audit(workspace_id: int) -> Audit | None:
    """Return a workspace's newest audit, in whatever state."""
    return Audit.objects.filter(workspace_id=workspace_id).order_by("-id").first()


def checks_of(one: Audit) -> list[Check]:
    """Return what an audit came to."""
    return msgspec.json.decode(json.dumps((one.result or {}).get("checks", [])), type=list[Check])


def dismissed(workspace_id: int) -> dict[str, Dismissal]:
    """Return the findings that are dismissed now, by their keys."""
    return {one.key: one for one in Dismissal.objects.filter(workspace_id=workspace_id, ended_at=None).order_by("pk")}
