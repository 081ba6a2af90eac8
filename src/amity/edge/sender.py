"""Who sent a request, as far as we can see ourselves: address, program, wish not to be sold."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

# Programs on a customer's company's server: their own address and name say nothing about the customer.
_SERVER = re.compile(
    r"(@segment/|@rudderstack/)?(analytics-(python|node|ruby|go|java|php|rust|clojure)|analytics\.net|rudder-sdk-node|rudder-sdk-(python|go|java)"
    r"|posthog-(python|node|ruby|go|php|java|rs|elixir|dotnet|server)|python|node|axios|go-http|java/|ruby|php|guzzle|curl|amity)",
    re.IGNORECASE,
)


class Sender(NamedTuple):
    """One request's sender. `ip` and `user_agent` are the connection's; `server` means: not the customer's own device."""

    received_at: int
    ip: str
    user_agent: str
    gpc: bool
    server: bool


@lru_cache(maxsize=1_024)
def is_server(user_agent: str) -> bool:
    """Tell whether a user agent is that of a program on a server."""
    return user_agent == "" or _SERVER.match(user_agent) is not None
