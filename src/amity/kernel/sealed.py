"""Values that are kept encrypted: how one is recognised, and what stands in its place for whoever may not read it.

A sealed value is a text, `sealed.1.<number of its key>.<nonce, ciphertext and tag in URL-safe base64>`. What makes and opens
one is `engines.fieldkeys`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIX = "sealed.1."
HIDDEN = "•••••• (sensitive)"


def is_sealed(value: object) -> bool:
    """Tell whether a value is kept encrypted."""
    return isinstance(value, str) and value.startswith(PREFIX)


def hidden(value: Any) -> Any:
    """Return a value as everybody may see it."""
    return HIDDEN if is_sealed(value) else value


def hide_deep(value: Any) -> Any:
    """Return a value as everybody may see it, however deep something sealed stands in it."""
    if isinstance(value, dict):
        return {name: hide_deep(inner) for name, inner in value.items()}
    return [hide_deep(inner) for inner in value] if isinstance(value, list) else hidden(value)


def hide(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties or traits as everybody may see them."""
    return {name: hidden(value) for name, value in values.items()}
