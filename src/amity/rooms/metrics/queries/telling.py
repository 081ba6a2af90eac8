"""Rules and alerts in words."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from amity.kernel.clock import from_ms
from amity.rooms.metrics.contracts import Shape
from amity.rooms.metrics.models import Alert, AlertRule
from amity.rooms.metrics.rules.explaining import Part
from amity.rooms.metrics.rules.figuring import shape_of
from amity.rooms.metrics.rules.language import Definition
from amity.rooms.metrics.rules.watching import Watch, expected_alarms
from amity.rooms.metrics.rules.wording import is_money, value_text

SIDES = {"both": "above or below", "above": "above", "below": "below"}
_RARE = 10


def rule_words(watch: Watch, definition: Definition) -> str:
    """Return what is watched for as a sentence."""
    row = f", {watch.row} {watch.by}s in a row" if watch.row > 1 else ""
    if watch.limit is None:
        return f"Each {watch.by} {SIDES[watch.side]} what is expected from earlier weeks{row}; {promise(watch)}"
    shape, unit = shape_of(definition.measure), definition.unit
    over = (
        f", over again at {value_text(watch.back, shape, unit)}" if watch.back is not None and watch.back != watch.limit else ""
    )
    sure = ", the whole interval" if watch.sure else ""
    return f"Each {watch.by} {watch.side} {worded(watch.limit, shape, unit)}{sure}{row}{over}"


def promise(watch: Watch) -> str:
    """Return how often a metric that doesn't change gives a false alarm."""
    found = expected_alarms(watch)
    return f"about {found:.0f} false alarms a year" if found >= _RARE else f"about {found:.1f} false alarms a year"


def alert_words(alert: Alert, definition: Definition) -> str:
    """Return an alert as a line: value, what was expected, n."""
    shape, unit = shape_of(definition.measure), definition.unit
    return f"{worded(alert.value, shape, unit)}, expected {expected_words(alert, definition)}"


def expected_words(alert: Alert, definition: Definition) -> str:
    """Return the range that was expected."""
    shape, unit = shape_of(definition.measure), definition.unit
    low, high = (value_text(one, shape, unit) if one is not None else "" for one in (alert.low, alert.high))
    if low and high:
        return f"{low} to {high}"
    return f"at most {high}" if high else f"at least {low}"


def worded(value: float | None, shape: Shape, unit: str) -> str:
    """Return a value with its unit."""
    text = value_text(value, shape, unit)
    return text if shape in {"seconds", "share"} or is_money(unit) or not unit else f"{text} {unit}"


def part_words(part: Part, definition: Definition) -> dict[str, Any]:
    """Return one part of an explanation for a table."""
    shape, unit = shape_of(definition.measure), definition.unit

    def moved(value: float) -> str:
        if shape == "share":
            return f"{value * 100:+.1f} points"
        text = value_text(abs(value), "number" if shape == "score" else shape, unit)
        return f"{'−' if value < 0 else '+'}{text}"

    return {
        "of": part.of.removeprefix("properties."), "value": "all others" if part.rest else part.value or "not known", "part": part,
        "by": moved(part.by), "interval": f"{moved(part.low)} to {moved(part.high)}", "share": f"{part.share:.0%}",
        "usual": f"{part.usual:.0%}" if part.usual >= 0.1 or not part.usual else f"{part.usual:.1%}",
        "strong": part.clear and part.share > part.usual and not part.few,
    }  # fmt: skip


def parts_told(alert: Alert) -> list[Part]:
    """Return an alert's explanation as it was found last."""
    return [Part(**one) for one in alert.why.get("parts", ())]


def title_of(alert: Alert, rule: AlertRule) -> str:
    """Return what an alert is called: the metric, and which way it went."""
    return f"{rule.metric.name} {'above' if alert.side == 'above' else 'below'} {'its limit' if rule.limit is not None else 'what is expected'}"


_LETTER = """\
{company}: {title}.

{when}: {words}.
n {events:,}, from {customers:,} customers.
{why}
{then}

{link}
"""
_THEN = {
    "opened": "You are told because you answer for it. Say there that you look after it, or let it rest.",
    "escalated": "Nobody has said that they look after it, so it comes to you.",
    "closed": "It is over: the metric is as expected again.",
}


def letter_of(alert: Alert, definition: Definition, *, what: str, company: str, zone: str, link: str) -> tuple[str, str]:  # noqa: PLR0913
    """Return subject and text of a letter that tells of an alert."""
    at = datetime.fromtimestamp(alert.worst_first / 1000, ZoneInfo(zone))
    strong = [part for part in parts_told(alert) if part.clear and part.share > part.usual]
    why = "".join(
        f"{row['of']} {row['value']}: {row['share']} of the change (usually {row['usual']} of the whole)\n"
        for row in (part_words(part, definition) for part in strong[:3])
    )
    text = _LETTER.format(
        company=company, title=title_of(alert, alert.rule), words=alert_words(alert, definition), events=alert.events, customers=alert.customers,
        when=f"{at:%d %B %Y}" + (f", {at:%H:%M}" if alert.rule.step == "hour" else ""), why=f"\nWhat explains most of it:\n{why}" if why else "",
        then=_THEN[what], link=link,
    )  # fmt: skip
    return ("Over: " if what == "closed" else "") + title_of(alert, alert.rule), text


def message_of(alert: Alert, definition: Definition, *, what: str, made_at: int, link: str) -> bytes:
    """Return a webhook's message that tells of an alert, as JSON; it names no customer."""
    strong = [part for part in parts_told(alert) if part.clear and part.share > part.usual]
    data = {
        "alert": alert.pk, "rule": alert.rule_id, "metric": {"id": alert.rule.metric_id, "name": alert.rule.metric.name},
        "title": title_of(alert, alert.rule), "words": alert_words(alert, definition), "state": alert.state, "side": alert.side,
        "first": _told_at(alert.first), "last": _told_at(alert.last), "step_first": _told_at(alert.worst_first),
        "step_last": _told_at(alert.worst_last), "value": alert.value, "expected": alert.expected, "low": alert.low, "high": alert.high,
        "unit": definition.unit, "events": alert.events, "customers": alert.customers,
        "why": [{"of": part.of, "value": part.value, "share": part.share, "usual": part.usual} for part in strong[:3]], "link": link,
    }  # fmt: skip
    return json.dumps({"type": f"alert.{what}", "timestamp": _told_at(made_at), "data": data}).encode()


def _told_at(ms: int) -> str:
    return from_ms(ms).isoformat(timespec="milliseconds")
