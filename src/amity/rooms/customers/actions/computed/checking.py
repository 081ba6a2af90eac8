"""Whether definitions can be asked at all, and what has to be computed anew once one changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.asking import check_behaviour
from amity.engines.past.behaviour.expert import check_expert
from amity.engines.past.behaviour.taking import check_take
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.models import Audience, ComputedTrait
from amity.rooms.customers.rules.audiences.accounts import meets
from amity.rooms.customers.rules.audiences.language import Compared, Condition, leaves
from amity.rooms.customers.rules.audiences.profile import clause
from amity.rooms.customers.rules.computed.columns import check_compared
from amity.rooms.customers.rules.computed.inlining import Node
from amity.rooms.customers.rules.computed.language import Value, conditions, inner
from amity.rooms.customers.rules.computed.parts import parts_of

MOST_ASKED = 400  # parts of one definition once all that it refers to stands in its place


def check_asked(*, zone: ZoneInfo, wheres: Iterable[Condition] = (), values: Iterable[Value] = ()) -> None:
    """Raise Invalid, with what to mend, for whole conditions and values that can't be asked."""
    wheres, values = list(wheres), list(values)
    parts = parts_of(wheres, values)
    if len(parts.behaviours) + len(parts.profiles) + len(parts.accounts) + len(parts.takes) + len(parts.sqls) > MOST_ASKED:
        raise Invalid(f"With all that it refers to, it has more than {MOST_ASKED} parts; refer to less.")
    now = now_ms()
    for behaviour in parts.behaviours.values():
        check_behaviour(behaviour, now=now, zone=zone)
    for take in parts.takes.values():
        check_take(take, now=now, zone=zone)
    for profile in parts.profiles.values():
        clause(profile)
    for account in parts.accounts.values():
        meets(account)
    for expert in parts.sqls.values():
        check_expert(expert.sql)
    for where in wheres:
        _check_where(where)
    for value in values:
        _check_value(value)


def stale(nodes: Collection[Node], *, now: int) -> None:
    """Have what refers to a changed definition computed anew; what enters an audience because of that is told by no fact."""
    audiences = [pk for kind, pk in nodes if kind == "audience"]
    Audience.objects.filter(pk__in=audiences).update(wanted_at=now, computed_at=None)
    ComputedTrait.objects.filter(pk__in=[pk for kind, pk in nodes if kind == "trait"]).update(wanted_at=now, computed_at=None)


def _check_where(where: Condition) -> None:
    for leaf in leaves(where):
        if isinstance(leaf, Compared):
            check_compared(leaf)
            _check_value(leaf.value)


def _check_value(value: Value) -> None:
    for where in conditions(value):
        _check_where(where)
    for one in inner(value):
        _check_value(one)
