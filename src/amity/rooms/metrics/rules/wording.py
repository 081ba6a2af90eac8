"""Values as people read them. Pure."""

from __future__ import annotations

from decimal import Decimal

from amity.shell.words import say_money, say_number

_MONEY = 3


def value_text(value: float | None, shape: str, unit: str) -> str:  # noqa: PLR0911  one answer for each shape
    """Return a value without its unit, unless that is money."""
    if value is None:
        return "none"
    match shape:
        case "share":
            if 0.99 < value < 1:  # of availability, the last percent is what counts
                return f"{value:.1%}" if value < 0.9995 else f"{min(value, 0.9999):.2%}"
            return f"{value:.0%}" if abs(value) >= 0.1 or not value else f"{value:.1%}"
        case "score":
            return f"{value:.0f}".replace("-0", "0") if abs(value) < 0.5 else f"{value:.0f}"
        case "seconds":
            return _span(value)
    if is_money(unit):
        return say_money(Decimal(f"{value:.2f}" if abs(value) < 1_000 else f"{value:.0f}"), unit).replace(".00", "")
    near = abs(value)
    digits = 0 if value == int(value) or near >= 100 else 1 if near >= 10 else 2 if near >= 0.1 else 3 if near >= 0.01 else 4
    return say_number(Decimal(f"{value:.6f}"), digits=digits)


def is_money(unit: str) -> bool:
    """Whether a unit is a currency's code."""
    return len(unit) == _MONEY and unit.isalpha() and unit.isupper() and unit != "NPS"


def _span(seconds: float) -> str:
    sign, left = ("-", -seconds) if seconds < 0 else ("", seconds)
    if left < 90:
        return f"{sign}{left:.0f} s" if left >= 10 else f"{sign}{left:.1f} s"
    if left < 3_600:
        return f"{sign}{int(left // 60)}:{int(left % 60):02d} min"
    if left < 172_800:
        return f"{sign}{int(left // 3_600)} h {int(left % 3_600 // 60):02d} min"
    return f"{sign}{left / 86_400:.1f} days"
