"""Lists: audiences without a definition, of the customers that somebody named. Who enters and who leaves is a fact here, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.engines.present.bulk import run, texts, uuids
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.audiences.settle import hold, note_change
from amity.rooms.customers.actions.audiences.telling import Change, tell
from amity.rooms.customers.actions.audiences.touching import touch_customers
from amity.rooms.customers.actions.audiences.verbs import checked_about, checked_name, save_audience
from amity.rooms.customers.actions.sync.noticing import notice_members
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.known import accessible_audience
from amity.rooms.customers.queries.audiences.naming import name_customers
from amity.rooms.customers.rules.audiences.listing import OWN, Mode
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access, Actor

_PUT = """
    INSERT INTO customers_list_entry (audience_id, kind, value, customer_id, added_at)
    SELECT %b, n.kind, n.value, n.customer, %b FROM unnest(%b::text[], %b::text[], %b::uuid[]) AS n (kind, value, customer)
    ON CONFLICT (audience_id, kind, value) DO UPDATE SET customer_id = excluded.customer_id
"""
_KEEP = """
    DELETE FROM customers_list_entry e WHERE audience_id = %b AND NOT EXISTS (
        SELECT FROM unnest(%b::text[], %b::text[]) AS n (kind, value) WHERE n.kind = e.kind AND n.value = e.value
    )
"""
_TAKE = "DELETE FROM customers_list_entry WHERE audience_id = %b AND customer_id = ANY(%b::uuid[])"
# Whose an entry's identifier is today; where nobody has it any more, who its customer is today.
_FOLLOW = f"""
    WITH found AS (
        SELECT e.audience_id, e.kind, e.value, e.customer_id AS before, CASE WHEN e.kind = '{OWN}' THEN
            (SELECT coalesce(c.merged_into, c.id) FROM customers_customer c WHERE c.id = e.value::uuid)
        ELSE coalesce(
            (SELECT i.customer_id FROM customers_identifier i WHERE i.workspace_id = %b AND i.kind = e.kind AND i.value = e.value),
            (SELECT coalesce(c.merged_into, c.id) FROM customers_customer c WHERE c.id = e.customer_id)
        ) END AS owner
        FROM customers_list_entry e JOIN customers_audience a ON a.id = e.audience_id
        WHERE a.workspace_id = %b AND e.customer_id = ANY(%b::uuid[])
    ), moved AS (
        UPDATE customers_list_entry e SET customer_id = f.owner FROM found f
        WHERE e.audience_id = f.audience_id AND e.kind = f.kind AND e.value = f.value AND f.owner <> e.customer_id
        RETURNING e.audience_id, f.before, f.owner
    )
    SELECT audience_id, before, owner FROM moved
"""  # noqa: S608  our own text
_LEAVE = """
    DELETE FROM customers_member m WHERE audience_id = %b AND (%b OR customer_id = ANY(%b::uuid[])) AND NOT EXISTS (
        SELECT FROM customers_list_entry e WHERE e.audience_id = m.audience_id AND e.customer_id = m.customer_id
    ) RETURNING customer_id, since
"""
_ENTER = """
    INSERT INTO customers_member (audience_id, customer_id, inside, since, due)
    SELECT DISTINCT audience_id, customer_id, true, %b::bigint, NULL::bigint FROM customers_list_entry
    WHERE audience_id = %b AND (%b OR customer_id = ANY(%b::uuid[]))
    ON CONFLICT (customer_id, audience_id) DO NOTHING RETURNING customer_id
"""
_BECAME = "SELECT id, merged_into FROM customers_customer WHERE id = ANY(%b::uuid[]) AND merged_into IS NOT NULL"
_EARLIER = "UPDATE customers_member SET since = least(since, %b) WHERE audience_id = %b AND customer_id = %b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a change of a list did: how many values named customers, which named nobody or several, who entered and left."""

    known: int
    unknown: frozenset[str]
    several: frozenset[str]
    entered: int
    left: int


def create_list(
    who: Access | Actor, *, workspace_id: int, name: str, about: str = "", request: HttpRequest | None = None
) -> Audience:
    """Make an empty list. Raises Invalid where the name is taken."""
    now, by = now_ms(), (who.actor if isinstance(who, Access) else who).name[:254]
    made = Audience(
        workspace_id=workspace_id, name=checked_name(name), about=checked_about(about), definition=None, created_at=now,
        created_by=by, updated_at=now, updated_by=by, computed_at=now,
    )  # fmt: skip
    with transaction.atomic():
        save_audience(made)
        after = {"name": made.name, "about": made.about}
        trust.record(
            who, action="list.created", target=f"audience:{made.pk}", after=after, request=request, workspace_id=workspace_id
        )
    return made


def create_list_of(
    access: Access, *, name: str, about: str = "", customer_ids: Sequence[UUID], request: HttpRequest | None = None
) -> int:
    """Make a list of these customers; return the audience's id. Raises Invalid where the name is taken, or nobody is named."""
    if not customer_ids:
        raise Invalid("Nobody would be on this list.")
    spelled = {str(one): (str(one),) for one in customer_ids}
    with transaction.atomic():
        made = create_list(access, workspace_id=access.workspace_id, name=name, about=about, request=request)
        change_list(
            access,
            workspace_id=access.workspace_id,
            audience_id=made.pk,
            mode="replace",
            kind=OWN,
            spelled=spelled,
            request=request,
        )
    return made.pk


def change_list(  # noqa: PLR0913  one argument for each part
    who: Access | Actor,
    *,
    workspace_id: int,
    audience_id: int,
    mode: Mode,
    kind: str,
    spelled: Mapping[str, Sequence[str]],
    request: HttpRequest | None = None,
) -> Listed:
    """Add customers to a list, remove them, or let them be all of it. `spelled`: values, and how each may be stored.

    To remove takes the customer off, by whatever identifier it was listed. Raises Invalid, NotFound.
    """
    with transaction.atomic():
        hold(workspace_id)
        one = accessible_audience(workspace_id=workspace_id, audience_id=audience_id)
        if one.definition is not None or one.archived_at is not None:
            raise Invalid(
                "Only a list that isn’t archived can be changed by naming customers; an audience with conditions can’t."
            )
        named = name_customers(workspace_id=workspace_id, kind=kind, spelled=spelled)
        if mode == "replace" and not named.owners:
            raise Invalid("Nobody is named, so nobody would be left on the list. Archive it, or remove customers, instead.")
        now = now_ms()
        _change(one.pk, mode, list(named.owners.values()), now)
        entered, left = settle_list(one, now)
        one.updated_at, one.updated_by = now, (who.actor if isinstance(who, Access) else who).name[:254]
        one.save(update_fields=["updated_at", "updated_by"])
        after = {"mode": mode, "kind": kind or "any", "named": len(named.owners), "entered": len(entered), "left": len(left)}
        trust.record(
            who, action="list.changed", target=f"audience:{one.pk}", after=after, request=request, workspace_id=workspace_id
        )
    return Listed(
        known=len(named.owners),
        unknown=frozenset(spelled.keys() - named.owners.keys() - named.several),
        several=named.several,
        entered=len(entered),
        left=len(left),
    )


def _change(audience_id: int, mode: Mode, owners: Sequence[tuple[str, str, UUID]], now: int) -> None:
    if mode == "remove":
        run(_TAKE, [audience_id, uuids(who for _, _, who in owners)])
        return
    kinds, values = texts(kind for kind, _, _ in owners), texts(value for _, value, _ in owners)
    if mode == "replace":
        run(_KEEP, [audience_id, kinds, values])
    run(_PUT, [audience_id, now, kinds, values, uuids(who for _, _, who in owners)])


def keeps_lists(workspace_id: int) -> bool:
    """Whether a workspace has lists in use."""
    return Audience.objects.filter(workspace_id=workspace_id, definition__isnull=True, archived_at=None).exists()


def follow_lists(*, workspace_id: int, customer_ids: Sequence[UUID], now: int) -> None:
    """Let lists name who has their identifiers today, of customers that were merged or parted. The caller holds the workspace."""
    moved: dict[int, set[UUID]] = {}
    for audience, *ids in run(_FOLLOW, [workspace_id, workspace_id, uuids(customer_ids)]):
        moved.setdefault(audience, set()).update(ids)
    for one in Audience.objects.filter(pk__in=moved, archived_at=None).order_by("pk"):
        settle_list(one, now, only=sorted(moved[one.pk]))


def settle_list(audience: Audience, now: int, *, only: Sequence[UUID] | None = None) -> tuple[list[UUID], list[UUID]]:
    """Make members whom the entries name, of all or `only` of some; return who entered and who left, each of which is a fact.

    A customer that became part of another neither leaves nor lets the other enter: they are one member, in since the earlier.
    """
    import numpy as np

    everybody, some = only is None, uuids(only or ())
    gone = dict(run(_LEAVE, [audience.pk, everybody, some]))
    came = {who for (who,) in run(_ENTER, [now, audience.pk, everybody, some])}
    became = dict(run(_BECAME, [uuids(gone)])) if gone else {}
    for old, into in became.items():
        run(_EARLIER, [gone[old], audience.pk, into])
    entered, left = sorted(came - set(became.values())), sorted(gone.keys() - became.keys())
    if not gone and not came:
        return [], []
    note_change(audience, audience.size + len(came) - len(gone), (len(entered), len(left)), now)
    as_bytes = [np.array([one.bytes for one in one_side], dtype="S16") for one_side in (entered, left)]
    tell([Change(audience=audience, entered=as_bytes[0], left=as_bytes[1])], now=now)
    ids = np.array([one.bytes for one in {*came, *gone}], dtype="S16")
    notice_members(workspace_id=audience.workspace_id, audience_id=audience.pk, ids=ids)
    touch_customers(workspace_id=audience.workspace_id, customer_ids=[*entered, *left])
    return entered, left
