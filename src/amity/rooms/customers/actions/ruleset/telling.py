"""What an example of a dry run shows: the customers of today, and those there would be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from amity.rooms.customers.rules.anew import Group, Remade
from amity.rooms.customers.rules.rederive import Happened

_SHOWN = 5


def told_of(group: Group, happened: Sequence[Happened], remade: Remade, what: str) -> dict[str, Any]:
    """Return who is today and who would be, with some identifiers and how much each did. `what` is `split` or `joined`."""
    today, parted = group.today, remade.parted
    then = Counter(parted.whose[one.incoming.key] for one in happened if one.incoming.voice != "ours")
    now = Counter(today[one.customer] for one in happened if one.incoming.voice != "ours")
    after = {who: sorted(p for p in parted.members.get(who, ())) for who in set(parted.root.values())}
    return {
        "what": what,
        "before": [
            _side(ledger.current, sorted(ledger.held), now[ledger.current])
            for ledger in sorted(group.ledgers, key=lambda one: (-len(one.held), one.current))[:_SHOWN]
        ],
        "more_before": max(len(group.ledgers) - _SHOWN, 0),
        "after": [
            _side(who, places, then[who])
            for who, places in sorted(after.items(), key=lambda one: (-len(one[1]), one[0]))[:_SHOWN]
        ],
        "more_after": max(len(after) - _SHOWN, 0),
    }


def _side(who: Any, places: Sequence[Any], interactions: int) -> dict[str, Any]:
    return {
        "customer": str(who),
        "identifiers": [[p.kind, p.value] for p in places[:_SHOWN]],
        "more": max(len(places) - _SHOWN, 0),
        "interactions": interactions,
    }
