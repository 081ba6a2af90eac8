"""What is asked of paths: which interactions, followed through what, from when on, and how finely they are told apart."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Event, Last, Part, Window

LONGEST_CASE = 500


class Paths(Part, frozen=True):
    """Interactions that `event` means within the period, as cases.

    `case`: what one follows through: empty for the customer, `session_id`, a field, or a property such as `properties.order_id`.
    `expand`: a property or field by which activities are told apart further. `hide`: activities that are left out.
    """

    event: Event = Event()
    period: Window | None = Last(amount=30, unit="days")
    case: Annotated[str, Meta(max_length=LONGEST_CASE)] = ""
    expand: Annotated[str, Meta(max_length=LONGEST_CASE)] = ""
    hide: Annotated[tuple[Annotated[str, Meta(max_length=500)], ...], Meta(max_length=50)] = ()
    among: Annotated[int, Meta(ge=1, le=2**53)] | None = None


def compact(one: Paths) -> str:
    """Return a question as one line of JSON, the same for equal ones."""
    return msgspec.json.encode(msgspec.to_builtins(one), order="deterministic").decode()
