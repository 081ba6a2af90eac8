"""Real event logs, read into cases; where the data isn't there, tests that want it are skipped."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET  # the files are our own

import numpy as np
import pytest

from amity.rooms.journeys.rules.paths.trails import Trails

DATA = Path(__file__).parents[5] / "shared" / "data"
Log = dict[str, list[tuple[int, str]]]


def there(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} isn’t here: real logs are no part of the project")
    return path


def xes(name: str) -> Log:
    """Return the events (ms, activity) of each case, in the order of the file."""
    path = there(name)
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        root = ET.parse(file).getroot()
    found: Log = {}
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    for n, trace in enumerate(root.iter("trace")):
        name_of = {one.get("key"): one.get("value") for one in trace if one.tag == "string"}
        found[f"{name_of.get('concept:name', n)}"] = [_event(event) for event in trace.iter("event")]
    return found


def receipt(name: str) -> Log:
    found: Log = {}
    with there(name).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at = round(datetime.fromisoformat(row["time:timestamp"]).timestamp() * 1000)
            found.setdefault(row["case:concept:name"], []).append((at, row["concept:name"]))
    return found


def trails(log: Log) -> Trails:
    names = sorted({name for events in log.values() for _, name in events})
    place = {name: n for n, name in enumerate(names)}
    cases = [sorted(events, key=lambda one: one[0]) for events in log.values()]  # Python keeps the file's order of equal times
    starts = np.cumsum([0, *[len(events) for events in cases]])[:-1]
    flat = [one for events in cases for one in events]
    return Trails(
        names=names, activity=np.array([place[name] for _, name in flat], dtype=np.int64), at=np.array([at for at, _ in flat], dtype=np.int64),
        starts=starts, customers=np.array([f"c{n}".encode() for n in range(len(cases))], dtype="S16"),
    )  # fmt: skip


def in_order(log: Log) -> Iterator[list[tuple[int, str]]]:
    for events in log.values():
        yield sorted(events, key=lambda one: one[0])


def _event(event: ET.Element) -> tuple[int, str]:
    held = {one.get("key"): one.get("value") or "" for one in event}
    return round(datetime.fromisoformat(held["time:timestamp"]).timestamp() * 1000), held["concept:name"]
