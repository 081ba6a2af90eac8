"""Take a request down that anybody may have sent: nobody is told whether the address is known."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from amity.rooms.trust.actions.rights.links import want_link
from amity.rooms.trust.actions.rights.requests import take_down
from amity.rooms.trust.actions.rights.sealed import open_identifiers
from amity.rooms.trust.contracts import ANONYMOUS
from amity.rooms.trust.models import RightsRequest, RightsSetting


def receive(  # noqa: PLR0913  each is a field of the form
    setting: RightsSetting, *, kind: str, email: str, law: str = "", details: str = "", request: HttpRequest | None = None
) -> RightsRequest:
    """Take a request of the public form down, and let a worker send a link to the address if it is a customer's.

    Raises Invalid for what is no address or kind.
    """
    with transaction.atomic():
        row = take_down(
            ANONYMOUS, workspace_id=setting.pk, kind=kind, identifiers=[("email", email)], law=law, via="form", contact=email,
            details=details, request=request,
        )  # fmt: skip
        if row.state == "unverified":
            [(_, address)] = open_identifiers(row.subject)
            want_link(row, address)
    return row
