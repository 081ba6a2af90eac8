"""What a customer's page tells besides the story: sums over all time, and one interaction whole."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from amity.engines.past.client import ask
from amity.kernel.errors import NotFound
from amity.rooms.customers.contracts import Customer, Moment
from amity.rooms.customers.queries.story import PACKAGE, moment_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How often a customer paid, when last (ms, 0: never), and how many sessions there have been."""

    payments: int
    last_payment: int
    sessions: int


def sums(*, customer: Customer) -> Sums:
    """Count what one customer did over all time. Raises NotRunning without the past."""
    (row,) = ask(
        package=PACKAGE, name="sums", workspace_id=customer.workspace_id, customer_ids=[str(one) for one in customer.all_ids]
    )
    return Sums(payments=row["payments"], last_payment=row["last_payment"] if row["payments"] else 0, sessions=row["sessions"])


def get_moment(*, customer: Customer, key: UUID, time: int = 0) -> Moment:
    """Return one interaction of a customer; `time` (ms), where it is known, finds it sooner. Raises NotFound."""
    rows = ask(
        package=PACKAGE,
        name="moment",
        workspace_id=customer.workspace_id,
        customer_ids=[str(one) for one in customer.all_ids],
        time=time,
        key=str(key),
    )
    if not rows:
        raise NotFound("There is no such interaction of this customer.")
    return moment_of(rows[0])
