"""Amounts that strangers sent, read with care and written as the console writes money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from amity.rooms.customers.rules.money import as_number
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
