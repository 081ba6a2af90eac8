"""What the API's errors say, as Amity's own errors."""

from __future__ import annotations

import httpx

from amity.kernel.errors import AmityError, Invalid, NotRunning


def raise_for(answer: httpx.Response) -> None:
    """Raise what an answer that is none says. Codes are the API's: `unauthorized`, `forbidden`, `invalid` and so on."""
    if answer.status_code < 300:
        return
    try:
        told = answer.json()
        code, message = str(told["code"]), str(told["message"])
    except (ValueError, KeyError, TypeError):
        code, message = "error", f"This is no Amity's answer (HTTP {answer.status_code}). Is the address the console's?"
    kind = {"invalid": Invalid, "not_running": NotRunning}.get(code, AmityError)
    raise kind(message, code=code)
