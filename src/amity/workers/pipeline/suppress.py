"""Suppress: what carries an identifier of somebody who was erased, or must not be kept, ends here and is kept nowhere.

Before dedupe, which would remember it; counted as `suppressed`, and not put into quarantine. Where a workspace suppresses
nobody, this is one question a batch.
"""

from __future__ import annotations

from collections.abc import Mapping

from amity.facts.interaction import Interaction, Rejection
from amity.rooms.collection import api as collection
from amity.rooms.customers import api as customers
from amity.rooms.trust import api as trust
from amity.workers.batch import DUPLICATE, SUPPRESSED, Batch
from amity.workers.pipeline.decode import body_of
from amity.workers.pipeline.place import incoming

_KINDS = ("user_id", "anonymous_id", "email", "phone", "device_id", "advertising_id", "customer_id")


def suppress(batch: Batch) -> None:
    """Drop items that carry a suppressed identifier."""
    live = batch.live
    strict = trust.suppressing({item.interaction.workspace for item in live}) if live else {}
    items = [item for item in live if item.interaction.workspace in strict] if strict else []
    if not items:
        return
    given = []
    for item in items:
        item.incoming = incoming(item)
        given.append(item.incoming)
    carried = customers.carried_identifiers(given)
    places = [[(item.interaction.workspace, *pair) for pair in pairs] for item, pairs in zip(items, carried, strict=True)]
    found = trust.find_suppressed({place for some in places for place in some}, versions=strict)
    for item, some in zip(items, places, strict=True) if found else ():
        if any(place in found and _holds(found[place], item.interaction) for place in some):
            item.drop(SUPPRESSED)


def suppress_turned(batch: Batch) -> None:
    """Take away what was turned away, by the edge or by a step, if it tells of somebody suppressed: quarantine would keep its body."""
    dropped = [item for item in batch.items if item.dropped and item.dropped not in {DUPLICATE, SUPPRESSED}]
    workspaces = {one.rejection.workspace for one in batch.turned} | {item.interaction.workspace for item in dropped}
    strict = trust.suppressing(workspaces) if workspaces else {}
    if not strict:
        return
    told: dict[int, tuple[Interaction | Rejection, str]]
    told = {id(one): (one.rejection, one.rejection.body) for one in batch.turned if one.rejection.workspace in strict}
    told |= {id(item): (item.interaction, body_of(item.interaction)) for item in dropped if item.interaction.workspace in strict}
    gone = _telling(told, strict)
    batch.silenced = [one for one in batch.turned if id(one) in gone]
    batch.turned = [one for one in batch.turned if id(one) not in gone]
    for item in dropped:
        if id(item) in gone:
            item.dropped, item.detail, item.step = SUPPRESSED, "", "suppress turned"


def _telling(told: dict[int, tuple[Interaction | Rejection, str]], versions: Mapping[int, int]) -> set[int]:
    """Return which of these bodies hold a suppressed identifier as a value."""
    values = {number: collection.values_in_body(body) for number, (_, body) in told.items()}
    asked = {(one.workspace, kind, value) for number, (one, _) in told.items() for value in values[number] for kind in _KINDS}
    found = trust.find_suppressed(asked, versions=versions)
    return {
        number
        for number, (one, _) in told.items()
        for value in values[number]
        for kind in _KINDS
        if (place := (one.workspace, kind, value)) in found and _holds(found[place], one)
    }


def _holds(before: int | None, one: Interaction | Rejection) -> bool:
    """Whether a suppression holds for something: one that was lifted still holds for what happened or came before that."""
    if before is None:
        return True
    return one.received_at < before or (isinstance(one, Interaction) and one.time < before)
