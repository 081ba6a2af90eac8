"""Who a request about a person's data is about: one customer under all ids, with all identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from amity.engines.present.bulk import run, texts
from amity.kernel.errors import Invalid
from amity.kernel.holdings import Subject
from amity.rooms.customers.models import Customer, Identifier, IdentitySetting
from amity.rooms.customers.rules.identifiers import normalise

CUSTOMER_ID = "customer_id"
_OWNERS = """
    SELECT DISTINCT customer_id FROM customers_identifier
    WHERE workspace_id = %b AND (kind, value) IN (SELECT * FROM unnest(%b::text[], %b::text[]))
"""


def find_subject(*, workspace_id: int, kind: str, value: str) -> Subject:
    """Return whom an identifier names, with everything known of them; without ids where nobody has it.

    Raises Invalid for what can be no identifier of that kind.
    """
    kind, spelled = spell(workspace_id=workspace_id, kind=kind, value=value)
    if kind == CUSTOMER_ID:
        return _whole(workspace_id, [UUID(spelled)], [])
    owners = Identifier.objects.filter(workspace_id=workspace_id, kind=kind, value=spelled).values_list("customer_id", flat=True)
    return _whole(workspace_id, owners, [(kind, spelled)])


def spell(*, workspace_id: int, kind: str, value: str) -> tuple[str, str]:
    """Return an identifier as it is stored. Raises Invalid for what can be no identifier of that kind."""
    kind, value = kind.strip().lower().replace("\0", ""), value.strip().replace("\0", "")
    if kind == CUSTOMER_ID:
        try:
            return kind, str(UUID(value))
        except ValueError:
            raise Invalid(f"{value!r} is no customer's id.") from None
    region = IdentitySetting.objects.filter(workspace_id=workspace_id).values_list("phone_region", flat=True).first()
    spelled = normalise(kind, value, phone_region=region or "")
    if not kind or not spelled:
        raise Invalid(f"{value!r} can be no identifier of the kind {kind or '(none)'!r}.")
    return kind, spelled


def grow(subject: Subject) -> Subject:
    """Return the subject with what its ids and identifiers have come to mean since."""
    pairs = [texts(kind for kind, _ in subject.identifiers), texts(value for _, value in subject.identifiers)]
    owners = [row[0] for row in run(_OWNERS, [subject.workspace_id, *pairs])]
    return subject.union(_whole(subject.workspace_id, [*subject.customer_ids, *owners], subject.identifiers))


def everybody(*, workspace_id: int) -> Iterator[tuple[str, str, UUID]]:
    """Give every identifier of a workspace as (kind, value, whose), and every customer's id as of the kind `customer_id`."""
    for one in Customer.objects.filter(workspace_id=workspace_id).values_list("id", flat=True).iterator(chunk_size=10_000):
        yield CUSTOMER_ID, str(one), one
    rows = Identifier.objects.filter(workspace_id=workspace_id).values_list("kind", "value", "customer_id")
    yield from rows.iterator(chunk_size=10_000)


def _whole(workspace_id: int, ids: Iterable[UUID], identifiers: Iterable[tuple[str, str]]) -> Subject:
    """Return everything of the customers that have these ids now or once had them."""
    asked = set(ids)
    rows = Customer.objects.filter(workspace_id=workspace_id)
    currents = {into or one for one, into in rows.filter(id__in=asked).values_list("id", "merged_into")}
    olds = set(rows.filter(merged_into__in=currents).values_list("id", flat=True))
    everyone = asked | currents | olds
    owned = Identifier.objects.filter(workspace_id=workspace_id, customer_id__in=everyone).values_list("kind", "value")
    return Subject(
        workspace_id=workspace_id,
        customer_ids=tuple(sorted(everyone)),
        identifiers=tuple(sorted({*identifiers, *owned})),
    )
