"""Who allows a purpose: the one door that enforces consent on reads, for some customers or as a condition over all of them.

The condition in SQL says what `rules.choices.decide` says; a property test holds the two equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amity.engines.present.trips import Trips, here
from amity.kernel.clock import now_ms
from amity.rooms.customers.queries.rows import fetch
from amity.rooms.customers.rules.choices.decide import Answer
from amity.rooms.customers.rules.choices.policies import REGIONS, Policy, policies_of
from amity.rooms.customers.rules.choices.purposes import (
    BY_PERSON,
    PAUSE,
    SALE_SHARE,
    TOPIC,
    WITHOUT_ASKING,
    Purpose,
    plain,
    purpose_of,
    purposes_of,
)

COUNTRY_TRAITS = ("country", "address.country")


def _plain(text: str) -> str:
    # As `purposes.plain` does it, letter for letter.
    upper, lower = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
    return f"btrim(regexp_replace(translate({text}, '{upper}', '{lower}'), '[^a-z0-9:]+', '_', 'g'), '_')"


def _region(said: str) -> str:
    return f"coalesce(%(consent_regions)s::jsonb ->> {said}, CASE WHEN {said} ~ '^[a-z]{{2}}$' THEN 'default' END)"


_IDS = "(SELECT a.customer_id UNION ALL SELECT m.id FROM customers_customer m WHERE m.merged_into = a.customer_id)"
# All answers known of the customer of `a`: the newest of each name stands with the activity, older ones in the history, which may
# hold more than one id of who was merged. `since` is when an answer was first said.
SAID = f"""(
    SELECT e.key AS name, (e.value ->> 0)::boolean AS granted, (e.value ->> 1)::bigint AS time, coalesce(
        (
            SELECT max(h.time) FROM customers_choice h
            WHERE h.customer_id IN {_IDS} AND h.name = e.key AND h.granted = (e.value ->> 0)::boolean
                AND h.time <= (e.value ->> 1)::bigint
        ),
        (e.value ->> 1)::bigint
    ) AS since
    FROM jsonb_each(a.consent) e
    UNION ALL
    SELECT h.name, h.granted, h.time, h.time FROM customers_choice h WHERE h.customer_id IN {_IDS}
)"""  # noqa: S608  our own text
# The same by their plain names, up to an instant; the names are worked out once for each, and when one was first said is looked up
# only of those that matter. `moment` is when an answer counts from, as `Answer.moment` says it.
_NAMED = f"""(
    SELECT regexp_replace({_plain("r.raw")}, '^{BY_PERSON}', '') AS name, r.raw, r.granted, r.time, r.newest FROM (
        SELECT e.key AS raw, (e.value ->> 0)::boolean AS granted, (e.value ->> 1)::bigint AS time, true AS newest
        FROM jsonb_each(a.consent) e
        UNION ALL
        SELECT h.name, h.granted, h.time, false FROM customers_choice h WHERE h.customer_id IN {_IDS}
    ) r
    WHERE r.time <= %(consent_at)s OFFSET 0
)"""  # noqa: S608  our own text
_MOMENT = f"""CASE WHEN NOT x.newest OR (NOT x.granted AND x.name = '{SALE_SHARE}') THEN x.time ELSE coalesce(
    (
        SELECT max(h.time) FROM customers_choice h
        WHERE h.customer_id IN {_IDS} AND h.name = x.raw AND h.granted = x.granted AND h.time <= x.time
    ),
    x.time
) END"""  # noqa: S608  our own text
_TELLS = "(x.name = ANY(%(consent_names)s::text[]) OR (NOT x.granted AND x.name = ANY(%(consent_refused_by)s::text[])))"
_TRAIT = "c.traits #> string_to_array(t.path, '.')"
# Who asked that their data isn't used is of no use to any purpose, whatever they had answered; under any id that they ever had.
_RESTRICTIONS = f"SELECT FROM customers_restriction r WHERE r.customer_id IN {_IDS}"
RESTRICTED_NOW = f"EXISTS ({_RESTRICTIONS} AND r.until IS NULL)"
_RESTRICTED = f"""EXISTS (
    {_RESTRICTIONS} AND r.since <= %(consent_at)s AND (r.until IS NULL OR r.until > %(consent_at)s)
)"""
_DAYS = "split_part(x.name, ':', 2)::bigint * 86400000"
# Few ever pause: whoever has no such name among the answers needs no second look at them.
_MAY_PAUSE = f"""(
    a.consent::text ILIKE '%%{PAUSE}%%'
    OR EXISTS (SELECT FROM customers_choice h WHERE h.customer_id IN {_IDS} AND h.name ILIKE '%%{PAUSE}%%')
)"""
_PAUSED = f"""({_MAY_PAUSE} AND coalesce((
    SELECT NOT x.granted AND x.moment + {_DAYS} > %(consent_at)s FROM (SELECT x.*, {_MOMENT} AS moment FROM {_NAMED} x
        WHERE x.name ~ '^{PAUSE}[0-9]{{1,3}}$') x
    ORDER BY x.moment DESC, x.granted, {_DAYS} DESC LIMIT 1
), false))"""  # noqa: S608  our own text
_REFUSED_TOPIC = f"""coalesce((
    SELECT NOT x.granted FROM {_NAMED} x WHERE x.name = %(consent_topic)s ORDER BY {_MOMENT} DESC, x.granted LIMIT 1
), false)"""  # noqa: S608  our own text
# A condition on the aliases `a` (customers_activity) and `c` (customers_customer).
_CONDITION = f"""(
    (%(consent_always)s OR NOT {_RESTRICTED})
    AND (%(consent_free)s OR (
        SELECT CASE
            WHEN newest.granted IS NULL THEN policy.silent
            WHEN NOT newest.granted THEN false
            WHEN policy.days > 0 AND newest.moment < %(consent_at)s - policy.days * 86400000 THEN policy.silent
            ELSE true
        END
        FROM (
            SELECT (held.policy ->> 'silent')::boolean AS silent, (held.policy ->> 'days')::bigint AS days
            FROM (
                SELECT %(consent_policies)s::jsonb -> coalesce(
                    (
                        SELECT {_region("said.country")}
                        FROM unnest(%(consent_paths)s::text[]) WITH ORDINALITY AS t (path, place)
                        CROSS JOIN LATERAL (SELECT {_plain(f"({_TRAIT}) #>> '{{}}'")} AS country OFFSET 0) said
                        WHERE jsonb_typeof({_TRAIT}) = 'string' AND {_region("said.country")} IS NOT NULL
                        ORDER BY t.place LIMIT 1
                    ),
                    {_region(_plain("a.country"))},
                    %(consent_default)s
                ) AS policy
            ) held
        ) policy
        LEFT JOIN LATERAL (
            SELECT x.granted, {_MOMENT} AS moment FROM {_NAMED} x WHERE {_TELLS} ORDER BY moment DESC, x.granted LIMIT 1
        ) newest ON true
    ))
    AND NOT (%(consent_pausable)s AND {_PAUSED})
    AND NOT (%(consent_topic)s <> '' AND {_REFUSED_TOPIC})
)"""  # noqa: S608  our own text
# OFFSET 0 keeps PostgreSQL from asking everybody first and looking for those who were meant afterwards.
_SOME = f"""
    SELECT id FROM (
        SELECT asked.id, {_CONDITION} AS allowed FROM customers_customer asked
        JOIN customers_customer c ON c.id = coalesce(asked.merged_into, asked.id)
        JOIN customers_activity a ON a.customer_id = c.id
        WHERE asked.workspace_id = %(consent_workspace)s AND asked.id = ANY(%(consent_ids)s) OFFSET 0
    ) asked WHERE allowed
"""  # noqa: S608  our own text
_ANSWERS = f"""
    SELECT a.customer_id, x.name, x.granted, x.time, x.since
    FROM customers_activity a CROSS JOIN LATERAL {SAID} x
    WHERE a.workspace_id = %(workspace)s AND a.customer_id = ANY(%(ids)s)
"""  # noqa: S608  our own text
_SETTING = "SELECT default_policy, country_traits, policies FROM customers_consent_setting WHERE workspace_id = %s"
_UNSET: dict[str, Any] = {"default_policy": "default", "country_traits": [], "policies": {}}
_OWN = "SELECT key, name, basis, description, categories FROM customers_own_purpose WHERE workspace_id = %s ORDER BY name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition in SQL on the aliases `a` (customers_activity) and `c` (customers_customer), with its named parameters."""

    sql: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a workspace chose about consent."""

    purposes: Mapping[str, Purpose]
    policies: Mapping[str, Policy]
    country_traits: tuple[str, ...]
    default_policy: str


def chosen(workspace_id: int) -> Chosen:
    """Return a workspace's purposes and policies."""
    return here(ask_chosen(workspace_id))


def purpose_names(workspace_id: int) -> dict[str, str]:
    """Return what a workspace's purposes are called, by their keys."""
    return {key: one.name for key, one in chosen(workspace_id).purposes.items()}


def ask_chosen(workspace_id: int) -> Trips[Chosen]:
    """Return a workspace's purposes and policies in one trip."""
    settings, own = yield [(_SETTING, [workspace_id]), (_OWN, [workspace_id])]
    setting: dict[str, Any] = settings[0] if settings else _UNSET
    purposes = [
        Purpose(
            key=row["key"],
            name=row["name"],
            basis=row["basis"],
            description=row["description"],
            names=frozenset(plain(one) for one in row["categories"]),
        )
        for row in own
    ]
    return Chosen(
        purposes=purposes_of(purposes),
        policies=policies_of(setting["policies"]),
        country_traits=tuple(setting["country_traits"]) or COUNTRY_TRAITS,
        default_policy=setting["default_policy"],
    )


def permitted(
    *, workspace_id: int, customer_ids: Iterable[UUID], purpose: str, at: int | None = None, topic: str = ""
) -> set[UUID]:
    """Return those of the customers whose data may be used for a purpose at an instant (ms since 1970; default now).

    An id that was merged stands for who it is now. `topic` names what a message is about (`news`): who refused that is left out
    too. Raises Invalid (`unknown_purpose`) for no purpose of the workspace.
    """
    condition = permitting(workspace_id=workspace_id, purpose=purpose, at=at, topic=topic)
    ids = list(set(customer_ids))
    params = {**condition.params, "consent_workspace": workspace_id, "consent_ids": ids}
    return {row[0] for row in fetch(_SOME, params)} if ids else set()


def permitting(*, workspace_id: int, purpose: str, at: int | None = None, topic: str = "") -> Condition:
    """Return the condition under which a customer's data may be used for a purpose, for questions over many of them.

    `topic` narrows it to who didn't refuse that topic. Raises Invalid (`unknown_purpose`) for no purpose of the workspace.
    """
    known = chosen(workspace_id)
    wanted = purpose_of(known.purposes, purpose)
    policies = {
        key: {"silent": policy.allows_silence(wanted), "days": policy.expires_days} for key, policy in known.policies.items()
    }
    return Condition(
        sql=_CONDITION,
        params={
            "consent_always": wanted.basis == "necessary",
            "consent_free": wanted.basis in WITHOUT_ASKING,
            "consent_at": now_ms() if at is None else at,
            "consent_names": sorted(wanted.names),
            "consent_refused_by": sorted(wanted.refused_by),
            "consent_policies": json.dumps(policies),
            "consent_regions": json.dumps(REGIONS),
            "consent_paths": list(known.country_traits),
            "consent_default": known.default_policy,
            "consent_pausable": wanted.is_marketing and wanted.basis not in WITHOUT_ASKING,
            "consent_topic": purpose_of(known.purposes, f"{TOPIC}{topic}").key if topic else "",
        },
    )


def answers_of(*, workspace_id: int, customer_ids: Iterable[UUID]) -> dict[UUID, list[Answer]]:
    """Return all answers that are known of customers of today, as `decide` takes them."""
    found: dict[UUID, list[Answer]] = {}
    for customer_id, *answer in fetch(_ANSWERS, {"workspace": workspace_id, "ids": list(customer_ids)}):
        found.setdefault(customer_id, []).append(Answer(*answer))
    return found
