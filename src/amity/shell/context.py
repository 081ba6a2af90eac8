"""What every page of the console gets: the frame around it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from amity.shell.frame import frame_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates `access` and the frame, and say times in the workspace's zone.

    The zone is set before each rendering, so none is left over from an earlier one of the same thread.
    """
    access = getattr(request, "access", None)
    if access is None:
        timezone.deactivate()
        return {"access": None, "shell": None}
    timezone.activate(ZoneInfo(access.workspace.time_zone))
    return {"access": access, "shell": SimpleLazyObject(lambda: frame_of(request, access))}
