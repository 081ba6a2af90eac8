"""Signed webhooks: Standard Webhooks 1.0.0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from amity.engines.egress.client import Refused, Unreachable, check, send
from amity.engines.egress.retrying import retry_after
from amity.engines.egress.signing import headers, new_secret
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.sync.connector import Message, Receipt, Setting

_GONE = 410


class Webhook:
    """Sends each change of members as a signed POST."""

    kind = "webhook"
    title = "Webhook"
    about = "Each change of members as a signed POST request, as Standard Webhooks has it."
    takes: Literal["changes", "snapshot"] = "changes"
    settings: Sequence[Setting] = (
        Setting(name="url", label="Address", hint="It is sent to over TLS.", example="https://hooks.example.com/amity"),
    )

    def check(self, config: dict[str, Any], secrets: dict[str, Any]) -> None:
        """Check the address; make a signing secret where there is none. Raises Invalid."""
        try:
            check(config["url"])
        except Refused as error:
            raise Invalid(error.message) from None
        secrets.setdefault("signing", [[new_secret(), None]])

    def send(self, message: Message) -> Receipt:
        """POST a message, signed with each secret that is in force."""
        now = message.now
        in_force = [secret for secret, until in message.secrets["signing"] if until is None or until > now]
        signed = headers(in_force, message_id=message.id, timestamp=now // 1_000, body=message.body)
        try:
            answer = send(
                "POST", message.config["url"], headers={"Content-Type": "application/json", **signed}, body=message.body
            )
        except (Refused, Unreachable) as error:
            return Receipt(outcome="failed", said=error.message)
        if answer.ok:
            return Receipt(outcome="taken", status=answer.status)
        if answer.status == _GONE:
            return Receipt(outcome="gone", status=answer.status, said="It answered 410: it wants no more messages.")
        wait = retry_after(answer.headers.get("retry-after", ""), now=now)
        return Receipt(outcome="failed", status=answer.status, said=f"It answered {answer.status}.", wait=wait)

    def words(self, config: Mapping[str, Any]) -> str:
        """Return the host: paths and queries of webhooks often are secrets."""
        return urlsplit(str(config.get("url", ""))).hostname or ""
