"""Amity's errors as pages: what is not there, not allowed, not possible now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from amity.kernel.errors import AmityError, Busy, Forbidden, Invalid, NotFound, NotRunning

_ANSWERS: tuple[tuple[type[AmityError], int, str], ...] = (
    (NotFound, 404, "There is no such page"),
    (Forbidden, 403, "That is not yours to do"),
    (Invalid, 400, "That can’t be done as it is"),
    (Busy, 503, "Too much of this at once"),
    (NotRunning, 503, "A part of Amity doesn’t answer"),
    (AmityError, 500, "That didn’t work"),
)


_NUL = "What was sent holds a NUL character, which can’t be stored or looked for. Take it out and send it again."
log = structlog.get_logger("amity.console")


class ErrorPages:
    """Middleware: an AmityError that no view caught becomes a page that says what to do, as does a failure of what holds a NUL."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer an AmityError, and what failed of a request that holds what no engine keeps; leave every other to Django."""
        if not isinstance(exception, AmityError) and _holds_nul(request):
            log.warning("failed of a NUL", error=type(exception).__name__)
            exception = Invalid(_NUL)
        if not isinstance(exception, AmityError):
            return None
        status, title = next((status, title) for kind, status, title in _ANSWERS if isinstance(exception, kind))
        return error_page(request, status=status, title=title, message=exception.message)


def _holds_nul(request: HttpRequest) -> bool:
    values = [one for form in (request.GET, request.POST) for _, many in form.lists() for one in many]
    return "\0" in request.path or any(isinstance(one, str) and "\0" in one for one in values)


def error_page(request: HttpRequest, *, status: int, title: str, message: str) -> HttpResponse:
    """Return an error's page; in the frame where one can be drawn, else as a card."""
    context: dict[str, Any] = {"title": title, "message": message, "status": status}
    try:
        framed = getattr(request, "access", None) is not None and status != 503
        return render(request, "shell/error.html" if framed else "shell/error_plain.html", context, status=status)
    except Exception:  # noqa: BLE001 - the frame itself needs what just failed: the card needs nothing
        return render(None, "shell/error_plain.html", context, status=status)
