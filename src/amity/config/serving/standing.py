"""How everything stands, for Prometheus: what `amity status` knows, as numbers of the console's `/metrics`."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from amity.engines.health import Health, health_now


class Standing(Collector):
    """Asks after everything when it is collected; an answer is kept for some seconds. Call it in a thread."""

    def describe(self) -> Iterable[Metric]:
        """Name nothing at registration: that would ask the engines."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return the gauges."""
        health = health_now()
        yield _gauge("amity_up", "Whether an engine answers.", "engine", [(e.name, float(e.reachable)) for e in health.engines])
        ready = [(p.name, float(p.state == "ready")) for p in health.processes]
        yield _gauge("amity_process_ready", "Whether a supervised process does its work.", "process", ready)
        restarts = [(p.name, float(p.restarts)) for p in health.processes]
        yield _gauge("amity_process_restarts", "How often a supervised process was started again.", "process", restarts)
        yield from _disks(health)
        yield from _pipeline(health)


def _disks(health: Health) -> Iterable[Metric]:
    yield _gauge("amity_disk_free_bytes", "Bytes free on a disk.", "path", [(d.path, float(d.free)) for d in health.disks])
    full = [(d.path, float(d.full)) for d in health.disks]
    yield _gauge("amity_disk_full", "Whether engines on a disk can't go on for want of space.", "path", full)


def _pipeline(health: Health) -> Iterable[Metric]:
    line = health.pipeline
    if line is None:
        return
    halted = [(r.reader, float(bool(r.halted))) for r in line.readers]
    yield _gauge("amity_reader_halted", "Whether a reader stopped for good at a gap of the log.", "reader", halted)
    behind = [(r.reader, float(r.behind)) for r in line.readers]
    yield _gauge("amity_reader_behind_entries", "Entries of the log that a reader has not worked.", "reader", behind)
    for outcome in ("passed", "rescued"):
        lost = sum(max(one.last - one.first + 1, 0) for one in line.damages if one.outcome == outcome)
        yield GaugeMetricFamily(f"amity_log_{outcome}_entries", f"Entries that the log lost in 30 days, {outcome}.", lost)
    yield GaugeMetricFamily("amity_pipeline_behind_seconds", "Age of the oldest entry not worked.", line.seconds_behind)
    yield GaugeMetricFamily("amity_past_waiting_batches", "Batches that wait for the past.", line.pending_batches)
    yield GaugeMetricFamily(
        "amity_past_waiting_seconds", "Age of the oldest batch that waits for the past.", line.pending_seconds
    )


def _gauge(name: str, about: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    gauge = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values:
        gauge.add_metric([key], value)
    return gauge
