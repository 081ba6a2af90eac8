"""What every page of the console gets: the frame around it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates the navigation, the workspace and the theme."""
    return {"access": getattr(request, "access", None)}
