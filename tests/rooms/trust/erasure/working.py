"""A worker's surroundings that a test decides about, and a way to drive an erasure to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from uuid import UUID

from django.db import transaction

from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import COMMAND_LINE
from amity.rooms.trust.models import Erasure


class Killed(BaseException):
    """A process that ends between two statements."""


def around(*, log_end: int = 0, alone: bool = True, at: Callable[[str], None] = lambda _: None) -> trust.Surroundings:
    return trust.Surroundings(log_end=lambda: log_end, alone=lambda: nullcontext(alone), at=at)


def ask(held, kind: str = "email", value: str | None = None, **more) -> UUID:
    given = {"reason": "Asked by letter"} | more
    return trust.begin_erasure(COMMAND_LINE, kind=kind, value=value or held.email, workspace_id=held.workspace, **given)


def finish(run: UUID, *, at: Callable[[str], None] = lambda _: None) -> Erasure:
    for _ in range(20):
        trust.work_erasures(around(at=at))
        found = Erasure.objects.get(pk=run)
        if found.finished_at is not None:
            return found
    raise AssertionError(found.trouble or found.state)


class KillAt:
    """Ends the process at the n-th time that a boundary is reached; counts them all."""

    def __init__(self, name: str, number: int = 1) -> None:
        self.name, self.number, self.seen = name, number, Counter[str]()

    def __call__(self, name: str) -> None:
        self.seen[name] += 1
        if name == self.name and self.seen[name] == self.number:
            raise Killed


def kept(workspace: int, kind: str, value: str) -> list[int | None]:
    """Return since when an identifier is kept out, as a list of one; nothing where it isn't."""
    with transaction.atomic():
        versions = trust.suppressing({workspace})
        found = trust.find_suppressed({(workspace, kind, value)}, versions=versions) if versions else {}
    return list(found.values())
