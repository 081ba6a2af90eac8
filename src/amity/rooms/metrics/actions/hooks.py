"""The webhook of a rule: where it leads, the secrets that it is signed with, and one call of it."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpRequest

from amity.engines.egress.client import Refused, Unreachable, check, send
from amity.engines.egress.retrying import retry_after
from amity.engines.egress.signing import OLD_FOR, headers, new_secret
from amity.kernel.clock import now_ms
from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.metrics.models import AlertRule
from amity.rooms.metrics.queries.alerts import accessible_rule
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LEADS = "destinations.write"
SECONDS = 10.0  # letters wait behind a call
_GONE = 410


def lead_to(access: Access, one: AlertRule, url: str) -> None:
    """Let a rule's alerts be told to an address, or to none. Another host gets a secret of its own. Raises Forbidden, Invalid."""
    if url == one.hook:
        return
    if not access.can(LEADS):
        raise Forbidden("Your role doesn’t choose where data is sent to.")
    if not url:
        one.hook = one.hook_secrets = ""
        return
    try:
        check(url)
    except Refused as error:
        raise Invalid(error.message) from None
    if not one.hook_secrets or host_of(url) != host_of(one.hook):
        one.hook_secrets = trust.seal(json.dumps([[new_secret(), None]]))
    one.hook = url


def new_hook_secret(access: Access, *, rule_id: int, request: HttpRequest | None = None) -> str:
    """Make a new signing secret and return it; for a day calls are signed with the former one as well. Raises Forbidden, Invalid."""
    if not access.can(LEADS):
        raise Forbidden("Your role doesn’t see signing secrets.")
    with transaction.atomic():
        accessible_rule(workspace_id=access.workspace_id, rule_id=rule_id)
        one = AlertRule.objects.select_for_update().get(pk=rule_id)
        if not one.hook:
            raise Invalid("This rule calls no webhook.")
        fresh, now = new_secret(), now_ms()
        old = [
            [secret, now + OLD_FOR if until is None else until] for secret, until in json.loads(trust.unseal(one.hook_secrets))
        ]
        one.hook_secrets = trust.seal(json.dumps([[fresh, None], *(pair for pair in old if pair[1] > now)]))
        one.save(update_fields=["hook_secrets"])
        trust.record(access, action="alert_rule.secret_made", target=f"alert_rule:{one.pk}", request=request)
    return fresh


def call(one: AlertRule, *, message_id: str, body: bytes) -> tuple[str, int | None]:
    """POST a message to a rule's webhook; return what went wrong (nothing: it was taken) and the ms to wait at least (none: never again)."""
    now = now_ms()
    in_force = [secret for secret, until in json.loads(trust.unseal(one.hook_secrets)) if until is None or until > now]
    signed = headers(in_force, message_id=message_id, timestamp=now // 1_000, body=body)
    try:
        answer = send("POST", one.hook, headers={"Content-Type": "application/json", **signed}, body=body, seconds=SECONDS)
    except (Refused, Unreachable) as error:
        return error.message, 0
    if answer.ok:
        return "", None
    if answer.status == _GONE:
        return "It answered 410: it wants no more messages.", None
    return f"It answered {answer.status}.", retry_after(answer.headers.get("retry-after", ""), now=now)


def host_of(url: str) -> str:
    """Return the host of an address: paths and queries of webhooks often are secrets."""
    return urlsplit(url).hostname or ""
