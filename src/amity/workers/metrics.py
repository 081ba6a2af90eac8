"""What a worker counts for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from amity.workers.batch import SUPPRESSED, Batch

REGISTRY = CollectorRegistry()

READ = Counter("amity_worker_read", "Interactions and rejections read from the log.", registry=REGISTRY)
ACCEPTED = Counter("amity_worker_accepted", "Interactions worked through every step.", registry=REGISTRY)
DROPPED = Counter("amity_worker_dropped", "Interactions turned away, by step and reason.", ["step", "reason"], registry=REGISTRY)
BATCHES = Counter("amity_worker_batches", "Batches committed.", registry=REGISTRY)
STEP_SECONDS = Counter("amity_worker_step_seconds", "Seconds spent in each step.", ["step"], registry=REGISTRY)
BATCH_SECONDS = Histogram(
    "amity_worker_batch_seconds",
    "Seconds from a batch's begin to its commit.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
LAG_MESSAGES = Gauge("amity_worker_lag_messages", "Messages of the log that are not yet worked.", registry=REGISTRY)
LAG_SECONDS = Gauge(
    "amity_worker_lag_seconds", "Age of the last message that was worked when it was committed.", registry=REGISTRY
)
PENDING = Gauge("amity_worker_pending_past_batches", "Batches committed and not yet in the past.", registry=REGISTRY)
CARRIED = Counter("amity_worker_carried_past_batches", "Batches that the past has confirmed.", registry=REGISTRY)
HALTED = Gauge("amity_worker_halted", "1 when the worker stopped for good because the log has a gap.", registry=REGISTRY)
DRIFT = Gauge("amity_plan_drift_alerts", "Interactions' alerts of drift that are open, all workspaces.", registry=REGISTRY)
RELAYED = Counter("amity_worker_relayed_facts", "Facts of Amity's own given to the log.", registry=REGISTRY)


def count_batch(batch: Batch, *, seconds: float, lag: float) -> None:
    """Count one committed batch. `lag`: seconds since the log stored its last entry."""
    READ.inc(read_by(batch))
    ACCEPTED.inc(len(batch.live))
    BATCHES.inc()
    BATCH_SECONDS.observe(seconds)
    LAG_SECONDS.set(lag)
    for timing in batch.timings.values():
        STEP_SECONDS.labels(timing.name).inc(timing.seconds)
    for item in batch.items:
        if item.dropped:
            DROPPED.labels(item.step, item.dropped).inc()
    for one in batch.turned:
        if not one.from_item:
            DROPPED.labels(one.step, one.rejection.reason).inc()
    for _ in batch.silenced:
        DROPPED.labels("suppress turned", SUPPRESSED).inc()


def read_by(batch: Batch) -> int:
    """Return how many interactions and rejections a batch read: what `Batch.turned` got from steps is in `items` too."""
    return len(batch.items) + len(batch.silenced) + sum(1 for one in batch.turned if not one.from_item)
