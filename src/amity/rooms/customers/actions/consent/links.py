"""Make links into the preference centre, and end all of them."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.settings import settings
from amity.rooms.customers.models import ConsentSetting
from amity.rooms.customers.queries.permission import chosen
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.rules.choices.links import ID_LENGTH, SECRET_BYTES, Sealed, seal_link
from amity.rooms.customers.rules.choices.purposes import purpose_of
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST_DAYS = 1_100
DEFAULT_SCOPE = "marketing_email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link into the preference centre. `headers` are those of RFC 8058 for the e-mail that carries it; `ends_at` is in ms."""

    customer_id: UUID
    url: str
    one_click: str
    ends_at: int

    @property
    def headers(self) -> dict[str, str]:
        """The header fields with which mail programs offer to unsubscribe at once."""
        return {"List-Unsubscribe": f"<{self.one_click}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def make_link(
    access: Access, *, customer_id: UUID, days: int | None = None, scope: str = DEFAULT_SCOPE, request: HttpRequest | None = None
) -> Link:
    """Return a link with which its holder sees and changes a customer's choices, until it ends. `scope`: what one click ends.

    Raises Forbidden without `customers.write`, NotFound for no customer of the workspace, Invalid for a purpose that isn't there
    or for days out of range.
    """
    if not access.can("customers.write"):
        raise Forbidden("Making links to choices needs the permission customers.write.")
    customer = get_customer(workspace_id=access.workspace_id, customer_id=customer_id)
    link = seal_for(workspace_id=access.workspace_id, customer_id=customer.id, days=days, scope=scope)
    trust.record(
        access,
        action="consent.link_made",
        target=f"customer:{customer.id}",
        after={"ends_at": link.ends_at, "scope": scope},
        request=request,
    )
    return link


def seal_for(*, workspace_id: int, customer_id: UUID, days: int | None = None, scope: str = DEFAULT_SCOPE) -> Link:
    """Return a link for a customer whom the caller knows to be of the workspace: for messages that Amity itself sends."""
    purpose_of(chosen(workspace_id).purposes, scope)
    setting = _with_secret(workspace_id)
    lasts = setting.link_days if days is None else days
    if not 1 <= lasts <= MOST_DAYS:
        raise Invalid(f"A link lasts 1 to {MOST_DAYS:,} days.")
    ends_at = (now_ms() + lasts * DAY) // 60_000 * 60_000
    held = Sealed(customer_id=customer_id, ends_at=ends_at, scope=scope)
    token = seal_link(link_id=setting.link_id, secret=secret_of(setting), held=held)
    url = f"{settings().public_console}/choices/{token}"
    return Link(customer_id=customer_id, url=url, one_click=f"{url}/unsubscribe", ends_at=ends_at)


def end_links(access: Access, *, request: HttpRequest | None = None) -> None:
    """End every link of the workspace that was ever made. Raises Forbidden without `settings.write`."""
    if not access.can("settings.write"):
        raise Forbidden("Ending links needs the permission settings.write.")
    with transaction.atomic():
        _with_secret(access.workspace_id, anew=True)
        trust.record(access, action="consent.links_ended", target=f"workspace:{access.workspace_id}", after={}, request=request)


def secret_of(setting: ConsentSetting) -> bytes:
    """Return the key with which a workspace's links are sealed."""
    return urlsafe_b64decode(trust.unseal(setting.link_secret))


def _with_secret(workspace_id: int, *, anew: bool = False) -> ConsentSetting:
    with transaction.atomic():
        ConsentSetting.objects.get_or_create(workspace_id=workspace_id)
        setting = ConsentSetting.objects.select_for_update().get(workspace_id=workspace_id)
        if anew or not setting.link_id:
            setting.link_id = secrets.token_urlsafe(ID_LENGTH * 3 // 4)
            setting.link_secret = trust.seal(urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode())
            setting.save(update_fields=["link_id", "link_secret"])
    return setting
