"""What a link into the preference centre opens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from amity.kernel.clock import now_ms
from amity.kernel.errors import NotFound
from amity.rooms.customers.actions.consent.links import secret_of
from amity.rooms.customers.models import ConsentSetting
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.rules.choices.links import ID_LENGTH, LONGEST, LinkOver, open_link
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import WorkspaceInfo

_LINK = re.compile(f"[A-Za-z0-9_-]{{{ID_LENGTH + 1},{LONGEST}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Whose choices a link opens. `scope` is what one click ends, `email` the address that the link is likely to have gone to."""

    workspace: WorkspaceInfo
    setting: ConsentSetting
    customer_id: UUID
    email: str
    scope: str


def opened_by(token: str) -> Opened:
    """Return what a link opens. Raises LinkOver for one that opens nothing (any more)."""
    setting = setting_behind(token)
    if setting is None:
        raise LinkOver("unknown")
    held = open_link(token, secret=secret_of(setting), now=now_ms())
    try:
        customer = get_customer(workspace_id=setting.workspace_id, customer_id=held.customer_id)
        workspace = trust.get_workspace_by_id(setting.workspace_id)
    except NotFound:
        raise LinkOver("unknown") from None
    return Opened(workspace=workspace, setting=setting, customer_id=customer.id, email=customer.email, scope=held.scope)


def setting_behind(token: str) -> ConsentSetting | None:
    """Return the settings of the workspace that made a link; None for text that no workspace's link begins with."""
    return ConsentSetting.objects.filter(link_id=token[:ID_LENGTH]).first() if _LINK.fullmatch(token) else None
