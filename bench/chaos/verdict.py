"""Holds what was found against what was acknowledged, against the log, and against the clean Amity."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.chaos.agree import disagreements
from bench.chaos.clients import Key, Ledger
from bench.chaos.replay import Logged, encode
from bench.chaos.state import Row, State

KINDS = ("lost", "doubled", "invented", "misplaced", "miscounted", "disagreeing", "refused")
# What several workers, who meet at one customer now in this order and now in that, leave alike all the same: all but who somebody is.
_WHO = {"customer_id", "session_id", "session_start", "previous_key", "previous_name", "previous_time", "consent"}
_UNORDERED = {"seen", "counts", "quarantine", "interactions"}
_SHOWN = 12  # differences that are told in full, of each kind


@dataclass(slots=True)
class Verdict:
    """Everything that is wrong. Each list names what it counts; all of them are empty after a good run.

    `lost`: acknowledged, and nowhere. `doubled`: more than once where once is right. `invented`: stored, and never sent.
    `misplaced`: in quarantine though good, or taken though broken. `miscounted`: a source's counts don't add up to what was read.
    `disagreeing`: present and past of the one Amity contradict each other. `refused`: answered so that a client throws it away. `differing`: rows unlike those of the clean Amity, by table.
    """

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    differing: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether nothing at all is wrong."""
        return not any(self.numbers().values())

    def numbers(self) -> dict[str, int]:
        """Return how many of each."""
        found = {name: len(getattr(self, name)) for name in KINDS}
        return {**found, "differing": sum(map(len, self.differing.values()))}


def judge(ledger: Ledger, logged: Logged, state: State) -> Verdict:
    """Judge one Amity by itself: what was acknowledged is there, once, where it belongs, and counted."""
    verdict = Verdict(refused=ledger.refused, rows={name: len(rows) for name, rows in state.tables.items()})
    kept = Counter(_key(row) for row in state.tables["interactions"].values())
    aside = Counter(_key(row) for row in state.tables["quarantine"].values())
    verdict.lost = [str(key) for key in sorted(ledger.acknowledged) if key not in kept and key not in aside]
    verdict.doubled = [f"{name} {key}" for name, keys in state.doubled.items() for key in keys]
    verdict.doubled += [f"interaction {key}" for key, number in kept.items() if number > 1]
    verdict.invented = [str(key) for key in sorted({*kept, *aside}) if key not in ledger.fate]
    for key, fate in ledger.fate.items():
        if fate == "kept" and key in aside:
            verdict.misplaced.append(f"{key} is good, and in quarantine")
        elif fate != "kept" and key in kept:
            verdict.misplaced.append(f"{key} is broken ({fate}), and was taken")
        read = (logged.rejections if fate == "edge" else logged.interactions)[key]
        if fate != "kept" and aside[key] != read:
            verdict.doubled.append(f"quarantine {key}: {aside[key]} times, read {read} times")
    verdict.miscounted = _miscounted(logged, state)
    verdict.disagreeing = disagreements(state)
    return verdict


def compare(verdict: Verdict, state: State, clean: State, *, ordered: bool = True) -> None:
    """Add every row in which the two differ, with what differs. Not `ordered`: where several workers worked it."""
    for name in state.tables if ordered else _UNORDERED:
        ours, theirs = (one.tables[name] if ordered else _anyone(one.tables[name]) for one in (state, clean))
        found = [f"{key} is missing in the clean one: {encode(ours[key])}" for key in ours.keys() - theirs.keys()]
        found += [f"{key} is only in the clean one: {encode(theirs[key])}" for key in theirs.keys() - ours.keys()]
        found += [
            f"{key}: {_difference(ours[key], theirs[key])}" for key in ours.keys() & theirs.keys() if ours[key] != theirs[key]
        ]
        verdict.differing[name] = sorted(found)


def _anyone(table: dict[tuple[Any, ...], Row]) -> dict[tuple[Any, ...], Row]:
    return {key: {name: value for name, value in row.items() if name not in _WHO} for key, row in table.items()}


def told(verdict: Verdict) -> str:
    """Return what is wrong as lines for a person; the first dozen of each kind."""
    lines = []
    for name in KINDS:
        lines += _some(name, getattr(verdict, name))
    for table, found in verdict.differing.items():
        lines += _some(f"differing {table}", found)
    return "\n".join(lines)


def _some(name: str, found: list[str]) -> list[str]:
    more = [f"  … and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    return [f"{name}: {len(found)}", *(f"  {one}" for one in found[:_SHOWN]), *more] if found else []


def _miscounted(logged: Logged, state: State) -> list[str]:
    counted: Counter[int] = Counter()
    for row in state.tables["counts"].values():
        counted[row["source_id"]] += row["count"]
    return [
        f"source {source}: {logged.by_source[source]} read, {counted[source]} counted"
        for source in sorted({*counted, *logged.by_source})
        if counted[source] != logged.by_source[source]
    ]


def _difference(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    return encode({name: [ours[name], theirs[name]] for name in ours if ours[name] != theirs[name]})


def _key(row: dict[str, Any]) -> Key:
    return row["workspace_id"], row["source_id"], row["message_id"]
