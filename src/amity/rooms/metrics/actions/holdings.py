"""What the room holds of a customer: nothing. Definitions are what colleagues wrote; figures are worked out when they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from amity.kernel.holdings import Record, Store, Subject

STORES: tuple[Store, ...] = ()
KEPT: Mapping[str, str] = {
    "metrics_metric": "names of metrics, which colleagues wrote",
    "metrics_annotation": "what happened when, which colleagues wrote",
    "metrics_dashboard": "names, texts and tiles of dashboards, which colleagues wrote",
    "metrics_alert": "figures of alerts and values of properties that many customers share, and which colleague answered",
    "metrics_alert_notice": "which colleague was told of which alert",
    "metrics_alert_rule": "what colleagues watch for, which of them is told, and which address is called",
    "metrics_dashboard_letter": "which colleagues get a dashboard by e-mail, and when",
    "metrics_dashboard_post": "which colleague was sent which letter of a dashboard",
    "metrics_check": "what colleagues have Amity ask of which address, and the secrets for that, sealed",
    "metrics_check_run": "how a check went; of a failed one the beginning of what a colleague’s test account was answered",
    "metrics_version": "definitions of metrics, which colleagues wrote",
}


def find(subject: Subject) -> Mapping[str, int]:  # noqa: ARG001  nothing is held of anybody
    """Return how many records each store holds: there is none."""
    return {}


def export(subject: Subject) -> Iterable[Record]:  # noqa: ARG001
    """Give what is held: nothing."""
    return ()


def erase(subject: Subject) -> Mapping[str, int]:  # noqa: ARG001
    """Erase what is held: nothing."""
    return {}
