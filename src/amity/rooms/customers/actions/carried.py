"""Which identifiers interactions carry, without asking whose they are."""

from __future__ import annotations

from collections.abc import Sequence

from amity.rooms.customers.actions.settings import chosen_by
from amity.rooms.customers.contracts import Incoming
from amity.rooms.customers.rules.identifiers import IdentityRules, normalise
from amity.rooms.customers.rules.identity import carry

Names = tuple[tuple[str, str], ...]


def carried_identifiers(incoming: Sequence[Incoming]) -> list[Names]:
    """Return the (kind, value) pairs of each interaction, as they would be stored, also those that may identify nobody.

    A fact that names its customer carries the id as well.
    """
    chosen = chosen_by({one.workspace for one in incoming})
    remembered: dict[tuple[object, ...], Names] = {}
    found: list[Names] = []
    for one in incoming:
        if one.workspace not in chosen:
            found.append(())
            continue
        plain = not one.traits and one.kind != "alias" and one.customer_id is None
        # As in placing: contexts live as long as their batch, so their numbers are theirs, and few tell of anybody.
        said = one.context
        context = id(said) if "traits" in said or "device" in said or "externalIds" in said else 0
        key = (one.workspace, one.user_id, one.anonymous_id, context) if plain else ()
        known = remembered.get(key) if plain else None
        if known is None:
            known = _names(one, chosen[one.workspace].rules)
            if plain:
                remembered[key] = known
        found.append(known)
    return found


def _names(one: Incoming, rules: IdentityRules) -> Names:
    carried = carry(one, rules)
    names = [(ident.kind, ident.value) for ident in carried.idents]
    spelled = ((one.kind, normalise(one.kind, one.value, phone_region=rules.phone_region)) for one in carried.refused)
    names += [(kind, value) for kind, value in spelled if value]
    if one.customer_id is not None:
        names.append(("customer_id", str(one.customer_id)))
    return tuple(names)
