"""Let one group of customers be what the rules make of them: in steps that may break off anywhere and are done again.

Customers that hadn't been begin as empty parts of the customer they come from. Once the past knows that, their rows go to them a few thousand
at a time, which nobody sees. Then, with all held and all of their rows in the past, everything is worked out once more and changed at once.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec
from django.db import transaction

from amity.engines.present.barrier import hold_shared
from amity.engines.present.bulk import uuids
from amity.engines.present.models import PastBatch
from amity.facts.customers import CUSTOMERS_MERGED, CUSTOMERS_UNMERGED, CustomersMerged, CustomersUnmerged
from amity.rooms.collection import api as collection
from amity.rooms.customers.actions.cursor import fetch, run
from amity.rooms.customers.actions.moved import tell_past
from amity.rooms.customers.actions.resequence import arrived_until
from amity.rooms.customers.actions.ruleset.counting import counted
from amity.rooms.customers.actions.ruleset.keep import keep
from amity.rooms.customers.actions.unmerge.give import AT_ONCE, give, strangers
from amity.rooms.customers.contracts import MergedId
from amity.rooms.customers.models import Activity, Customer, IdentityGroup, IdentityRun
from amity.rooms.customers.queries.evidence import list_kept
from amity.rooms.customers.queries.ruleset.groups import Wanted, exist, list_groups
from amity.rooms.customers.rules.anew import Effect, Group, Remade, effect, remake
from amity.rooms.customers.rules.rederive import Happened, restore
from amity.rooms.customers.rules.ruleset import rules_from

_HOLD = """
    SELECT moved_at FROM customers_activity WHERE customer_id = ANY(%b::uuid[]) ORDER BY customer_id FOR NO KEY UPDATE SKIP LOCKED
"""
_VERSION = "SELECT nextval(pg_get_serial_sequence('customers_merge', 'id'))"
# Whose data isn't to be used stays so on all sides, as after an unmerge, until a person lifts it.
_RESTRICT = """
    INSERT INTO customers_restriction (workspace_id, customer_id, since, until, request, person, person_id)
    SELECT r.workspace_id, n.id, r.since, r.until, r.request, r.person, r.person_id
    FROM unnest(%b::uuid[], %b::uuid[]) AS n (id, parent) JOIN customers_restriction r ON r.customer_id = n.parent AND r.until IS NULL
    ON CONFLICT DO NOTHING
"""
Derived = tuple[Group, list[Happened], Remade]


def change(one: IdentityRun, row: IdentityGroup, at: Callable[[str], None] = lambda _: None) -> bool:
    """Change a group, and return whether that is done."""
    if PastBatch.objects.filter(token__startswith=_token(one, row)).exists():
        return False
    derived = _derive(one, row, learn=False)
    if derived is None:
        return _gone(one, row)
    if derived[2].created:
        _begin(one, row, derived)
        at("after beginning")
        return False
    _move_ahead(derived, at)
    return _finish(one, row, at)


def _derive(one: IdentityRun, row: IdentityGroup, *, learn: bool) -> Derived | None:
    """Work a group out, None where none of its customers is left."""
    wanted = Wanted(customers=row.customers, taken=[(kind, value) for kind, value in row.taken])
    [(group, happened)] = list_groups(one.workspace_id, [wanted])
    if not group.ledgers:
        return None
    remade = remake(group, happened, rules_from(one.rules), learn=learn)
    if learn:
        restore(remade.parted, [kept for ledger in group.ledgers for kept in list_kept(ledger)])
    return group, happened, remade


def _begin(one: IdentityRun, row: IdentityGroup, derived: Derived) -> None:
    group, _, remade = derived
    today = group.today
    made = {who: (today[began.customer], began.incoming.received_at) for who, began in remade.created.items()}
    with transaction.atomic():
        parents = sorted({parent for parent, _ in made.values()})
        if len(fetch(_HOLD, [uuids(parents)])) < len(parents) or not exist(one.workspace_id, parents):
            return
        Customer.objects.bulk_create(
            [
                Customer(id=who, workspace_id=one.workspace_id, created_at=received, merged_into=parent)
                for who, (parent, received) in made.items()
            ],
            ignore_conflicts=True,
        )
        Activity.objects.bulk_create(
            [Activity(customer_id=who, workspace_id=one.workspace_id, merged=True) for who in made], ignore_conflicts=True
        )
        run(_RESTRICT, [uuids(made), uuids(parent for parent, _ in made.values())])
        [[version]] = fetch(_VERSION)
        moved = [MergedId(one.workspace_id, who, parent, version) for who, (parent, _) in made.items()]
        tell_past(moved, token=f"{_token(one, row)}{version}")


def _move_ahead(derived: Derived, at: Callable[[str], None]) -> None:
    """Give rows to customers that lead to where the rows stand today already."""
    group, happened, remade = derived
    today = group.today
    stands = {h.incoming.key: today[h.customer] for h in happened}
    for target, keys in strangers(remade.parted.root, remade.parted.whose, happened).items():
        ours = [key for key in keys if today.get(target) == stands[key]]
        for start in range(0, len(ours), AT_ONCE):
            with transaction.atomic():
                hold_shared()
                give(workspace_id=group.workspace, target=target, keys=ours[start : start + AT_ONCE], out_of=group.ids)
            at("after rows")


def _finish(one: IdentityRun, row: IdentityGroup, at: Callable[[str], None]) -> bool:
    with transaction.atomic():
        hold_shared()
        if not IdentityGroup.objects.select_for_update().filter(pk=row.pk, waits=True, run__finished_at=None).exists():
            return False  # somebody stopped it
        derived = _derive(one, row, learn=True)
        if derived is None:
            return _gone(one, row)
        current = sorted(ledger.current for ledger in derived[0].ledgers)
        held, until = fetch(_HOLD, [uuids(current)]), arrived_until()
        if len(held) < len(current) or any(moved_at is not None and moved_at >= until for (moved_at,) in held):
            return False
        derived = _derive(one, row, learn=True)  # once more, now that nobody else can change them
        if derived is None or sorted(ledger.current for ledger in derived[0].ledgers) != current or derived[2].created:
            return False
        group, happened, remade = derived
        comes = effect(group, happened, remade)
        for target, keys in strangers(remade.parted.root, remade.parted.whose, happened).items():
            for start in range(0, len(keys), AT_ONCE):
                give(workspace_id=one.workspace_id, target=target, keys=keys[start : start + AT_ONCE], out_of=group.ids)
        at("before commit")
        merges = keep(one, group, happened, remade)
        tell_past(merges, token=f"rules-{one.pk}-{row.pk}")
        _tell(one, row, comes)
        _done(one, row, comes, remade)
    return True


def _gone(one: IdentityRun, row: IdentityGroup) -> bool:
    _done(one, row, None, None)
    return True


def _done(one: IdentityRun, row: IdentityGroup, comes: Effect | None, remade: Remade | None) -> None:
    IdentityGroup.objects.filter(pk=row.pk).delete()
    run = IdentityRun.objects.select_for_update().get(pk=one.pk)
    found = dict(run.found)
    for name, number in (counted(comes, remade) if comes is not None and remade is not None else {}).items():
        found[name] = found.get(name, 0) + number
    IdentityRun.objects.filter(pk=one.pk).update(found=found, done=run.done + 1)


def _tell(one: IdentityRun, row: IdentityGroup, comes: Effect) -> None:
    def fact(name: str, customer: UUID, properties: object) -> None:
        collection.record_fact(
            workspace_id=one.workspace_id, message_id=f"rules-{one.pk}-{row.pk}-{name}-{customer}", name=name,
            properties=msgspec.to_builtins(properties), customer_id=customer, channel="console", voice="ours",
        )  # fmt: skip

    for who, parts in comes.split.items():
        others = sorted(str(part) for part in parts if part != who)
        fact(CUSTOMERS_UNMERGED, who, CustomersUnmerged(customer_id=str(who), parted_ids=others, by=one.by))
    for then, sources in comes.joined.items():
        others = sorted(str(source) for source in sources if source != then)
        fact(CUSTOMERS_MERGED, then, CustomersMerged(customer_id=str(then), merged_ids=others, rule="rules", by=one.by))


def _token(one: IdentityRun, row: IdentityGroup) -> str:
    return f"rules-{one.pk}-{row.pk}-made-"
