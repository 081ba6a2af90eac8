"""Do a check's steps once, through the one way out, within its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from amity.engines.egress.client import Answer, Refused, Unreachable, send
from amity.kernel.errors import Invalid
from amity.rooms.metrics.rules.checks.filling import body_of, headers_of, hidden, url_of
from amity.rooms.metrics.rules.checks.judging import Given, fault_of, taken
from amity.rooms.metrics.rules.checks.language import Step

ANSWER_BYTES = 524_288
_EXCERPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a run went. `answers` are (status, ms) of each step that was answered; `step`, `reason`, `said` tell the failure.

    `reason`: `refused`, `unreachable`, `late`, `value`, or what wasn't as it must be (`status`, `header`, `text`, `json`, `duration`).
    """

    ok: bool
    ms: int
    answers: Sequence[tuple[int, int]]
    step: int = 0
    reason: str = ""
    said: str = ""
    excerpt: str = ""

    @property
    def status(self) -> int:
        """What was answered last; 0 where nothing was."""
        return self.answers[-1][0] if self.answers else 0


def run_steps(steps: Sequence[Step], secrets: Mapping[str, str], *, seconds: int) -> Ran:
    """Do steps one after the other until one fails. Secrets, and values that were taken, stand in nothing that is returned."""
    answers: list[tuple[int, int]] = []
    values, deadline = dict(secrets), monotonic() + seconds

    def failed(n: int, reason: str, said: str, text: str = "") -> Ran:
        return Ran(
            ok=False, ms=sum(ms for _, ms in answers), answers=answers, step=n, reason=reason, said=hidden(said, values.values())[:500],
            excerpt=hidden(text, values.values())[:_EXCERPT].replace("\0", ""),
        )  # fmt: skip

    for n, step in enumerate(steps, 1):
        left = deadline - monotonic()
        if left <= 0:
            return failed(n, "late", f"The {seconds} seconds of the check were over.")
        try:
            answer = _asked(step, values, left)
        except Refused as error:
            return failed(n, "refused", error.message)
        except Unreachable as error:
            return failed(n, "late" if monotonic() >= deadline else "unreachable", error.message)
        given = Given(status=answer.status, headers=answer.headers, body=answer.body, ms=round(answer.seconds * 1000))
        answers.append((given.status, given.ms))
        reason, said = fault_of(step, given, values)
        if reason:
            values |= _would_be_taken(step, given)
            return failed(n, reason, said, given.text[:100_000])
        try:
            values |= taken(step.takes, given)
        except Invalid as error:
            return failed(n, "value", error.message, given.text[:100_000])
    return Ran(ok=True, ms=sum(ms for _, ms in answers), answers=answers)


def _would_be_taken(step: Step, given: Given) -> dict[str, str]:
    """Return what later steps would have got: it is as little to be shown in a step that fails."""
    found: dict[str, str] = {}
    for take in step.takes:
        with suppress(Invalid):
            found |= taken([take], given)
    return found


def _asked(step: Step, values: Mapping[str, str], left: float) -> Answer:
    headers = {"Accept": "*/*", "User-Agent": "Amity-Check"} | headers_of(step, values)
    if any(not (one.isprintable() or one == "\t") or not one.isascii() for value in headers.values() for one in value):
        raise Unreachable("A value that was taken can't stand in a header: it has other than printable ASCII characters.")
    return send(step.method, url_of(step, values), headers=headers, body=body_of(step, values), seconds=left, most=ANSWER_BYTES)
