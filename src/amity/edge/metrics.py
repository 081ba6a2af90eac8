"""What the edge counts for Prometheus. One increment a request or an envelope, none an interaction."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

ACCEPTED = Counter("amity_edge_accepted", "Interactions acknowledged, by dialect.", ["dialect"], registry=REGISTRY)
REJECTED = Counter("amity_edge_rejected", "Events put into quarantine, by reason.", ["reason"], registry=REGISTRY)
REFUSED = Counter("amity_edge_refused", "Requests answered with an error, by its code.", ["code"], registry=REGISTRY)
NOT_COLLECTED = Counter(
    "amity_edge_not_collected",
    "Requests answered 200 though Amity keeps nothing of them, by what they are.",
    ["what"],
    registry=REGISTRY,
)
PUBLISHED = Counter("amity_edge_envelopes", "Envelopes given to the log, by outcome.", ["outcome"], registry=REGISTRY)
PUBLISH_SECONDS = Histogram(
    "amity_edge_publish_seconds",
    "Seconds from sending an envelope to its acknowledgement.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
PENDING = Gauge("amity_edge_pending_bytes", "Bytes that wait for the log.", registry=REGISTRY)
IN_FLIGHT = Gauge("amity_edge_in_flight_envelopes", "Envelopes sent and not yet acknowledged.", registry=REGISTRY)
DISK_FREE = Gauge("amity_edge_log_disk_free_bytes", "Bytes free on the embedded log's disk.", registry=REGISTRY)
