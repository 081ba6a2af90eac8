"""What a change of rules comes to in numbers; a dry run and an application count with the same."""

from __future__ import annotations

from collections import Counter

from amity.rooms.customers.rules.anew import Effect, Remade


def counted(comes: Effect, remade: Remade) -> dict[str, int]:
    """Return customers that become part of another (`merges`), that are parted (`splits`), identifiers `refused:` and `taken:` by kind."""
    changes = Counter({"merges": comes.merges, "splits": len(comes.split)})
    changes.update(f"refused:{place.kind}" for place in remade.dropped)
    changes.update(f"taken:{place.kind}" for place in remade.gained)
    return dict(changes)
