"""System: how engines, processes and pipeline stand; and the pulse that every page shows at the rail's foot."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from amity.engines.asking import PipelineHealth
from amity.engines.health import Health, health_now
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access
from amity.shell.frame import Alarm
from amity.shell.words import say_span

CAUGHT_UP, LATE = 5.0, 60.0  # seconds behind: below the first all is current, above the second something is wrong


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """How far the pipeline is behind, as a mark and its words."""

    kind: str
    words: str


@page("system.read")
@never_cache
def system(request: HttpRequest, access: Access) -> HttpResponse:  # noqa: ARG001
    """Show everything that runs, and what to do about what doesn't."""
    health = health_now()
    part = request.headers.get("HX-Target") == "system"
    context = {"health": health, "pulse": pulse_of(health)}
    return render(request, "trust/_system.html" if part else "trust/system.html", context)


@page("customers.read")
@never_cache
def pulse(request: HttpRequest, access: Access) -> HttpResponse:
    """Tell how far the pipeline is behind, and raise or clear the alarm where it changed since the page last asked."""
    health = health_now()
    alarm = alarm_of(health, access)
    digest = blake2b(f"{alarm}".encode(), digest_size=6).hexdigest() if alarm else ""
    context = {"pulse": pulse_of(health), "alarm": alarm, "digest": digest, "changed": digest != request.GET.get("alarm", "")}
    return render(request, "trust/_pulse.html", context)


def pulse_of(health: Health) -> Pulse:
    """Return the words for the rail's foot."""
    line = health.pipeline
    if health.verdict == "down":
        full = any(disk.full for disk in health.disks)
        return Pulse(kind="bad", words="A disk is full" if full else "An engine doesn’t answer")
    if line is None:
        return Pulse(kind="quiet", words="Not known yet")
    if _halted(line):
        return Pulse(kind="bad", words="Reading has stopped")
    behind = line.seconds_behind
    if behind > LATE:
        return Pulse(kind="warn", words=f"{say_span(behind)} behind")
    if behind > CAUGHT_UP:
        return Pulse(kind="running", words=f"{say_span(behind)} behind")
    return Pulse(kind="good", words=f"Caught up, {say_span(behind)} behind" if line.entries_behind else "Caught up")


def alarm_of(health: Health, access: Access) -> Alarm | None:
    """Return the alarm for every page: only for what stands still, not for what is slow."""
    url = reverse("trust:system", kwargs={"workspace": access.workspace_slug}) if access.can("system.read") else ""
    line = health.pipeline
    if line is not None and (halted := _halted(line)):
        return Alarm(
            what="The pipeline has stopped reading the log.",
            then=f"{halted} Nothing is lost: interactions are still collected and wait in the log.",
            url=url,
        )
    broken = [engine for engine in health.engines if engine.error]
    full = next((disk for disk in health.disks if disk.full), None)
    if full is not None:
        return Alarm(what="A disk is full.", then=full.problem, url=url)
    if not broken:
        return None
    log_is_gone = any(engine.name == "log" for engine in broken)
    then = (
        "Nothing new is collected; clients keep what they can." if log_is_gone else "Interactions are still collected and wait."
    )
    names = " and ".join(engine.kind for engine in broken)
    return Alarm(what=f"{names} {'does' if len(broken) == 1 else 'do'} not answer.", then=then, url=url)


def _halted(line: PipelineHealth) -> str:
    return next((reader.halted for reader in line.readers if reader.halted), "")
