"""Who is in an audience, worked out the slow and plain way from lists of dicts; shares nothing with the product but the JSON."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

UNIT = {"minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}


def members(where: dict, people: dict[Any, dict], *, now: int, zone: str, lists: dict[int, set] | None = None) -> set:
    """`people`: id -> {"traits", "identifiers": [(kind, value)], "consent": {purpose: bool}, "rows": [interactions]}."""
    told = accounts_of(people.values())
    people = {who: {**person, "accounts": [(at, told[at]) for at in belongs(person)]} for who, person in people.items()}
    return {who for who, person in people.items() if holds(where, who, person, now, ZoneInfo(zone), lists or {})}


def holds(c: dict, who: Any, person: dict, now: int, zone: ZoneInfo, lists: dict[int, set]) -> bool:  # noqa: PLR0911  one answer for each kind
    kind = c["kind"]
    if kind == "all":
        return all(holds(one, who, person, now, zone, lists) for one in c["of"])
    if kind == "any":
        return any(holds(one, who, person, now, zone, lists) for one in c["of"])
    if kind == "not":
        return not holds(c["of"], who, person, now, zone, lists)
    if kind == "audience":
        return who in lists[c["id"]]
    if kind == "account":
        asked = {"is": "present"} | c
        return any(test(dig(told, c["name"]) if c.get("name") else at, asked) for at, told in person["accounts"])
    if kind == "trait":
        return test(dig(person["traits"], c["name"]), c)
    if kind == "identifier":
        values = [value for k, value in person["identifiers"] if k == c["of"]]
        if c.get("is", "present") in {"present", "absent"}:
            return bool(values) == (c.get("is", "present") == "present")
        return any(test(value, c) for value in values)
    if kind == "consent":
        said = person["consent"].get(c["purpose"])
        return {"granted": said is True, "denied": said is False, "unknown": said is None}[c["is"]]
    story = sorted(person["rows"], key=lambda r: (r["time"], r["key"].bytes if hasattr(r["key"], "bytes") else r["key"]))
    return {"did": did, "measure": measure, "when": when, "sequence": sequence}[kind](c, story, now, zone)


def belongs(person: dict) -> set[str]:
    return {row["group"] for row in person["rows"] if row.get("group")}


def accounts_of(people: Any) -> dict[str, dict]:
    """Return the newest value of each trait that was told of each account."""
    rows = [row for person in people for row in person["rows"] if row.get("group")]
    found: dict[str, dict] = {row["group"]: {} for row in rows}
    for row in sorted(rows, key=lambda r: (r["time"], r["key"].bytes if hasattr(r["key"], "bytes") else r["key"])):
        if row["type"] == "group":
            found[row["group"]] |= row.get("told", {})
    return found


def dig(value: Any, path: str) -> Any:
    if isinstance(value, dict) and path in value:
        return value[path]
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else None


def amount(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", value, re.ASCII):
        return float(value)
    return None


def same(value: Any, to: Any) -> bool:
    if isinstance(to, bool | str):
        return text(value) is not None and text(value) == (to if isinstance(to, str) else "true" if to else "false")
    return amount(value) is not None and amount(value) == float(to)


def test(value: Any, c: dict) -> bool:
    to, how = c.get("to"), c["is"]
    if how in {"present", "absent"}:
        return (value is not None) == (how == "present")
    if how == "equal":
        return same(value, to)
    if how == "not_equal":
        return not same(value, to)
    if how == "one_of":
        return any(same(value, one) for one in to)
    if how in {"contains", "starts_with", "ends_with"}:
        word = text(value)
        return word is not None and {
            "contains": to in word, "starts_with": word.startswith(to), "ends_with": word.endswith(to)
        }[how]  # fmt: skip
    return compare(amount(value), how, to)


def compare(found: float | None, how: str, to: float) -> bool:
    if found is None:
        return False
    return {
        "equal": found == to, "above": found > to, "at_least": found >= to, "below": found < to, "at_most": found <= to
    }[how]  # fmt: skip


def meant(row: dict, event: dict) -> bool:
    if not (event.get("name") or event.get("type") or event.get("voice")) and row["voice"] == "ours":
        return False
    plain = all(not event.get(part) or row[part] == event[part] for part in ("name", "type", "voice"))
    return plain and all(test(read(row, one["of"]), one) for one in event.get("where", ()))


def read(row: dict, of: str) -> Any:
    if of.startswith("properties."):
        return dig(row["properties"], of.removeprefix("properties."))
    value = row[of]
    return float(value) if of == "value" and value is not None else value or None


def span(window: dict | None, now: int, zone: ZoneInfo) -> tuple[int, int]:
    if window is None:
        return -(10**18), now
    kind = window["kind"]
    if kind == "last":
        return now - window["amount"] * UNIT[window["unit"]] * 1000 + 1, now
    if kind in {"this", "previous"}:
        day = datetime.fromtimestamp(now / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        first = start(day, window["unit"])
        if kind == "this":
            return ms(first, zone), now
        return ms(start(first - timedelta(days=1), window["unit"]), zone), ms(first, zone) - 1
    if kind == "since":
        return ms(datetime.fromisoformat(window["date"]), zone), now
    end = datetime.fromisoformat(window["last"]) + timedelta(days=1)
    return ms(datetime.fromisoformat(window["first"]), zone), min(ms(end, zone) - 1, now)


def start(day: datetime, unit: str) -> datetime:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def ms(day: datetime, zone: ZoneInfo) -> int:
    return round(day.replace(tzinfo=zone).timestamp() * 1000)


def inside(c: dict, story: list, now: int, zone: ZoneInfo) -> list:
    first, last = span(c.get("within"), now, zone)
    return [row for row in story if meant(row, c["event"]) and first <= row["time"] <= last]


def did(c: dict, story: list, now: int, zone: ZoneInfo) -> bool:
    rows = inside(c, story, now, zone)
    how = c.get("count", "times")
    number = len(rows)
    if how != "times":
        days = [datetime.fromtimestamp(row["time"] / 1000, zone).replace(tzinfo=None) for row in rows]
        keys = {"days": lambda d: d.date(), "weeks": lambda d: d.isocalendar()[:2], "months": lambda d: (d.year, d.month)}
        number = len({keys[how](day) for day in days})
    least = c.get("at_least", 0 if "at_most" in c else 1)
    return least <= number <= c.get("at_most", 10**9)


def measure(c: dict, story: list, now: int, zone: ZoneInfo) -> bool:
    values = [read(row, c["of"]) for row in inside(c, story, now, zone)]
    take, how, to = c["take"], c["is"], c["to"]
    if take in {"first", "last"}:
        there = [value for value in values if value is not None]
        if not there:
            return False
        one = there[0 if take == "first" else -1]
        return same(one, to) if isinstance(to, bool | str) else compare(amount(one), how, to)
    if take == "distinct":
        return compare(len({text(value) for value in values} - {None}), how, to)
    numbers = [n for n in map(amount, values) if n is not None]
    if take in {"smallest", "largest"}:
        return bool(numbers) and compare(min(numbers) if take == "smallest" else max(numbers), how, to)
    whole = [round(n * 10_000) for n in numbers if abs(n) <= 1e14]
    if take == "sum":
        return compare(sum(whole), how, round(to * 10_000))
    return bool(whole) and compare(sum(whole), how, round(to * 10_000) * len(whole))


def when(c: dict, story: list, now: int, zone: ZoneInfo) -> bool:
    rows = [row for row in story if meant(row, c["event"]) and row["time"] <= now]
    first, last = span(c["within"], now, zone)
    return bool(rows) and first <= rows[0 if c["take"] == "first" else -1]["time"] <= last


def sequence(c: dict, story: list, now: int, zone: ZoneInfo) -> bool:
    first, last = span(c.get("within"), now, zone)

    def chains(step: int, after: int, since: int | None) -> bool:
        """Whether steps from `step` on can follow, after place `after` of the story, whose time is `since`."""
        if step == len(c["steps"]):
            return stays(after, since)
        wanted = c["steps"][step]
        wait = wanted.get("within")
        for place in range(after + 1, len(story)):
            row = story[place]
            if not first <= row["time"] <= last or not meant(row, wanted["event"]):
                continue
            if step and wait and row["time"] - since > wait["amount"] * UNIT[wait["unit"]] * 1000:
                continue
            if chains(step + 1, place, row["time"]):
                return True
        return False

    def stays(after: int, since: int) -> bool:
        if "then_not" not in c:
            return True
        until = since + c["then_not"]["within"]["amount"] * UNIT[c["then_not"]["within"]["unit"]] * 1000
        later = [row for row in story[after + 1 :] if row["time"] <= min(until, now) and meant(row, c["then_not"]["event"])]
        return until <= now and not later

    return chains(0, -1, None)
