"""Who a request about a person's data is about: one customer under all ids, with all identifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import Q

from amity.engines.past.client import ask
from amity.kernel.errors import Invalid
from amity.kernel.holdings import Subject
from amity.rooms.customers.models import Customer, Identifier, IdentitySetting
from amity.rooms.customers.queries.story import PACKAGE
from amity.rooms.customers.rules.identifiers import normalise

CUSTOMER_ID = "customer_id"


def find_subject(*, workspace_id: int, kind: str, value: str) -> Subject:
    """Return whom an identifier names, with everything known of them; without ids where nobody has it.

    Raises Invalid for what can be no identifier of that kind.
    """
    kind, value = kind.strip().lower().replace("\0", ""), value.strip().replace("\0", "")
    if kind == CUSTOMER_ID:
        try:
            return _whole(workspace_id, [UUID(value)], [])
        except ValueError:
            raise Invalid(f"{value!r} is no customer's id.") from None
    region = IdentitySetting.objects.filter(workspace_id=workspace_id).values_list("phone_region", flat=True).first()
    spelled = normalise(kind, value, phone_region=region or "")
    if not kind or not spelled:
        raise Invalid(f"{value!r} can be no identifier of the kind {kind or '(none)'!r}.")
    owners = Identifier.objects.filter(workspace_id=workspace_id, kind=kind, value=spelled).values_list("customer_id", flat=True)
    return _whole(workspace_id, owners, [(kind, spelled)])


def grow(subject: Subject) -> Subject:
    """Return the subject with what its ids and identifiers have come to mean since."""
    owned = Q(pk__in=[])
    for kind, value in subject.identifiers:
        owned |= Q(kind=kind, value=value)
    owners = Identifier.objects.filter(owned, workspace_id=subject.workspace_id).values_list("customer_id", flat=True)
    return subject.union(_whole(subject.workspace_id, [*subject.customer_ids, *owners], subject.identifiers))


def list_matching(*, workspace_id: int, wanted: Callable[[str, str], bool]) -> Subject:
    """Return everybody of whom `wanted(kind, value)` holds for an identifier or for a `customer_id`.

    Looks at every identifier of the workspace, and at the ids that interactions of the past carry.
    """
    rows = Identifier.objects.filter(workspace_id=workspace_id).values_list("kind", "value", "customer_id")
    found = [(kind, value, owner) for kind, value, owner in rows.iterator(chunk_size=10_000) if wanted(kind, value)]
    everybody = Customer.objects.filter(workspace_id=workspace_id).values_list("id", flat=True).iterator(chunk_size=10_000)
    ids = [one for one in everybody if wanted(CUSTOMER_ID, str(one))]
    ids += [row["customer_id"] for row in ask(package=PACKAGE, name="ids_of_past", workspace_id=workspace_id)
            if wanted(CUSTOMER_ID, str(row["customer_id"]))]  # fmt: skip
    carried = {
        (kind, value)
        for row in ask(package=PACKAGE, name="named_in_past", workspace_id=workspace_id)
        for kind, value in (("user_id", row["user_id"]), ("anonymous_id", row["anonymous_id"]))
        if value and wanted(kind, value)
    }
    known = {(kind, value) for kind, value, _ in found} | carried
    return _whole(workspace_id, [*ids, *(owner for *_, owner in found)], sorted(known))


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
