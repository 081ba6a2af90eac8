"""The receipt of an erasure: what was found and erased where, what goes by age and when, signed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from amity.kernel.holdings import Subject, stores
from amity.kernel.settings import settings as chosen
from amity.rooms.trust.actions.erasure.subjects import names_of
from amity.rooms.trust.actions.erasure.suppress import hashes_of
from amity.rooms.trust.models import Erasure
from amity.rooms.trust.rules.erasure.receipt import sign
from amity.rooms.trust.rules.erasure.telling import CUSTOMER_ID


def make_receipt(run: Erasure, subject: Subject) -> dict[str, Any]:
    """Return the signed receipt of an erasure that is about to be done. It names the person by keyed hashes alone."""
    assert run.finished_at is not None  # noqa: S101
    known = stores()
    steps = {step.store: step for step in run.steps.all()}
    held = [(store, known[name]) for name in known if (store := steps.get(name)) is not None]
    body = {
        "erasure": str(run.pk),
        "request": str(run.request_id) if run.request_id else None,
        "workspace": run.workspace.slug,
        "of": run.hint,
        "reason": run.reason,
        "asked_at": _written(run.asked_at),
        "asked_by": run.asked_by,
        "kept_out_since": _written(run.suppressed_at or run.finished_at),
        "finished_at": _written(run.finished_at),
        "customers": len(subject.customer_ids),
        "identifiers": dict(sorted(Counter(kind for kind, _ in subject.identifiers).items())),
        "hashes": sorted(
            f"{kind}:{one.hex}" for kind, one in hashes_of(run.workspace_id, names_of(subject)) if kind != CUSTOMER_ID
        ),
        "erased": sum(step.found - (step.left or 0) for step, _ in held),
        "stores": [
            {"store": store.name, "title": store.title, "found": step.found, "left": step.left or 0}
            | (_until(run.finished_at, store.lasts_days, store.lasts_because) if step.left else {})
            for step, store in held
        ],
        "by_age": _by_age(run.finished_at),
    }
    return sign(body, secret=settings.SECRET_KEY)


def _by_age(finished: datetime) -> list[dict[str, Any]]:
    days = chosen().log_max_days
    log = {"what": "The log of interactions as they came", **_until(
        finished, days, f"It can't be changed and forgets each entry after {days} days; what is read in it again is kept out.",
    )}  # fmt: skip
    kept = chosen().backup_keep_days
    because = "Whoever restores one of before is led to erase again: the list of who is kept out outlives it."
    backups = {"what": "Backups that were made before"} | (
        _until(finished, kept, f"They are deleted after {kept} days. {because}")
        if kept
        else {"until": None, "because": f"They last until they are deleted. {because}"}
    )
    return [log, backups]


def _until(finished: datetime, days: int, because: str) -> dict[str, Any]:
    return {"until": (finished + timedelta(days=days)).date().isoformat(), "because": because}


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
