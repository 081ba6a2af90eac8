"""Customers by what is known of them, for rooms that count: who is in an audience, what a trait is of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amity.engines.present.bulk import run, texts, uuids_from
from amity.kernel.sealed import HIDDEN, is_sealed
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.known import accessible_audience

if TYPE_CHECKING:
    import numpy as np

_INSIDE = "SELECT string_agg(uuid_send(customer_id), '') FROM customers_member WHERE audience_id = %b AND inside"
# As the past tells values: text, truths and whole numbers; fractions, lists and objects are no groups. A trait's own name may have
# dots in it, so the whole name is looked for first.
_TRAITS = """
    SELECT uuid_send(c.id), CASE jsonb_typeof(r.v) WHEN 'string' THEN r.v #>> '{}' WHEN 'boolean' THEN r.v::text
        WHEN 'number' THEN CASE WHEN r.v::text ~ '^-?[0-9]+$' THEN r.v::text END END
    FROM customers_customer c CROSS JOIN LATERAL (SELECT coalesce(c.traits -> %b::text, c.traits #> %b::text[]) AS v) r
    WHERE c.workspace_id = %b AND c.id = ANY(%b::uuid[])
"""


def audience_choices(workspace_id: int) -> list[tuple[int, str]]:
    """Return (id, name) of the audiences in use, by name."""
    found = Audience.objects.filter(workspace_id=workspace_id, archived_at=None).order_by("name", "pk")
    return list(found.values_list("pk", "name"))


def audience_members(*, workspace_id: int, audience_id: int) -> np.ndarray:
    """Return the ids (`S16`, in no order) of who is kept as being in an audience now. Raises NotFound."""
    import numpy as np

    one = accessible_audience(workspace_id=workspace_id, audience_id=audience_id)
    [(body,)] = run(_INSIDE, [one.pk])
    return np.frombuffer(bytes(body or b""), dtype="S16")


def trait_texts(*, workspace_id: int, customers: np.ndarray, name: str) -> list[str | None]:
    """Return the value of a trait for each customer (`S16`), as text; None where it has none. Sensitive ones stay hidden."""
    rows = run(_TRAITS, [name, texts(name.split(".")), workspace_id, uuids_from(customers)])
    found = {bytes(who): HIDDEN if is_sealed(value) else value for who, value in rows}
    return [found.get(bytes(who).ljust(16, b"\0")) or None for who in customers]
