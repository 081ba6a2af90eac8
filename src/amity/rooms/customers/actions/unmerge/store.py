"""Write into the present what an unmerge worked out, in the transaction that holds the customer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec.structs import replace

from amity.engines.present.bulk import bigints as numbers
from amity.engines.present.bulk import booleans, texts, uuids
from amity.kernel.clock import now_ms
from amity.rooms.customers.actions.cursor import fetch, run
from amity.rooms.customers.actions.resequence import Marked, put_in_order
from amity.rooms.customers.actions.save import encode_json, save_joined, save_refusals
from amity.rooms.customers.actions.save_choices import move_choices, save_choices
from amity.rooms.customers.contracts import MergedId
from amity.rooms.customers.models import Apart, Merge
from amity.rooms.customers.rules.activity import Activity, meet
from amity.rooms.customers.rules.identity import Decided, Joined
from amity.rooms.customers.rules.profile import Profile
from amity.rooms.customers.rules.rederive import Happened, Ledger, Merged, Parted
from amity.rooms.customers.rules.sequence import EARLIEST

_OWNERS = """
    UPDATE customers_identifier i SET customer_id = n.customer, aliased = n.aliased
    FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::uuid[], %b::boolean[]) AS n (workspace, value, kind, customer, aliased)
    WHERE i.workspace_id = n.workspace AND i.value = n.value AND i.kind = n.kind
        AND (i.customer_id, i.aliased) <> (n.customer, n.aliased)
"""
_ROOTS = """
    UPDATE customers_customer c SET merged_into = n.root, words = NULL
    FROM unnest(%b::uuid[], %b::uuid[]) AS n (id, root) WHERE c.id = n.id
"""
_PROFILES = """
    UPDATE customers_customer c
    SET traits = n.traits::jsonb, origins = n.origins::jsonb, words = array_to_tsvector(string_to_array(n.words, ' '))
    FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[]) AS n (id, traits, origins, words) WHERE c.id = n.id
"""
_PARTED = """
    UPDATE customers_activity SET merged = n.merged, parted_at = clock_timestamp()
    FROM unnest(%b::uuid[], %b::boolean[]) AS n (id, merged) WHERE customer_id = n.id
"""
_NOW_APART = """
    UPDATE customers_apart a SET first_now = coalesce(f.root, a.first_now), second_now = coalesce(s.root, a.second_now)
    FROM customers_apart same
    LEFT JOIN unnest(%b::uuid[], %b::uuid[]) AS f (id, root) ON f.id = same.first_id
    LEFT JOIN unnest(%b::uuid[], %b::uuid[]) AS s (id, root) ON s.id = same.second_id
    WHERE same.id = a.id AND (a.first_id = ANY(%b::uuid[]) OR a.second_id = ANY(%b::uuid[]))
"""
_REFUSED = """
    UPDATE customers_refusal r SET customer_id = m.customer
    FROM (
        SELECT DISTINCT ON (n.customer, r.kind, r.value, r.reason) r.customer_id, r.kind, r.value, r.reason, n.customer
        FROM customers_refusal r JOIN unnest(%b::uuid[], %b::uuid[]) AS n (key, customer) ON r.key = n.key
        WHERE r.customer_id = ANY(%b::uuid[]) AND r.customer_id <> n.customer AND NOT EXISTS (
            SELECT FROM customers_refusal o
            WHERE o.customer_id = n.customer AND o.kind = r.kind AND o.value = r.value AND o.reason = r.reason
        )
        ORDER BY n.customer, r.kind, r.value, r.reason, r.received_at
    ) AS m
    WHERE (r.customer_id, r.kind, r.value, r.reason) = (m.customer_id, m.kind, m.value, m.reason)
"""
_VERSION = "SELECT nextval(pg_get_serial_sequence('customers_merge', 'id'))"


def store(  # noqa: PLR0913
    *,
    workspace_id: int,
    ledger: Ledger,
    undone: Sequence[Merged],
    parted: Parted,
    happened: Sequence[Happened],
    run_id: int,
    by: Decided,
    version: int | None = None,
) -> list[MergedId]:
    """Let everything in the present be as was worked out, and return which ids lead elsewhere from now on.

    `version` is that of the identity rules which were applied: then the customers of today may be several, and all ids are returned.

    Totals, sessions and edges are read from the past, where every row has to be at its place already.
    """
    _save_apart(workspace_id, ledger, by)
    _save_identity(ledger, parted)
    _save_activity(workspace_id, ledger, parted, happened)
    _save_ledger(ledger, undone, parted, run_id, version)
    # What was written stays as it was told; what only repeated somebody else's answer is news of one's own now.
    move_choices(workspace_id=workspace_id, owners=parted.whose)
    save_choices([replace(one, customer=parted.root[one.customer], late=False) for one in parted.choices])
    ids = sorted(ledger.ids)
    roots = [parted.root[one] for one in ids]
    run(_NOW_APART, [uuids(ids), uuids(roots), uuids(ids), uuids(roots), uuids(ids), uuids(ids)])
    run(_PARTED, [uuids(ids), booleans(root != one for one, root in zip(ids, roots, strict=True))])
    [[place]] = fetch(_VERSION)
    # The one of before is told too: audiences look at whom this tells of.
    return [
        MergedId(workspace_id, one, parted.root[one], place)
        for one in ids
        if one == ledger.current or parted.root[one] != ledger.current or version is not None
    ]


def _save_apart(workspace_id: int, ledger: Ledger, by: Decided) -> None:
    Apart.objects.bulk_create(
        [
            Apart(
                workspace_id=workspace_id, first_id=min(pair), second_id=max(pair), first_now=min(pair), second_now=max(pair),
                person=by.person, person_id=by.person_id, reason=by.reason, made_at=now_ms(),
            )
            for pair in ledger.apart
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def _save_identity(ledger: Ledger, parted: Parted) -> None:
    places = sorted(parted.owner)
    run(
        _OWNERS,
        [
            numbers(p.workspace for p in places),
            texts(p.value for p in places),
            texts(p.kind for p in places),
            uuids(parted.owner[p] for p in places),
            booleans(parted.members[parted.owner[p]][p] for p in places),
        ],
    )
    ids = sorted(ledger.ids)
    run(_ROOTS, [uuids(ids), uuids(None if parted.root[one] == one else parted.root[one] for one in ids)])
    profiles = [(one, parted.profiles.get(one) or _empty(one)) for one in _customers(parted)]
    workspace = next(iter(ledger.held)).workspace if ledger.held else 0
    for _, profile in profiles:
        profile.workspace = profile.workspace or workspace
    run(
        _PROFILES,
        [
            uuids(one for one, _ in profiles),
            texts(encode_json(profile.traits) for _, profile in profiles),
            texts(encode_json(profile.origins) for _, profile in profiles),
            texts(profile.words(parted.members[one]) for one, profile in profiles),
        ],
    )


def _save_activity(workspace_id: int, ledger: Ledger, parted: Parted, happened: Iterable[Happened]) -> None:
    """Begin each customer's activity anew; what it did is counted and ordered from the past."""
    found = {
        each: Activity(workspace=workspace_id, customer=each, consent=parted.consent.get(each, {}), channels={}, values={})
        for each in _customers(parted)
    }
    for one in happened:  # what the company did tells when a customer was met, for who did nothing
        activity, at = found[parted.whose[one.incoming.key]], one.incoming.time
        activity.first_seen = min(activity.first_seen or at, at)
        activity.last_seen = max(activity.last_seen or at, at)
        if one.incoming.country and one.incoming.voice != "ours":
            meet(activity, one.incoming.country, at)
    ids: dict[UUID, list[UUID]] = defaultdict(list)
    for each, root in parted.root.items():
        ids[root].append(each)
    run("DELETE FROM customers_mark WHERE customer_id = ANY(%b::uuid[])", [uuids(ledger.ids)])
    put_in_order(workspace_id, [Marked(activity, ids[each], EARLIEST, recount=True) for each, activity in found.items()])


def _save_ledger(ledger: Ledger, undone: Sequence[Merged], parted: Parted, run_id: int, version: int | None) -> None:
    """Let the rows of merges say what holds now: taken back, in another shape, or new where evidence had not been needed."""
    left: dict[UUID, list[Merged]] = defaultdict(list)
    believed = {one for one, _, _ in parted.believed}
    for merge in sorted(ledger.merges, key=lambda m: m.id):
        if merge.id not in believed:
            left[merge.key].append(merge)
    for one, old, into in parted.believed:
        Merge.objects.filter(pk=one).update(old_id=old, into_id=into)
    new: list[Joined] = []
    for joined in parted.joined:
        same = left[joined.cause.key]
        match = next((one for one in same if one.old == joined.old), same[0] if same else None)
        if match is None:
            new.append(joined)
            continue
        same.remove(match)
        if (match.old, match.into, {(p.kind, p.value) for p in match.moved}) != (joined.old, joined.into, set(joined.moved)):
            Merge.objects.filter(pk=match.id).update(
                old_id=joined.old, into_id=joined.into, moved=[list(one) for one in joined.moved],
                identifiers=[[kind, value, owner and str(owner)] for kind, value, owner in joined.seen],
            )  # fmt: skip
    gone = [one.id for same in left.values() for one in same]
    Merge.objects.filter(pk__in=[*gone, *(one.id for one in undone)]).update(undone=run_id)
    if new:
        made = save_joined(new, {})
        if version is not None:
            Merge.objects.filter(pk__in=made).update(version=version)
    if parted.left_out:
        save_refusals(parted.left_out)
    run(_REFUSED, [uuids(parted.whose), uuids(parted.whose.values()), uuids(ledger.ids)])


def _customers(parted: Parted) -> list[UUID]:
    return sorted(set(parted.root.values()))


def _empty(customer: UUID) -> Profile:
    return Profile(workspace=0, customer=customer, created_at=0, traits={}, origins={})
