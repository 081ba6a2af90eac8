"""Accounts: companies, households, teams. They are read from what interactions say, so nothing of them can be out of date.

An interaction names an account by `groupId`, `context.groupId` or PostHog's `$groups`. Who is named with one belongs to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from amity.engines.past.client import ask
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.contracts import Account, AccountLine, Member, Story
from amity.rooms.customers.queries.rows import LINE, fetch, lines_of
from amity.rooms.customers.queries.story import PACKAGE, moment_of, place_in_story
from amity.rooms.customers.rules.accounts import name_of_account, plain_id, traits_of_account

MOST_MEMBERS = 1_000
_MOST_TOLD = 1_000  # group calls that are read for an account's traits
_LAST = (4_102_444_800_000, "")
_LINES = f"""
    SELECT {LINE} FROM customers_activity a JOIN customers_customer c ON c.id = a.customer_id
    WHERE c.workspace_id = %s AND a.customer_id = ANY(%s)
"""  # noqa: S608
_OLD_IDS = "SELECT merged_into, id FROM customers_customer WHERE workspace_id = %s AND merged_into = ANY(%s)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """A stretch of the list. `after` asks for the next; empty: there are none."""

    lines: Sequence[AccountLine]
    after: str


def list_accounts(*, workspace_id: int, text: str = "", after: str = "", limit: int = 50) -> Accounts:
    """Return accounts, the one heard of last first. `text`: a part of the id or name. Raises Invalid for a place that is none."""
    before_time, before_id = _place(after)
    rows = ask(
        package=PACKAGE, name="accounts", workspace_id=workspace_id, text=text, before_time=before_time, before_id=before_id,
        limit=limit + 1,
    )  # fmt: skip
    lines = [
        AccountLine(
            id=row["group_id"],
            name=row["name"].strip() or plain_id(row["group_id"]),
            **{name: row[name] for name in ("members", "interactions", "last_time")},
        )
        for row in rows[:limit]
    ]
    return Accounts(lines=lines, after=f"{lines[-1].last_time}.{lines[-1].id}" if len(rows) > limit else "")


def get_account(*, workspace_id: int, account: str) -> Account:
    """Return an account. Raises NotFound where no interaction names it, NotRunning without the past."""
    told = ask(package=PACKAGE, name="account_told", workspace_id=workspace_id, account=account, limit=_MOST_TOLD)
    rows = ask(package=PACKAGE, name="account_members", workspace_id=workspace_id, account=account, limit=MOST_MEMBERS + 1)
    if not told and not rows:
        raise NotFound("No interaction names this account.")
    traits = traits_of_account((row["at"], row["source_id"], row["told"]) for row in told)
    members = _members(workspace_id, rows[:MOST_MEMBERS])
    sums = ask(package=PACKAGE, name="account_sums", **_who(workspace_id, account, members)) if members else []
    return Account(
        id=account,
        name=name_of_account(account, traits),
        traits=traits,
        members=members,
        more=len(rows) > MOST_MEMBERS,
        interactions=sum(row["interactions"] for row in sums),
        values={row["currency"]: Decimal(row["total"]) for row in sums if row["currency"] and row["total"]},
    )


def account_story(*, workspace_id: int, account: Account, before: str = "", limit: int = 50) -> Story:
    """Return what an account's members did for it, newest first. Raises Invalid if `before` is no place in it."""
    if not account.members:
        return Story(moments=[], before="")
    before_time, before_key = place_in_story(before)
    rows = ask(
        package=PACKAGE,
        name="account_story",
        **_who(workspace_id, account.id, account.members),
        before_time=before_time,
        before_key=str(before_key),
        limit=limit,
    )
    moments = list({(moment.key, moment.time): moment for moment in map(moment_of, rows)}.values())
    full = len(rows) == limit and moments
    return Story(moments=moments, before=f"{moments[-1].time}.{moments[-1].key.hex}" if full else "")


def _members(workspace_id: int, rows: Sequence[dict[str, Any]]) -> list[Member]:
    """Return members whom the present knows, in the order of the rows."""
    ids = [row["customer_id"] for row in rows]
    lines = {line.id: line for line in lines_of(workspace_id, fetch(_LINES, [workspace_id, ids]))}
    old: dict[UUID, list[UUID]] = {}
    for into, one in fetch(_OLD_IDS, [workspace_id, ids]):
        old.setdefault(into, []).append(one)
    return [
        Member(line=lines[one], since=row["since"], last_time=row["last_time"], ids=(one, *old.get(one, ())))
        for one, row in zip(ids, rows, strict=True)
        if one in lines
    ]


def _who(workspace_id: int, account: str, members: Sequence[Member]) -> dict[str, Any]:
    pairs = [(str(one), member.since) for member in members for one in member.ids]
    return {
        "workspace_id": workspace_id,
        "account": account,
        "customer_ids": [one for one, _ in pairs],
        "since": [since for _, since in pairs],
    }


def _place(after: str) -> tuple[int, str]:
    if not after:
        return _LAST
    time, _, account = after.partition(".")
    if not time.isdigit() or len(time) > 13 or not account:
        raise Invalid("This is no place in the list of accounts. Start from its beginning.")
    return int(time), account
