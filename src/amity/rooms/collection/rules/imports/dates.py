"""Times as people write them: which order day and month stand in is decided over the whole column, never row by row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from amity.kernel.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  for times that name no zone where that is UTC
_MS = timedelta(milliseconds=1)
_NUMBERS = re.compile(
    r"(\d{1,4})[./-](\d{1,2})[./-](\d{2,4})"
    r"(?:[T ,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?"
)
_DIGITS = re.compile(r"\d{9,13}(?:\.\d+)?")
_SHORT = re.compile(r"(?:19|20)\d{6}(?:\d{6})?")
NAMED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%a, %d %b %Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S %z")
ORDERS = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}
WORDS = {"iso": "ISO 8601", "seconds": "seconds since 1970", "milliseconds": "milliseconds since 1970", "digits": "YYYYMMDD"}
_PIVOT = 70  # two digits from here on are of the 1900s

Reader = Callable[[Any], int]


class Dates(NamedTuple):
    """How a column's times are written: `iso`, `dmy`, `mdy`, `ymd`, `seconds`, `milliseconds`, `digits`, or a strptime format.

    Empty: these are no times. `ambiguous`: nothing in the column tells day and month apart. `why` is for a person.
    """

    form: str
    ambiguous: bool = False
    why: str = ""

    @property
    def said(self) -> str:
        """The form in words."""
        return ORDERS.get(self.form) or WORDS.get(self.form) or self.form


def find_dates(cells: Sequence[str]) -> Dates:
    """Return how these cells, all of one column and none of them empty, write a time."""
    plain = _plain(cells) if cells else ""
    if plain or not cells:
        return Dates(plain)
    found = [_NUMBERS.fullmatch(cell) for cell in cells]
    if all(found):
        return _order(cells, [one for one in found if one is not None])
    for form in (f"{day}{time}" for day in NAMED for time in _TIMES):
        if all(_fits(cell, form) for cell in cells):
            return Dates(form)
    return Dates("")


def like_time(cell: str) -> bool:
    """Whether a cell by itself looks like a time: ISO 8601, or day, month and year in numbers with marks between them."""
    return _iso(cell) or _NUMBERS.fullmatch(cell) is not None


def _plain(cells: Sequence[str]) -> str:
    """Return the form of cells that are ISO 8601, or nothing but digits; else nothing."""
    if all(_iso(cell) for cell in cells):
        return "iso"
    if all(_DIGITS.fullmatch(cell) for cell in cells):
        return "milliseconds" if len(cells[0].partition(".")[0]) >= 12 else "seconds"
    return "digits" if all(_SHORT.fullmatch(cell) for cell in cells) else ""


def settle(cells: Iterable[str]) -> Dates:
    """Look through many more cells for one that tells day and month apart."""
    for cell in cells:
        match = _NUMBERS.fullmatch(cell)
        if match and (told := _told(match)):
            return Dates(told, why=f"{cell} can be read no other way")
    return Dates("", ambiguous=True)


def _order(cells: Sequence[str], found: Sequence[re.Match[str]]) -> Dates:
    if all(len(one[1]) == 4 for one in found):
        return Dates("ymd")
    told = {order: cell for cell, one in zip(cells, found, strict=True) if (order := _told(one))}
    if len(told) == 1:
        [(order, cell)] = told.items()
        return Dates(order, why=f"{cell} can be read no other way")
    if len(told) > 1:
        return Dates("")
    if all("." in cell.partition(" ")[0] for cell in cells):
        return Dates("dmy", why="points stand between day, month and year")
    rising = {order: _rises([_day(one, order) for one in found]) for order in ("dmy", "mdy")}
    if rising["dmy"] != rising["mdy"]:
        return Dates("dmy" if rising["dmy"] else "mdy", why="only so do the rows stand in the order of time")
    return Dates("dmy", ambiguous=True)


def _told(one: re.Match[str]) -> str:
    if len(one[1]) > 2:
        return ""
    if int(one[1]) > 12:
        return "dmy"
    return "mdy" if int(one[2]) > 12 else ""


def _day(one: re.Match[str], order: str) -> date:
    first, second = int(one[1]), int(one[2])
    day, month = (first, second) if order == "dmy" else (second, first)
    try:
        return date(_year(one[3]), month, day)
    except ValueError:
        return date.min


def _rises(days: Sequence[date]) -> bool:
    """Whether the days never go back, and do go on."""
    return days[0] < days[-1] and all(a <= b for a, b in pairwise(days))


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= _PIVOT else 2000)


def _iso(cell: str) -> bool:
    if len(cell) < 10 or cell[4] != "-":
        return False
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _fits(cell: str, form: str) -> bool:
    try:
        datetime.strptime(cell, form)  # noqa: DTZ007  the zone is the map's
    except ValueError:
        return False
    return True


def date_reader(form: str, *, zone: ZoneInfo) -> Reader:
    """Return a function that turns a cell into ms since 1970; `zone` is that of times which name none. It raises ValueError.

    Raises Invalid for a form that is none.
    """
    readers: dict[str, Callable[[str], datetime]] = {
        "iso": datetime.fromisoformat,
        "digits": _read_digits,
        **{order: _numbers_reader(order) for order in ORDERS},
    }
    scale = {"seconds": 1_000, "milliseconds": 1}.get(form)
    if scale is not None:
        return _of_number(scale)
    if form not in readers and "%" not in form:
        raise Invalid(f"dates is {form!r}; write one of {', '.join([*WORDS, *ORDERS])}, or a format like %d/%m/%Y %H:%M.")
    read = readers.get(form) or (lambda text: datetime.strptime(text, form))  # noqa: DTZ007  the zone follows
    return _of_cell(_of_text(read, zone=zone, cached=form != "iso" or zone.key != "UTC"), zone=zone)


def _of_text(read: Callable[[str], datetime], *, zone: ZoneInfo, cached: bool) -> Callable[[str], int]:
    utc = zone.key == "UTC"

    def of_text(text: str) -> int:
        at = read(text)
        if at.tzinfo is not None:
            return (at - _EPOCH) // _MS
        return (at - _NAIVE_EPOCH) // _MS if utc else (at.replace(tzinfo=zone) - _EPOCH) // _MS

    # Those that take long to read are remembered: lines of one order, and of one minute, share their time.
    return lru_cache(maxsize=65_536)(of_text) if cached else of_text


def _of_cell(of_text: Callable[[str], int], *, zone: ZoneInfo) -> Reader:
    def of_cell(cell: Any) -> int:
        if cell.__class__ is str:
            return of_text(cell)
        if isinstance(cell, datetime):
            return ((cell if cell.tzinfo else cell.replace(tzinfo=zone)) - _EPOCH) // _MS
        if isinstance(cell, date):
            return (datetime(cell.year, cell.month, cell.day, tzinfo=zone) - _EPOCH) // _MS
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return round(cell * 1_000 if abs(cell) < 1e11 else cell)
        raise ValueError(cell)

    return of_cell


def _of_number(scale: int) -> Reader:
    def read(cell: Any) -> int:
        if isinstance(cell, bool | datetime):
            raise ValueError(cell)  # noqa: TRY004  one error for every cell that is no time
        return round(float(cell) * scale)

    return read


def _read_digits(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S" if len(text) == 14 else "%Y%m%d")  # noqa: DTZ007  the zone follows


def _numbers_reader(order: str) -> Callable[[str], datetime]:
    places = {"dmy": (3, 2, 1), "mdy": (3, 1, 2), "ymd": (1, 2, 3)}[order]

    def read(text: str) -> datetime:
        one = _NUMBERS.fullmatch(text)
        if one is None:
            raise ValueError(text)
        year, month, day = (one[place] for place in places)
        hour, minute, second, fraction, half, offset = one.groups()[3:]
        hours = int(hour or 0)
        if half:
            hours = hours % 12 + (12 if half[0] in "pP" else 0)
        micro = int((fraction or "0").ljust(6, "0")[:6])
        at = datetime(_year(year), int(month), int(day), hours, int(minute or 0), int(second or 0), micro)  # noqa: DTZ001
        return at.replace(tzinfo=_offset(offset)) if offset else at

    return read


def _offset(text: str) -> Any:
    return UTC if text in {"Z", "UTC"} else datetime.strptime(text, "%z").tzinfo
