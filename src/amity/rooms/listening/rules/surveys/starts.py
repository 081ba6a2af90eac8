"""What a new survey may begin with. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WHY = {"key": "why", "kind": "text", "ask": "What is the main reason for your answer?"}

STARTS: Mapping[str, tuple[str, list[dict[str, Any]]]] = {
    "nps": (
        "Would they recommend us? (NPS)",
        [
            {
                "key": "likely", "kind": "nps", "required": True, "low": "Not at all likely", "high": "Extremely likely",
                "ask": "How likely are you to recommend us to a friend or colleague?",
            },
            _WHY,
        ],
    ),
    "csat": (
        "How satisfied are they? (CSAT)",
        [
            {
                "key": "satisfied", "kind": "csat", "required": True, "look": "faces", "low": "Very dissatisfied", "high": "Very satisfied",
                "ask": "How satisfied are you with our help?",
            },
            _WHY,
        ],
    ),
    "ces": (
        "How easy was it? (CES)",
        [
            {
                "key": "easy", "kind": "ces", "required": True, "low": "Strongly disagree", "high": "Strongly agree",
                "ask": "They made it easy for me to handle my issue.",
            },
            _WHY,
        ],
    ),
    "blank": ("Nothing yet", []),
}  # fmt: skip


def begun(start: str, title: str) -> dict[str, Any]:
    """Return the definition of a new survey, as JSON objects."""
    return {
        "version": 1,
        "title": title,
        "thanks": "Thank you. That helps us.",
        "questions": STARTS.get(start, STARTS["blank"])[1],
    }
