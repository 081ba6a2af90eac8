"""What a computed trait comes to, worked out the slow and plain way; shares nothing with the product but the JSON."""

from __future__ import annotations

import math
from typing import Any
from zoneinfo import ZoneInfo

from tests.rooms.customers.audiences import naive as plain

DAY = 86_400_000


def values(value: dict, people: dict[Any, dict], *, now: int, zone: str) -> dict[Any, Any]:
    """Return what each of `people` (as in audiences.naive) has; None for nothing. All references stand in their places."""
    at = ZoneInfo(zone)
    if value["kind"] == "tile":
        return tiles(value, values(value["of"], people, now=now, zone=zone))
    if value["kind"] == "combine":
        parts = [values(part, people, now=now, zone=zone) for part in value["of"]]
        return {who: combine(value["do"], [part[who] for part in parts]) for who in people}
    if value["kind"] == "cases":
        found = {}
        for who in people:
            found[who] = None
        rest = set(people)
        for case in value["of"]:
            here = rest & members(case["where"], people, now=now, zone=zone)
            then = values(case["then"], people, now=now, zone=zone)
            found |= {who: then[who] for who in here}
            rest -= here
        if "otherwise" in value:
            then = values(value["otherwise"], people, now=now, zone=zone)
            found |= {who: then[who] for who in rest}
        return found
    return {who: taken(value, person, now, at) for who, person in people.items()}


def members(where: dict, people: dict[Any, dict], *, now: int, zone: str) -> set:
    """As audiences.naive.members, for conditions that compare values (`compared`: with `value` in its place), too."""
    kind = where["kind"]
    if kind == "all":
        return set(people).intersection(*(members(one, people, now=now, zone=zone) for one in where["of"]))
    if kind == "any":
        return set().union(*(members(one, people, now=now, zone=zone) for one in where["of"]))
    if kind == "not":
        return set(people) - members(where["of"], people, now=now, zone=zone)
    if kind == "compared":
        found = values(where["value"], people, now=now, zone=zone)
        return {who for who in people if compare(found[who], where)}
    return plain.members(where, people, now=now, zone=zone)


def compare(value: Any, c: dict) -> bool:
    if isinstance(value, list) and c["is"] not in {"present", "absent"}:
        if c["is"] == "not_equal":
            return not any(plain.test(one, c | {"is": "equal"}) for one in value)
        return any(plain.test(one, c) for one in value)
    return plain.test(value, c)


def taken(value: dict, person: dict, now: int, zone: ZoneInfo) -> Any:  # noqa: PLR0911  one answer for each kind
    kind = value["kind"]
    if kind == "fixed":
        return whole(value["is"])
    story = sorted(person["rows"], key=lambda r: (r["time"], r["key"].bytes))
    rows = plain.inside(value, story, now, zone)
    if kind == "count":
        return count(value, rows, zone)
    if kind == "days_since":
        return (now - rows[0 if value.get("take") == "first" else -1]["time"]) // DAY if rows else None
    found = [(plain.read(row, value["of"]), row["time"]) for row in rows]
    if kind == "number":
        return number(value, [one for one, _ in found])
    there = [(whole(one), at) for one, at in found if isinstance(one, bool | int | float | str)]
    if kind == "pick" and value["take"] != "most_frequent":
        return (there[0] if value["take"] == "first" else there[-1])[0] if there else None
    seen: dict[str, list] = {}
    for one, at in there:
        seen.setdefault(f"{type(one).__name__}{one}", [one, 0, 0])
        mine = seen[f"{type(one).__name__}{one}"]
        mine[1], mine[2] = mine[1] + 1, at
    if kind == "list":
        best = sorted(seen.values(), key=lambda s: (-s[2], json_text(s[0])))
        return [one for one, _, _ in best[: value.get("most", 20)]] or None
    best = sorted(seen.values(), key=lambda s: (-s[1], -s[2], json_text(s[0])))
    return best[0][0] if best else None


def count(value: dict, rows: list, zone: ZoneInfo) -> int:
    each = value.get("each", "times")
    if each == "times":
        return len(rows)
    from datetime import datetime

    days = [datetime.fromtimestamp(row["time"] / 1000, zone).replace(tzinfo=None) for row in rows]
    keys = {"days": lambda d: d.date(), "weeks": lambda d: d.isocalendar()[:2], "months": lambda d: (d.year, d.month)}
    return len({keys[each](day) for day in days})


def number(value: dict, found: list) -> Any:
    if value["take"] == "distinct":
        return len({plain.text(one) for one in found} - {None})
    numbers = [n for n in map(plain.amount, found) if n is not None]
    scaled = [round(n * 10_000) for n in numbers if abs(n) <= 1e14]
    match value["take"]:
        case "sum":
            return whole(sum(scaled) / 10_000)
        case "average":
            return whole(sum(scaled) / 10_000 / len(scaled)) if scaled else None
        case "smallest":
            return whole(min(numbers)) if numbers else None
        case "largest":
            return whole(max(numbers)) if numbers else None
    return whole(percentile(sorted(numbers), value["at"])) if numbers else None


def percentile(numbers: list[float], at: float) -> float:
    """Hyndman and Fan's type 7."""
    place = (len(numbers) - 1) * at / 100
    low = math.floor(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (place - low) * (numbers[high] - numbers[low])


def combine(do: str, parts: list) -> Any:
    if do == "first_known":
        return next((one for one in parts if one is not None), None)
    numbers = [plain.amount(one) for one in parts]
    if do in {"smallest", "largest"}:
        there = [n for n in numbers if n is not None]
        return whole((min if do == "smallest" else max)(there)) if there else None
    if any(n is None for n in numbers):
        return None
    found = numbers[0]
    for n in numbers[1:]:
        if do == "divide" and n == 0:
            return None
        found = {"add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b, "divide": lambda a, b: a / b}[
            do
        ](found, n)  # fmt: skip
    return whole(found)


def tiles(value: dict, found: dict) -> dict:
    """NTILE, and of equal numbers the lower of theirs."""
    size = value.get("tiles", 5)
    sign = 1 if value.get("best", "high") == "high" else -1
    there = sorted((sign * n, who) for who, one in found.items() if (n := plain.amount(one)) is not None)
    each, more = divmod(len(there), size)
    ntile = [tile for tile in range(1, size + 1) for _ in range(each + (tile <= more))]
    lowest: dict[float, int] = {}
    for (n, _), tile in zip(there, ntile, strict=True):
        lowest[n] = min(lowest.get(n, tile), tile)
    return dict.fromkeys(found) | {who: lowest[n] for n, who in there}


def whole(n: Any) -> Any:
    return int(n) if isinstance(n, float) and n.is_integer() and abs(n) < 2**53 else n


def json_text(one: Any) -> bytes:
    import json

    return json.dumps(one, ensure_ascii=False).encode()


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same; fractions as near as two ways of adding them up may be."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool) or isinstance(one, str) or one is None or other is None:
        return one == other and type(one) is type(other)
    return not isinstance(other, str) and math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
