"""Amounts that strangers sent, read with care and written as the console writes money."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from amity.shell.words import say_money, say_number

_LARGEST = Decimal(10) ** 15


def money(amount: Any, currency: str | None) -> str:
    """Return an amount for people: `€1,189.00`; without a currency the bare number.

    Empty where `amount` is no finite number below 10^15.
    """
    number = as_number(amount)
    if number is None or abs(number) >= _LARGEST:
        return ""
    code = (currency or "").strip().upper()
    known = len(code) == 3 and code.isascii() and code.isalpha()
    return say_money(number, code) if known else say_number(number)


def as_number(value: Any) -> Decimal | None:
    """Return a finite Decimal for a number or a text that is one, else None. True and False are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(value.strip()[:40] if isinstance(value, str) else str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None
