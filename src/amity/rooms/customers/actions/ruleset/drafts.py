"""Change identity rules in the draft, apart from those in force: nothing follows a draft until it is applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.cursor import run
from amity.rooms.customers.actions.people import decided
from amity.rooms.customers.models import IdentityDraft
from amity.rooms.customers.queries.ruleset.kept import get_draft, get_version, rules_in_force
from amity.rooms.customers.rules.identifiers import IdentityRules
from amity.rooms.customers.rules.ruleset import checked, checked_kind, checked_region, plain, rules_from, with_kind, with_region
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST_KINDS = 100
_RULES = 0x52554C45  # RULE


def hold_rules(workspace_id: int) -> None:
    """Let nobody else change a workspace's identity rules until the transaction ends."""
    run("SELECT pg_advisory_xact_lock(%b::int, %b::int)", [_RULES, workspace_id])


def draft_kind(  # noqa: PLR0913  one argument for each part of a rule
    access: Access,
    *,
    kind: str,
    limit: int | None,
    priority: int,
    blocked: Iterable[str],
    patterns: Iterable[str],
    request: HttpRequest | None = None,
) -> None:
    """Write the rule of one kind into the draft. Raises Forbidden without `identity.write`, Invalid with how to mend it."""
    name = checked_kind(kind)
    rule = checked(limit=limit, priority=priority, blocked=blocked, patterns=patterns)
    _change(access, lambda rules: with_kind(rules, name, rule), request)


def draft_default(access: Access, *, kind: str, request: HttpRequest | None = None) -> None:
    """Let a kind follow the defaults in the draft."""
    name = checked_kind(kind)
    _change(access, lambda rules: with_kind(rules, name, None), request)


def draft_region(access: Access, *, region: str, request: HttpRequest | None = None) -> None:
    """Read national phone numbers as of this region in the draft; empty: take none."""
    checked_one = checked_region(region)
    _change(access, lambda rules: with_region(rules, checked_one), request)


def draft_all(access: Access, *, rules: IdentityRules, request: HttpRequest | None = None) -> None:
    """Let the draft be just these rules."""
    _change(access, lambda _: rules, request)


def draft_version(access: Access, *, number: int, request: HttpRequest | None = None) -> None:
    """Let the draft be an earlier version; 0: the defaults. Raises NotFound."""
    rules = IdentityRules() if number == 0 else rules_from(get_version(access.workspace_id, number).rules)
    _change(access, lambda _: rules, request)


def discard_draft(access: Access, *, request: HttpRequest | None = None) -> None:
    """Forget the draft."""
    decided(access, "")
    with transaction.atomic():
        gone, _ = IdentityDraft.objects.filter(workspace_id=access.workspace_id).delete()
        if gone:
            trust.record(access, action="customers.identity_draft_discarded", target="identity rules", request=request)


def _change(access: Access, change: Callable[[IdentityRules], IdentityRules], request: HttpRequest | None) -> None:
    by = decided(access, "")
    with transaction.atomic():
        hold_rules(access.workspace_id)
        before = get_draft(access.workspace_id).rules
        after = change(before)
        if len(after.kinds) > MOST_KINDS:
            raise Invalid(f"At most {MOST_KINDS} kinds can have rules of their own. Let one follow the defaults first.")
        if plain(after) == plain(before):
            return
        if plain(after) == plain(rules_in_force(access.workspace_id)):
            IdentityDraft.objects.filter(workspace_id=access.workspace_id).delete()
        else:
            IdentityDraft.objects.update_or_create(
                workspace_id=access.workspace_id,
                defaults={"rules": plain(after), "by": by.person, "by_id": by.person_id, "changed_at": now_ms()},
            )
        trust.record(
            access, action="customers.identity_draft_changed", target="identity rules", before=plain(before), after=plain(after), request=request
        )  # fmt: skip
