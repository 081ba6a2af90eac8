"""Where the three engines answer: from the environment, else from what the supervisor of this data folder wrote."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from amity.kernel.errors import NotRunning
from amity.kernel.settings import Settings, settings


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """URLs of log, present and past, with their passwords: never to be logged or shown."""

    log: str
    present: str
    past: str


def endpoints_file(chosen: Settings) -> Path:
    """Return the file in which a running supervisor leaves the addresses of its embedded engines."""
    return chosen.run / "endpoints.json"


@cache
def addresses() -> Addresses:
    """Return the engines' addresses. Raises NotRunning, saying how to start Amity, where there is none."""
    chosen = settings()
    given = {"log": chosen.log_url, "present": chosen.present_url, "past": chosen.past_url}
    if not all(given.values()):
        try:
            found = msgspec.json.decode(endpoints_file(chosen).read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            raise NotRunning(f"Amity isn't running on {chosen.home}. Start it with: amity serve") from None
        given = {name: value or found[name] for name, value in given.items()}
    return Addresses(**given)
