"""What other parts of Amity tell trust."""

from __future__ import annotations

from django.http import HttpRequest

from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import ANONYMOUS
from amity.rooms.trust.models import Person


def on_second_factor_failed(sender: object, *, request: HttpRequest, user: Person, **kwargs: object) -> None:  # noqa: ARG001
    """Write a wrong code to the audit log: allauth tells of it by signal only."""
    record(ANONYMOUS, action="sign_in.failed", target=f"person:{user.pk}", after={"with": "second factor"}, request=request)
