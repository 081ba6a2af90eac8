"""How the console says times, numbers and money. Plain functions; the template tags dress them in HTML."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "PLN": "zł", "CHF": "CHF "}
_WITHOUT_CENTS = {"JPY", "KRW", "VND", "ISK", "CLP", "HUF"}


def say_when(instant: datetime, *, now: datetime, zone: tzinfo) -> str:
    """Say an instant as people do: “just now”, “12 min ago”, “yesterday, 14:05”, “9 Mar, 14:05”, “9 Mar 2021”."""
    passed = (now - instant).total_seconds()
    here, today = instant.astimezone(zone), now.astimezone(zone)
    days = (today.date() - here.date()).days
    if -90 <= passed < _HOUR:
        return _just(passed)
    if passed >= 0 and days == 0:
        return f"{passed // _HOUR:.0f} h ago"
    if days == 1:
        return f"yesterday, {here:%H:%M}"
    far = abs(days) >= 300
    return _date(here, year=far or here.year != today.year) + ("" if far else f", {here:%H:%M}")


def _just(passed: float) -> str:
    if passed < 5:
        return "just now"
    return f"{passed:.0f} s ago" if passed < _MINUTE else f"{passed // _MINUTE:.0f} min ago"


def say_exactly(instant: datetime, *, zone: tzinfo) -> str:
    """Say an instant to the second, with its weekday and zone."""
    here = instant.astimezone(zone)
    return f"{here:%A} {_date(here, year=True)}, {here:%H:%M:%S} {here:%Z}"


def say_span(seconds: float) -> str:
    """Say a duration with the unit that suits it: “0.2 ms”, “34 ms”, “0.8 s”, “12 s”, “4 min”, “3 h”, “5 days”."""
    if 0 < seconds < 0.1:
        return f"{seconds * 1000:.{0 if seconds >= 0.01 else 1 if seconds >= 0.001 else 2}f} ms"
    if seconds < 10:
        return "0 s" if seconds <= 0 else f"{seconds:.1f} s"
    for size, unit in ((_MINUTE, "s"), (_HOUR, "min"), (2 * _DAY, "h")):
        if seconds < size:
            return f"{seconds / {'s': 1, 'min': _MINUTE, 'h': _HOUR}[unit]:.0f} {unit}"
    return f"{seconds / _DAY:.0f} days"


def say_number(value: float | Decimal, *, digits: int | None = None) -> str:
    """Write a number with thousands parted; whole ones without a fraction, others with two digits unless told."""
    if digits is None:
        digits = 0 if value == int(value) else 2
    return f"{value:,.{digits}f}"


def say_size(count: float) -> str:
    """Write bytes with the unit that suits them: 812 B, 4.2 kB, 1.3 GB (powers of 1,000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1_000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1_000
    return f"{count:,.1f} TB"


def say_money(amount: float | Decimal, currency: str) -> str:
    """Write an amount with its currency's sign in front, or its code where the sign would be unclear."""
    digits = 0 if currency in _WITHOUT_CENTS else 2
    sign = _SIGNS.get(currency, f"{currency} " if currency else "")
    return f"{'-' if amount < 0 else ''}{sign}{abs(amount):,.{digits}f}"


def initials(name: str) -> str:
    """Return the one or two letters that stand in an avatar."""
    words = [w for w in name.replace("@", " ").replace(".", " ").replace("_", " ").split() if w[0].isalnum()]
    return (words[0][0] + (words[1][0] if len(words) > 1 else "")).upper() if words else "?"


def _date(day: datetime, *, year: bool) -> str:
    return f"{day.day} {day:%b}" + (f" {day.year}" if year else "")
