"""Make a plan of one interaction, or of all that flow, from what was seen of them."""

from __future__ import annotations

from typing import Any

from amity.engines.past.client import ask
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import NotFound
from amity.rooms.collection.actions.plan.change import Change, save_planned
from amity.rooms.collection.models import PlannedInteraction, SeenInteraction
from amity.rooms.collection.rules.plan.document import check_document
from amity.rooms.collection.rules.plan.inference import schemas_from

_HERE = "amity.rooms.collection"
MOST_READ = 200_000  # interactions of one name; of more, a share is read
DAYS = 30
MOST_AT_ONCE = 100
_NOTES = {"title", "description", "examples", "deprecated", "$comment", "x-pii"}


def draft(*, workspace_id: int, kind: str, name: str, days: int = DAYS, now: int | None = None) -> dict[str, Any]:
    """Return a plan of an interaction as it was in the last days. Raises NotFound where the past holds none of them."""
    of = {"workspace_id": workspace_id, "kind": kind, "interaction": name, "since": (now or now_ms()) - days * DAY}
    [count] = ask(package=_HERE, name="plan_seen_count", share=65_536, **of)
    if not count["n"]:
        raise NotFound(f"Nothing of it arrived in the last {days} days, so there is nothing to plan from.")
    share = 65_536 if count["n"] <= MOST_READ else max(MOST_READ * 65_536 // count["n"], 1)
    [count] = ask(package=_HERE, name="plan_seen_count", share=share, **of)
    rows = ask(package=_HERE, name="plan_seen", share=share, **of)
    return check_document({"kind": kind, "name": name, **schemas_from(rows, total=count["shared"])})


def plan_from_seen(*, change: Change, kind: str, name: str) -> int:
    """Plan an interaction as it was in the last 30 days; what a person wrote about it already stays. Returns the version."""
    made = draft(workspace_id=change.workspace_id, kind=kind, name=name)
    held = PlannedInteraction.objects.filter(workspace_id=change.workspace_id, kind=kind, name=name).first()
    if held is not None:
        made = {**held.document, **{place: _with_notes(made[place], held.document[place]) for place in ("properties", "traits")}}
    return save_planned(change=change, document=made)


def plan_all_from_seen(*, change: Change) -> int:
    """Plan the 100 most frequent interactions that are not planned yet; return how many were."""
    planned = set(PlannedInteraction.objects.filter(workspace_id=change.workspace_id).values_list("kind", "name"))
    seen = SeenInteraction.objects.filter(workspace_id=change.workspace_id).exclude(kind="other").order_by("-accepted", "id")
    made = 0
    for one in seen:
        if (one.kind, one.name) in planned or made >= MOST_AT_ONCE:
            continue
        try:
            save_planned(change=change, document=draft(workspace_id=change.workspace_id, kind=one.kind, name=one.name))
            made += 1
        except NotFound:
            continue
    return made


def _with_notes(made: dict[str, Any], held: dict[str, Any]) -> dict[str, Any]:
    """Return the new schema with what people wrote at each property: a description, its class of personal data."""
    written = held.get("properties", {})
    notes = {
        name: {key: value for key, value in written.get(name, {}).items() if key in _NOTES} for name in made.get("properties", {})
    }
    return {**made, "properties": {name: one | notes[name] for name, one in made.get("properties", {}).items()}}
