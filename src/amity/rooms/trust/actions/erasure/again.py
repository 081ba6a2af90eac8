"""Erase again whoever an earlier instant of the engines brought back: a restore, or a database that was set back.

The list beside the engines tells of every erasure. One that the present doesn't know happened after the instant that it is of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from amity.engines.backup.erased import Line, read
from amity.kernel.clock import from_ms
from amity.kernel.errors import AmityError
from amity.kernel.holdings import Subject, holders, resolver
from amity.kernel.settings import settings as chosen
from amity.rooms.trust.actions.erasure.remembering import mark_of
from amity.rooms.trust.actions.erasure.subjects import close_subject
from amity.rooms.trust.actions.erasure.suppress import Hashed, lift, suppress
from amity.rooms.trust.actions.erasure.work import erase_ahead
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import SYSTEM
from amity.rooms.trust.models import Erasure, Workspace
from amity.rooms.trust.rules.erasure.hashing import suppression_key
from amity.rooms.trust.rules.erasure.states import ASKED
from amity.rooms.trust.rules.erasure.telling import Telling

log = structlog.get_logger("amity.trust")


def erase_again() -> int:
    """Keep out whoever the list beside the engines keeps out, erase what came back of them, and return how many erasures that were.

    To be called before anybody can read anything; the leading worker then takes each to its end. Does nothing where the present
    knows everything already. Raises AmityError where the list was written with another key.
    """
    lines = read(chosen().home)
    if not lines:
        return 0
    ours = set(Workspace.objects.filter(pk__in={line.workspace for line in lines}).values_list("pk", flat=True))
    lines = [line for line in lines if line.workspace in ours]
    _refuse_other_key(lines)
    asked = {UUID(line.erasure) for line in lines if line.erasure}
    known = {str(one) for one in Erasure.objects.filter(pk__in=asked).values_list("pk", flat=True)}
    missing = defaultdict(list)
    for line in lines:
        if line.erasure and line.erasure not in known:
            missing[line.workspace].append(line)
    runs = [run for workspace, some in missing.items() for run in _bring_back(workspace, some)]
    for line in lines:
        if not line.erasure:
            _keep_or_let_back(line)
    for run in runs:
        erase_ahead(run)
    return len(runs)


def _refuse_other_key(lines: Iterable[Line]) -> None:
    marks = {line.workspace: line.mark for line in lines}
    if any(mark_of(workspace) != mark for workspace, mark in marks.items()):
        raise AmityError(
            f"{chosen().home} lists erased people under another key than its secrets/console-key, so they can't be told. Bring the "
            "console key back that the list was written with."
        )


def _bring_back(workspace: int, lines: Sequence[Line]) -> list[Erasure]:
    """Make the erasures anew that the present doesn't know, each about whom its hashes tell."""
    by_erasure: dict[str, Line] = {}
    hashes: dict[str, set[Hashed]] = defaultdict(set)
    for line in lines:
        by_erasure.setdefault(line.erasure, line)
        hashes[line.erasure] |= _read(line)
    subjects = _told_by(workspace, hashes)
    made = []
    with transaction.atomic():
        for name, line in by_erasure.items():
            suppress(workspace_id=workspace, hashes=hashes[name], erasure_id=UUID(name), at=from_ms(line.at))
            run = Erasure.objects.create(
                id=UUID(name),
                workspace_id=workspace,
                request_id=UUID(line.request) if line.request else None,
                hint=line.of,
                subject=close_subject(subjects[name]),
                reason=line.reason,
                asked_by="Amity, as it was erased before",
                asked_at=timezone.now(),
                state=ASKED,
            )
            record(SYSTEM, action="erasure.repeated", target=f"erasure:{name}", after={"erased_at": from_ms(line.at)},
                   workspace_id=workspace)  # fmt: skip
            made.append(run)
    log.warning("erasing again", workspace=workspace, erasures=len(made))
    return made


def _told_by(workspace: int, hashes: Mapping[str, set[Hashed]]) -> dict[str, Subject]:
    """Return whom the hashes of each erasure tell, of everybody whom the rooms name."""
    telling = Telling(hashes, key=suppression_key(settings.SECRET_KEY, workspace))
    for kind, value, owner in resolver().everybody(workspace_id=workspace):
        telling.hear(kind, value, owner)
    for holder in holders().values():
        for value in getattr(holder, "values_named", _nothing)(workspace):
            telling.read(value)
    found = {}
    for name in hashes:
        ids, identifiers = telling.told(name)
        found[name] = Subject(workspace_id=workspace, customer_ids=tuple(ids), identifiers=tuple(identifiers))
    return found


def _keep_or_let_back(line: Line) -> None:
    if line.before is None:
        suppress(workspace_id=line.workspace, hashes=_read(line), at=from_ms(line.at))
    else:
        lift(workspace_id=line.workspace, before=line.before, hashes=_read(line))


def _read(line: Line) -> set[Hashed]:
    return {(kind, UUID(hex=one)) for kind, one in line.hashes}


def _nothing(_: int) -> tuple[str, ...]:
    return ()
