"""What exists already and can be named in a condition: events, properties, traits, also of accounts, purposes, kinds of identifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from amity.engines.past.client import ask
from amity.engines.present.bulk import run
from amity.kernel.clock import MINUTE, now_ms
from amity.kernel.errors import AmityError
from amity.rooms.collection.api import flowing_names

_SAMPLE = "SELECT traits, id FROM customers_customer WHERE workspace_id = %b AND merged_into IS NULL ORDER BY id DESC LIMIT 2000"
_TRAITS = f"""
    SELECT name, count(*) FROM ({_SAMPLE}) AS c, jsonb_object_keys(c.traits) AS name GROUP BY name ORDER BY 2 DESC, 1 LIMIT 200
"""  # noqa: S608  our own text
_PURPOSES = """
    SELECT name, count(*) FROM (SELECT consent FROM customers_activity WHERE workspace_id = %b ORDER BY seen_minute DESC LIMIT 2000) AS a,
        jsonb_object_keys(a.consent) AS name GROUP BY name ORDER BY 2 DESC, 1 LIMIT 50
"""
_IDENTIFIERS = (
    "SELECT DISTINCT kind FROM (SELECT kind FROM customers_identifier WHERE workspace_id = %b LIMIT 20000) AS i ORDER BY 1"
)


def offered(workspace_id: int) -> Mapping[str, Sequence[str]]:
    """Return names by what they name; looked up at most once a minute. What exists and isn't here can be written all the same."""
    return _offered(workspace_id, now_ms() // MINUTE)


@lru_cache(maxsize=64)
def _offered(workspace_id: int, minute: int) -> Mapping[str, Sequence[str]]:  # noqa: ARG001  the minute is what makes it new
    events, properties = flowing_names(workspace_id=workspace_id)
    return {
        "events": events,
        "properties": properties,
        "traits": [name for name, _ in run(_TRAITS, [workspace_id])],
        "accounts": _account_traits(workspace_id),
        "purposes": [name for name, _ in run(_PURPOSES, [workspace_id])],
        "identifiers": [name for (name,) in run(_IDENTIFIERS, [workspace_id])],
    }


def _account_traits(workspace_id: int) -> list[str]:
    try:
        rows = ask(package="amity.rooms.customers", name="account_trait_names", workspace_id=workspace_id)
    except AmityError:  # names are only a help: the page works without the past
        return []
    return [row["name"] for row in rows]
