"""What an interaction was worth: money that came in or went back, in its currency.

`revenue` is the standard name (Segment's spec) on any event. An order that completed may tell only its `total` or `value`;
a refund (`Order Refunded`) counts against. Nothing else is money: `value` and `price` on a product that was looked at aren't.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from amity.rooms.customers.rules.words import words_of

_MOST = Decimal(10) ** 14
_CENTS = Decimal("0.0001")


def value_of(kind: str, name: str, properties: Mapping[str, Any], *, currency: str) -> tuple[Decimal | None, str]:
    """Return (amount, ISO 4217 code), amount None where it was worth nothing that is told. `currency` is the workspace's."""
    if kind != "track" or not properties:
        return None, ""
    completed, refunded = _order(name)
    amount = _amount(properties["revenue"]) if "revenue" in properties else None
    if amount is None and (completed or refunded):
        amount = _amount(properties.get("total"))
        if amount is None:
            amount = _amount(properties.get("value"))
    if amount is None:
        return None, ""
    said = properties.get("currency")
    code = said.strip().upper() if isinstance(said, str) else ""
    return -abs(amount) if refunded else amount, code if len(code) == 3 and code.isascii() and code.isalpha() else currency


@lru_cache(maxsize=4_096)
def _order(name: str) -> tuple[bool, bool]:
    words = set(words_of(name))
    order = bool(words & {"order", "purchase"})
    return order and bool(words & {"completed", "paid"}), bool(words & {"refunded"})


def _amount(value: Any) -> Decimal | None:
    amount = as_number(value)
    return None if amount is None or abs(amount) >= _MOST else amount.quantize(_CENTS)


def as_number(value: Any) -> Decimal | None:
    """Return a finite Decimal for a number or a text that is one, else None. True and False are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(value.strip()[:40] if isinstance(value, str) else str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None
