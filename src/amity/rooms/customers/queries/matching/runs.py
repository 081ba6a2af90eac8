"""Whether everybody was compared, and how far that is; what the workspace chose about it."""

from __future__ import annotations

from importlib.util import find_spec

from amity.kernel.errors import NotFound
from amity.rooms.customers.models import MatchRun, MatchSetting
from amity.rooms.customers.rules.matching.model import DEFAULT_PROBABILITY

LACKING = "Comparing customers needs Splink, which isn’t installed. On Amity’s machine: pip install 'amity[matching]'"


def lacking() -> str:
    """Return what is lacking to compare customers, as a sentence that says how to install it; empty where all is there."""
    return "" if find_spec("splink") and find_spec("duckdb") else LACKING


def latest_run(*, workspace_id: int) -> MatchRun | None:
    """Return the run that was asked for last."""
    return MatchRun.objects.filter(workspace_id=workspace_id).order_by("-id").first()


def get_match_run(*, workspace_id: int, run_id: int) -> MatchRun:
    """Return one run. Raises NotFound."""
    found = MatchRun.objects.filter(workspace_id=workspace_id, pk=run_id).first()
    if found is None:
        raise NotFound("There is no such run here.")
    return found


def chosen_for(*, workspace_id: int) -> MatchSetting:
    """Return what the workspace chose, else what holds without a choice: when asked, from the default probability on."""
    found = MatchSetting.objects.filter(workspace_id=workspace_id).first()
    return found or MatchSetting(workspace_id=workspace_id, probability=DEFAULT_PROBABILITY)
