"""Results as their page shows them: the funnel's bars, each question's answers with their shares, scores with their intervals."""

from __future__ import annotations

from typing import Any

from amity.kernel.intervals import FEWEST, wilson
from amity.rooms.listening.contracts import Score
from amity.rooms.listening.queries.results import Asked, Results
from amity.rooms.listening.rules.surveys.language import Definition, Question, filled, said
from amity.rooms.listening.rules.surveys.scoring import mean_of

_NAMES = {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
_ABOUT = {
    "nps": "Share of 9 and 10 less share of 0 to 6, −100 to 100.", "csat": "Share of 4 and 5.", "ces": "Mean of 1 to 7.",
}  # fmt: skip
_MOST_VALUES = 20


def funnel(found: Results) -> list[dict[str, Any]]:
    """Return how many saw the survey, began and completed it; each with its share of the one before."""
    steps = (("Shown", found.shown), ("Begun", found.begun), ("Completed", found.completed))
    most = max(found.shown, found.begun, 1)
    rows: list[dict[str, Any]] = []
    before: int | None = None
    for name, number in steps:
        share = _share(number, before) if before is not None and number <= before else None
        rows.append({"name": name, "number": number, "wide": round(number / most * 100, 2), "share": share})
        before = number
    return rows


def drawn(found: Results, asked: Asked) -> dict[str, Any]:
    """Return a question with its answers."""
    one, question = found.definition, asked.question
    language = one.languages[0]
    counts = dict(asked.counts)
    names: list[tuple[str, str]]
    if question.scale is not None:
        names = [(str(n), str(n)) for n in range(question.scale[0], question.scale[1] + 1)]
    elif question.options:
        names = [(option.key, said(option.text, language, one)) for option in question.options]
        names += [(key, key) for key in counts if key not in dict(names)]
    elif question.kind == "consent":
        names = [("true", "Agreed")]
    else:
        names = [(value, value) for value, _ in asked.counts[:_MOST_VALUES]]
    most = max((counts.get(key, 0) for key, _ in names), default=0) or 1
    rows = [
        {
            "key": key, "name": name, "number": counts.get(key, 0), "wide": round(counts.get(key, 0) / most * 100, 2), "group": _group(question.kind, key),
            "share": _share(counts.get(key, 0), asked.n) if asked.n else None,
        }
        for key, name in names
    ]  # fmt: skip
    number = None
    if question.kind == "number" and asked.n:
        mean, _ = mean_of({float(value): count for value, count in asked.counts})
        number = f"{mean:,.2f}"
    return {
        "question": question, "ask": asked_in(one, question), "rows": rows, "n": asked.n, "left": asked.left, "mean": number,
        "score": score_words(asked.score) if asked.score else None, "more": max(len(asked.counts) - len(names), 0),
        "skipped": max(found.completed - asked.n, 0),
    }  # fmt: skip


def asked_in(one: Definition, question: Question) -> str:
    """Return what a question asks, with dots for what differs from one person to the next."""
    return filled(said(question.ask, one.languages[0], one), {each.key: "…" for each in one.questions}, {})


def score_words(one: Score) -> dict[str, Any]:
    """Return a score in words, with its place and interval on a rule from 0 to 100 for drawing."""
    shown = {
        "name": _NAMES[one.kind],
        "about": _ABOUT[one.kind],
        "n": one.n,
        "few": one.few,
        "needs": FEWEST,
        "method": one.method,
    }
    if one.value is None or one.low is None or one.high is None:
        return shown | {"value": ""}
    low, high = {"nps": (-100.0, 100.0), "csat": (0.0, 1.0), "ces": (1.0, 7.0)}[one.kind]

    def at(value: float) -> float:
        return round((min(max(value, low), high) - low) / (high - low) * 100, 2)

    return shown | {
        "value": _said(one.kind, one.value), "range": f"{_said(one.kind, one.low)} to {_said(one.kind, one.high)}", "at": at(one.value),
        "low_at": at(one.low), "wide": round(at(one.high) - at(one.low), 2),
    }  # fmt: skip


def _said(kind: str, value: float) -> str:
    if kind == "csat":
        return f"{value:.0%}"
    return f"{value:.1f}" if kind == "ces" else f"{value:.0f}".replace("-", "−")


def _share(number: int, of: int) -> dict[str, str] | None:
    if not of or number > of:
        return None
    low, high = wilson(number / of, of)
    return {"value": f"{number / of:.0%}", "range": f"{low:.0%} to {high:.0%}"}


def _group(kind: str, key: str) -> str:
    if kind != "nps":
        return ""
    return "plus" if int(key) >= 9 else "minus" if int(key) <= 6 else ""
