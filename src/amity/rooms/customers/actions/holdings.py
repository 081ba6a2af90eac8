"""What the room holds of a customer: profile, identifiers, merges, activity, and the story in the past.

`KEPT` are tables that erasing a customer leaves alone, each with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from amity.engines.fieldkeys import opened_deep
from amity.engines.past.client import ask
from amity.engines.past.erasing import count_rows, erase_rows
from amity.engines.present.bulk import Column, cursor, run, texts, uuids
from amity.kernel.holdings import Record, Store, Subject
from amity.rooms.collection.api import file_names
from amity.rooms.customers.actions.sync.planning import forget_at_destinations
from amity.rooms.customers.models import ListUpload
from amity.rooms.customers.queries.story import PACKAGE

STORES = (
    Store(name="customers.profile", title="Profile, traits and search words", tables=("customers_customer",)),
    Store(name="customers.identifiers", title="Identifiers", tables=("customers_identifier",)),
    Store(name="customers.activity", title="Activity, consent and value", tables=("customers_activity", "customers_mark")),
    Store(name="customers.restrictions", title="Restrictions of what it is used for", tables=("customers_restriction",)),
    Store(name="customers.choices", title="Choices: the history of consent", tables=("customers_choice",)),
    Store(
        name="customers.merges",
        title="Merges and their evidence",
        tables=("customers_merge", "customers_unmerge", "customers_unmerge_run", "past.merges"),
        derived=True,
    ),
    Store(
        name="customers.identity_groups",
        title="That identity rules change them, waiting or as an example",
        tables=("customers_identity_group",),
        derived=True,
    ),
    Store(name="customers.refusals", title="Identifiers that were left out", tables=("customers_refusal",), derived=True),
    Store(name="customers.apart", title="That they are not somebody else", tables=("customers_apart",), derived=True),
    Store(name="customers.matches", title="That they may be somebody else", tables=("customers_match_pair",), derived=True),
    Store(name="customers.interactions", title="Interactions", tables=("past.interactions_raw",)),
    Store(name="customers.audiences", title="Audiences that the person is in", tables=("customers_member",), derived=True),
    Store(
        name="customers.lists", title="By which identifiers lists name the person", tables=("customers_list_entry",), derived=True
    ),
    Store(
        name="customers.list_files",
        title="Files of lists that wait to be used and may name the person",
        tables=("customers_list_upload",),
        derived=True,
    ),
    Store(
        name="customers.sent", title="Destinations that were told of the person", tables=("customers_sent_member",), derived=True
    ),
    Store(
        name="customers.outgoing",
        title="Messages on their way that name the person",
        tables=("customers_delivery",),
        derived=True,
    ),
    Store(name="customers.named", title="Others' interactions on a shared browser: the browser's id in them", derived=True),
    Store(
        name="customers.segments",
        title="Segments by behaviour that the person was sorted into",
        tables=("customers_cluster_member",),
        derived=True,
    ),
    Store(
        name="customers.quotes",
        title="That personas quote what the person said",
        tables=("customers_persona_quote",),
        derived=True,
    ),
    Store(
        name="customers.computed",
        title="Computed traits: what was worked out of what the person did",
        tables=("customers_computed_value",),
        derived=True,
    ),
)
KEPT: Mapping[str, str] = {
    "customers_destination": "places outside that audiences are sent to",
    "customers_subscription": "which audience is sent where, and for which purpose",
    "customers_sync_touch": "ids of customers whom destinations may have to hear of, kept for seconds: who is erased is then found nowhere",
    "customers_identity_rule": "a workspace's rules for kinds of identifiers",
    "customers_identity_setting": "a workspace's choice of how phone numbers are read",
    "customers_identity_draft": "a workspace's rules for kinds of identifiers, as they are being changed",
    "customers_identity_version": "a workspace's rules for kinds of identifiers, as they were",
    "customers_identity_run": "rules that were tried or applied, and how many customers they change",
    "customers_audience": "names and definitions of audiences, which colleagues wrote",
    "customers_audience_size": "how large audiences were",
    "customers_cluster_run": "that customers were sorted: how many, by what, and centres of at least dozens of them",
    "customers_persona": "personas, which colleagues wrote, and their members' numbers at a review",
    "customers_persona_version": "personas as they were",
    "customers_computed_trait": "names and definitions of computed traits, which colleagues wrote",
    "customers_touch": "ids of customers whose audiences are to be looked at, kept for seconds: who is erased is then found nowhere",
    "customers_own_purpose": "a workspace's purposes",
    "customers_purpose_text": "texts that a workspace tells everybody",
    "customers_consent_setting": "a workspace's policies and topics",
    "customers_match_setting": "how often a workspace compares its customers",
    "customers_match_run": "that customers were compared: how many, and what their levels taught, with no value of anybody",
    "past.interactions": "a view of past.interactions_raw",
}

_THEIRS = """workspace_id = {workspace_id:UInt32} AND (customer_id IN {customer_ids:Array(UUID)}
    OR trimBoth(user_id) IN {user_ids:Array(String)}
    OR (user_id = '' AND trimBoth(anonymous_id) IN {anonymous_ids:Array(String)}))"""
# Somebody else who was signed in on a browser that the person used, too: what they did stays theirs, the browser's id goes.
_NAMED = """workspace_id = {workspace_id:UInt32} AND customer_id NOT IN {customer_ids:Array(UUID)}
    AND user_id != '' AND trimBoth(user_id) NOT IN {user_ids:Array(String)}
    AND trimBoth(anonymous_id) IN {anonymous_ids:Array(String)}"""
_MERGES = (
    "workspace_id = {workspace_id:UInt32} AND (old_id IN {customer_ids:Array(UUID)} OR current_id IN {customer_ids:Array(UUID)})"
)
_OF_MERGES = "workspace_id = %b AND (old_id = ANY(%b::uuid[]) OR into_id = ANY(%b::uuid[]))"
_OF_APART = "workspace_id = %b AND (ARRAY[first_id, first_now, second_id, second_now] && %b::uuid[])"
_OF_MATCHES = "workspace_id = %b AND (first_id = ANY(%b::uuid[]) OR second_id = ANY(%b::uuid[]))"
_OF_RUNS = "workspace_id = %b AND wanted->>'value' = ANY(%b::text[])"  # a query for merges may name an identifier
_OF_IDENTIFIERS = """workspace_id = %b AND (customer_id = ANY(%b::uuid[])
    OR (kind, value) IN (SELECT * FROM unnest(%b::text[], %b::text[])))"""
_PROFILES = """
    SELECT id, created_at, traits, origins, merged_into FROM customers_customer
    WHERE workspace_id = %b AND id = ANY(%b::uuid[]) ORDER BY created_at
"""
_IDENTIFIERS = f"""
    SELECT kind, value, customer_id, added_at, source_id, aliased FROM customers_identifier
    WHERE {_OF_IDENTIFIERS} ORDER BY kind, value
"""  # noqa: S608  our own text
_ACTIVITY = """
    SELECT customer_id, first_seen, last_seen, last_name, interactions, channels, "values", consent FROM customers_activity
    WHERE workspace_id = %b AND customer_id = ANY(%b::uuid[])
"""
_CHOICES = """
    SELECT name, granted, time, received_at, source_id, origin, place, text_version, text_hash, proof, reason
    FROM customers_choice WHERE workspace_id = %b AND customer_id = ANY(%b::uuid[]) ORDER BY time, name
"""
_RESTRICTIONS = """
    SELECT customer_id, since, until, request FROM customers_restriction
    WHERE workspace_id = %b AND customer_id = ANY(%b::uuid[]) ORDER BY since
"""
_MERGED = f"""
    SELECT old_id, into_id, rule, time, merged_at, source_id, identifiers, moved FROM customers_merge
    WHERE {_OF_MERGES} ORDER BY id
"""  # noqa: S608  our own text
_REFUSED = f"SELECT kind, value, reason, time, source_id FROM customers_refusal WHERE {_OF_IDENTIFIERS} ORDER BY time"  # noqa: S608
_APART = f"SELECT first_id, second_id, reason, made_at FROM customers_apart WHERE {_OF_APART} ORDER BY id"  # noqa: S608
_MATCHED = f"""
    SELECT first_id, second_id, found_at, weight, probability, parts, state, decided_at, reason FROM customers_match_pair
    WHERE {_OF_MATCHES} ORDER BY id
"""  # noqa: S608
_MEMBER = """
    SELECT m.customer_id, a.name AS audience, m.inside, m.since FROM customers_member m JOIN customers_audience a ON a.id = m.audience_id
    WHERE a.workspace_id = %b AND m.customer_id = ANY(%b::uuid[]) ORDER BY a.name
"""
_COMPUTED = """
    SELECT v.customer_id, t.name AS trait, v.value, v.since FROM customers_computed_value v JOIN customers_computed_trait t ON t.id = v.trait_id
    WHERE t.workspace_id = %b AND v.customer_id = ANY(%b::uuid[]) AND v.value IS NOT NULL ORDER BY t.name
"""
_OF_VALUES = """customers_computed_value WHERE customer_id = ANY(%b::uuid[])
    AND trait_id IN (SELECT id FROM customers_computed_trait WHERE workspace_id = %b)"""
_UNCOMPUTED = f"""
    WITH gone AS (DELETE FROM {_OF_VALUES} RETURNING trait_id, value)
    UPDATE customers_computed_trait t SET size = size - n.number
    FROM (SELECT trait_id, count(*) AS number FROM gone WHERE value IS NOT NULL GROUP BY trait_id) AS n WHERE t.id = n.trait_id
"""  # noqa: S608  our own text
_OF_SEGMENTS = """customers_cluster_member WHERE customer_id = ANY(%b::uuid[])
    AND run_id IN (SELECT id FROM customers_cluster_run WHERE workspace_id = %b)"""
_SORTED = """
    SELECT m.customer_id, r.finished_at AS sorted_at, r.model -> 'segments' -> m.segment::int ->> 'name' AS segment, m.distance
    FROM customers_cluster_member m JOIN customers_cluster_run r ON r.id = m.run_id
    WHERE r.workspace_id = %b AND m.customer_id = ANY(%b::uuid[]) ORDER BY r.id
"""
_OF_QUOTES = """customers_persona_quote WHERE customer_id = ANY(%b::uuid[])
    AND persona_id IN (SELECT id FROM customers_persona WHERE workspace_id = %b)"""
_QUOTED = """
    SELECT p.name AS persona, q.customer_id, q.message_key, q.time, q.added_at
    FROM customers_persona_quote q JOIN customers_persona p ON p.id = q.persona_id
    WHERE p.workspace_id = %b AND q.customer_id = ANY(%b::uuid[]) ORDER BY q.id
"""
_OF_MEMBERS = """customers_member WHERE customer_id = ANY(%b::uuid[])
    AND audience_id IN (SELECT id FROM customers_audience WHERE workspace_id = %b)"""
_FEWER = f"""
    WITH gone AS (DELETE FROM {_OF_MEMBERS} RETURNING audience_id, inside)
    UPDATE customers_audience a SET size = size - n.number
    FROM (SELECT audience_id, count(*) AS number FROM gone WHERE inside GROUP BY audience_id) AS n WHERE a.id = n.audience_id
"""  # noqa: S608  our own text
_OF_ENTRIES = """EXISTS (SELECT FROM customers_audience a WHERE a.id = e.audience_id AND a.workspace_id = %b)
    AND (e.customer_id = ANY(%b::uuid[]) OR (e.kind, e.value) IN (SELECT * FROM unnest(%b::text[], %b::text[])))"""
_ENTRIES = f"""
    SELECT a.name AS audience, e.kind, e.value, e.added_at FROM customers_list_entry e JOIN customers_audience a ON a.id = e.audience_id
    WHERE {_OF_ENTRIES} ORDER BY a.name, e.kind, e.value
"""  # noqa: S608
_GROUPS = """
    SELECT g.customers, g.taken, g.told FROM customers_identity_group g JOIN customers_identity_run r ON r.id = g.run_id
    WHERE r.workspace_id = %b AND g.customers && %b::uuid[] ORDER BY g.id
"""
_OF_GROUPS = """customers_identity_group WHERE customers && %b::uuid[]
    AND run_id IN (SELECT id FROM customers_identity_run WHERE workspace_id = %b)"""
_OF_SENT = """customers_sent_member WHERE customer_id = ANY(%b::uuid[]) AND subscription_id IN (
    SELECT s.id FROM customers_subscription s JOIN customers_destination d ON d.id = s.destination_id WHERE d.workspace_id = %b)"""
_SENT = """
    SELECT d.name AS destination, d.kind, a.name AS audience, s.purpose, m.customer_id, m.since
    FROM customers_sent_member m JOIN customers_subscription s ON s.id = m.subscription_id
    JOIN customers_destination d ON d.id = s.destination_id JOIN customers_audience a ON a.id = s.audience_id
    WHERE d.workspace_id = %b AND m.customer_id = ANY(%b::uuid[]) ORDER BY d.name, a.name
"""
_OF_DELIVERIES = """done_at IS NULL AND destination_id IN (SELECT id FROM customers_destination WHERE workspace_id = %b)
    AND EXISTS (SELECT FROM jsonb_array_elements(items) i WHERE (i ->> 'customer')::uuid = ANY(%b::uuid[]))"""
_OUTGOING = f"""
    SELECT d.name AS destination, e.made_at, e.attempts FROM (SELECT * FROM customers_delivery WHERE {_OF_DELIVERIES}) AS e
    JOIN customers_destination d ON d.id = e.destination_id ORDER BY e.id
"""  # noqa: S608  our own text
# What was to be told of the person is told no more; that they left is, by an id that tells nothing about them.
_HUSH = f"""
    UPDATE customers_delivery SET items = coalesce((
        SELECT jsonb_agg(CASE WHEN (i ->> 'customer')::uuid = ANY(%b::uuid[])
            THEN jsonb_build_object('id', i ->> 'id', 'do', 'remove') ELSE i END)
        FROM jsonb_array_elements(items) i
    ), '[]'::jsonb) WHERE {_OF_DELIVERIES}
"""  # noqa: S608  our own text
_AT_ONCE = 2_000


def find(subject: Subject) -> dict[str, int]:
    """Return how many records each store holds of the subject."""
    past = _past(subject)
    ids, workspace = uuids(subject.customer_ids), subject.workspace_id
    return {
        "customers.profile": _count("customers_customer WHERE workspace_id = %b AND id = ANY(%b::uuid[])", workspace, ids),
        "customers.identifiers": _count(f"customers_identifier WHERE {_OF_IDENTIFIERS}", workspace, ids, *_pairs(subject)),
        "customers.activity": sum(
            _count(f"{table} WHERE workspace_id = %b AND customer_id = ANY(%b::uuid[])", workspace, ids)
            for table in ("customers_activity", "customers_mark")
        ),
        "customers.choices": _count("customers_choice WHERE workspace_id = %b AND customer_id = ANY(%b::uuid[])", workspace, ids),
        "customers.restrictions": _count(
            "customers_restriction WHERE workspace_id = %b AND customer_id = ANY(%b::uuid[])", workspace, ids
        ),
        "customers.merges": _count(f"customers_merge WHERE {_OF_MERGES}", workspace, ids, ids)
        + _count(f"customers_unmerge_run WHERE {_OF_RUNS}", workspace, _values(subject))
        + count_rows("merges", _MERGES, **past),
        "customers.identity_groups": _count(_OF_GROUPS, ids, workspace),
        "customers.refusals": _count(f"customers_refusal WHERE {_OF_IDENTIFIERS}", workspace, ids, *_pairs(subject)),
        "customers.apart": _count(f"customers_apart WHERE {_OF_APART}", workspace, ids),
        "customers.matches": _count(f"customers_match_pair WHERE {_OF_MATCHES}", workspace, ids, ids),
        "customers.audiences": _count(_OF_MEMBERS, ids, workspace),
        "customers.lists": _count(f"customers_list_entry e WHERE {_OF_ENTRIES}", workspace, ids, *_pairs(subject)),
        "customers.list_files": len(_list_files(subject)),
        "customers.segments": _count(_OF_SEGMENTS, ids, workspace),
        "customers.quotes": _count(_OF_QUOTES, ids, workspace),
        "customers.computed": _count(_OF_VALUES, ids, workspace),
        "customers.sent": _count(_OF_SENT, ids, workspace),
        "customers.outgoing": _count(f"customers_delivery WHERE {_OF_DELIVERIES}", workspace, ids),
        "customers.interactions": count_rows("interactions_raw", _THEIRS, **past),
        "customers.named": count_rows("interactions_raw", _NAMED, **past),
    }


def export(subject: Subject) -> Iterator[Record]:
    """Give everything that the room holds of the subject, in the words of the tables, what is kept encrypted opened."""
    ids, workspace = uuids(subject.customer_ids), subject.workspace_id
    for store, sql, params in (
        ("customers.profile", _PROFILES, (workspace, ids)),
        ("customers.identifiers", _IDENTIFIERS, (workspace, ids, *_pairs(subject))),
        ("customers.activity", _ACTIVITY, (workspace, ids)),
        ("customers.choices", _CHOICES, (workspace, ids)),
        ("customers.restrictions", _RESTRICTIONS, (workspace, ids)),
        ("customers.merges", _MERGED, (workspace, ids, ids)),
        ("customers.identity_groups", _GROUPS, (workspace, ids)),
        ("customers.refusals", _REFUSED, (workspace, ids, *_pairs(subject))),
        ("customers.apart", _APART, (workspace, ids)),
        ("customers.matches", _MATCHED, (workspace, ids, ids)),
        ("customers.audiences", _MEMBER, (workspace, ids)),
        ("customers.sent", _SENT, (workspace, ids)),
        ("customers.outgoing", _OUTGOING, (workspace, ids)),
        ("customers.lists", _ENTRIES, (workspace, ids, *_pairs(subject))),
        ("customers.segments", _SORTED, (workspace, ids)),
        ("customers.quotes", _QUOTED, (workspace, ids)),
        ("customers.computed", _COMPUTED, (workspace, ids)),
    ):
        yield from (Record(store=store, data=opened_deep(workspace, row)) for row in _rows(sql, *params))
    for one in _list_files(subject):
        yield Record(store="customers.list_files", data={"file": one.name, "size": one.size, "uploaded_at": one.made_at})
    yield from (Record(store="customers.interactions", data=opened_deep(workspace, row)) for row in _interactions(subject))


def erase(subject: Subject) -> dict[str, int]:
    """Erase all of it: the present in one transaction, then the past. Returns what was there."""
    found = find(subject)
    ids, workspace = uuids(subject.customer_ids), subject.workspace_id
    with transaction.atomic():
        # The row of activity is the lock: a batch that holds it ends first, one that comes later finds nobody.
        run("SELECT FROM customers_activity WHERE customer_id = ANY(%b::uuid[]) ORDER BY customer_id FOR UPDATE", [ids])
        run(f"DELETE FROM customers_identifier WHERE {_OF_IDENTIFIERS}", [workspace, ids, *_pairs(subject)])  # noqa: S608
        run(f"DELETE FROM customers_refusal WHERE {_OF_IDENTIFIERS}", [workspace, ids, *_pairs(subject)])  # noqa: S608
        run(f"DELETE FROM customers_apart WHERE {_OF_APART}", [workspace, ids])  # noqa: S608
        run(
            f"DELETE FROM customers_unmerge WHERE merge_id IN (SELECT id FROM customers_merge WHERE {_OF_MERGES})",  # noqa: S608
            [workspace, ids, ids],
        )
        run(f"DELETE FROM customers_match_pair WHERE {_OF_MATCHES}", [workspace, ids, ids])  # noqa: S608
        run(f"DELETE FROM {_OF_GROUPS}", [ids, workspace])  # noqa: S608
        forget_at_destinations(workspace, subject.customer_ids)
        run(_HUSH, [ids, workspace, ids])
        run(_FEWER, [ids, workspace])
        run(f"DELETE FROM customers_list_entry e WHERE {_OF_ENTRIES}", [workspace, ids, *_pairs(subject)])  # noqa: S608
        run(f"DELETE FROM {_OF_SEGMENTS}", [ids, workspace])  # noqa: S608
        run(f"DELETE FROM {_OF_QUOTES}", [ids, workspace])  # noqa: S608
        run(_UNCOMPUTED, [ids, workspace])
        run(f"DELETE FROM customers_merge WHERE {_OF_MERGES}", [workspace, ids, ids])  # noqa: S608
        run(
            f"UPDATE customers_unmerge_run SET wanted = wanted - 'value' WHERE {_OF_RUNS}",  # noqa: S608
            [workspace, _values(subject)],
        )
        for table, column in (
            ("customers_choice", "customer_id"),
            ("customers_restriction", "customer_id"),
            ("customers_mark", "customer_id"),
            ("customers_activity", "customer_id"),
            ("customers_customer", "id"),
        ):
            run(f"DELETE FROM {table} WHERE workspace_id = %b AND {column} = ANY(%b::uuid[])", [workspace, ids])  # noqa: S608
    for one in _list_files(subject):
        Path(one.path).unlink(missing_ok=True)
        one.delete()
    past = _past(subject)
    if found["customers.interactions"] or found["customers.named"]:
        erase_rows("interactions_raw", _THEIRS, blank=("anonymous_id = ''", _NAMED), **past)
    if count_rows("merges", _MERGES, **past):
        erase_rows("merges", _MERGES, **past)
    return found


def _interactions(subject: Subject) -> Iterator[dict[str, Any]]:
    after: dict[str, Any] = {"after_time": -2_208_988_800_001, "after_key": str(UUID(int=0))}
    while True:
        rows = ask(package=PACKAGE, name="held_interactions", limit=_AT_ONCE, **_past(subject), **after)
        for row in rows:
            after = {"after_time": row.pop("at"), "after_key": str(row.pop("message_key"))}
            yield row
        if len(rows) < _AT_ONCE:
            return


def _list_files(subject: Subject) -> list[ListUpload]:
    """Return files of lists that wait to be used; they are small enough and short-lived enough to go as a whole."""
    values = subject.values()
    waiting = ListUpload.objects.filter(workspace_id=subject.workspace_id, used_at=None).exclude(path="") if values else ()
    return [one for one in waiting if file_names(Path(one.path), values)]


def _past(subject: Subject) -> dict[str, Any]:
    return {
        "workspace_id": subject.workspace_id,
        "customer_ids": [str(one) for one in subject.customer_ids],
        "user_ids": subject.values("user_id"),
        "anonymous_ids": subject.values("anonymous_id"),
    }


def _pairs(subject: Subject) -> tuple[Column, Column]:
    return texts(kind for kind, _ in subject.identifiers), texts(value for _, value in subject.identifiers)


def _values(subject: Subject) -> Column:
    return texts(value for _, value in subject.identifiers)


def _count(what: str, *params: Any) -> int:
    return int(run(f"SELECT count(*) FROM {what}", params)[0][0])  # noqa: S608  our own text


def _rows(sql: str, *params: Any) -> list[dict[str, Any]]:
    with connection.wrap_database_errors, cursor() as made:
        made.execute(sql, params)
        names = [column.name for column in made.description or ()]
        return [dict(zip(names, row, strict=True)) for row in made.fetchall()]
