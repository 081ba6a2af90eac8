"""What stages foretell as the page shows it: figures in words, and places for SVG."""

from __future__ import annotations

from typing import Any

from amity.rooms.journeys.rules.moments.telling import RATES
from amity.shell.words import say_span

_ORDINALS = {1: "most", 2: "second most", 3: "third most"}


def stages_shown(result: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return the stages, those that foretell most first; those that too few came to last."""
    stages = [{"n": n, **stage} for n, stage in enumerate(result["stages"])]
    asked = [one for one in stages if one["gain"]]
    most = max([max(one["gain"]["high"], one["gain"]["value"]) for one in asked] + [1e-9])
    low = min([one["gain"]["low"] for one in asked] + [0.0])
    wide = most - low

    def at(value: float) -> float:
        return float(round((value - low) / wide * 100, 2))

    for one in stages:
        one["signals"] = [_signal(each, kind) for each in one["signals"] if each["with"] or each["without"]]
        if one["gain"]:
            gain = one["gain"]
            one["said"] = {name: share(gain[name]) for name in ("value", "low", "high")}
            one["bar"] = {
                "zero": at(0.0),
                "at": at(gain["value"]),
                "low": at(gain["low"]),
                "width": round(at(gain["high"]) - at(gain["low"]), 2),
            }
    return sorted(stages, key=lambda one: one.get("rank", len(stages)))


def marked(result: dict[str, Any] | None) -> dict[str, str]:
    """Return, by stage's key, what the map says of the stages that matter."""
    if not result or "too_few" in result:
        return {}
    return {
        one["key"]: f"foretells {_ORDINALS.get(one['rank'], 'much')}"
        for one in result["stages"]
        if one.get("matters") and one["gain"]
    }


def mean_words(value: float, kind: str) -> str:
    """Return a mean outcome in words."""
    return f"{value * 100:.1f}%" if kind in RATES else _plain(value)


def share(value: float) -> str:
    """Return a share of variance in words."""
    said = f"{value * 100:.2f}%"
    return "0.00%" if said == "-0.00%" else said.replace("-", "−")


def _signal(one: dict[str, Any], kind: str) -> dict[str, Any]:
    with_it, without = _groups(one)
    found = {"one": one, "with_it": with_it, "without": without}
    if one["gain"]:
        apart = one["difference"]
        form = _points if kind in RATES else _signed
        found |= {
            "with_mean": mean_words(one["with_mean"], kind), "without_mean": mean_words(one["without_mean"], kind),
            "apart": {name: form(apart[name]) for name in ("value", "low", "high")}, "gain": {name: share(one["gain"][name]) for name in ("value", "low", "high")},
            "clear": apart["low"] > 0 or apart["high"] < 0,
        }  # fmt: skip
    return found


def _groups(one: dict[str, Any]) -> tuple[str, str]:
    mark = one["mark"] or 0.0
    match one["kind"]:
        case "reached":
            return "Reached it", "Didn’t"
        case "time":
            return f"Took longer than {say_span(mark / 1000)}", "Took less"
        case "experience":
            return f"Rated below {_plain(mark)}", "Rated higher"
    return f"Met “{one.get('name', 'a pain point')}”", "Didn’t meet it"


def _points(value: float) -> str:
    return f"{value * 100:+.1f}".replace("-", "−")


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + _plain(value)


def _plain(value: float) -> str:
    size = abs(value)
    return f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}".replace("-", "−")
