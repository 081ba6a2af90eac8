"""How often something may be tried: counted in PostgreSQL, for all processes together."""

from __future__ import annotations

from django.http import HttpRequest


def may_try(request: HttpRequest, *, action: str, rate: str, key: str = "") -> bool:
    """Count an attempt and return whether it is within `rate`: `20/m/ip` for each address, `20/m/key` for each `key`."""
    from allauth.core.internal import ratelimit

    found = ratelimit.consume(request, app="amity", action=action, config={action: rate}, key=key or None, limit_get=True)
    return bool(found)
