"""Values and paths on their way into SQL: values are bound, paths are quoted here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from amity.kernel.errors import Invalid

MOST_STEPS = 12
_PLAIN = re.compile(r"[\x20-\x7e\x80-\U0010ffff]+")


class Binder:
    """Collects parameters. Equal values of one type share a name."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, Any], str] = {}

    def __call__(self, value: Any, kind: str) -> str:
        """Return the placeholder of a value of ClickHouse's type `kind`."""
        held = tuple(value) if isinstance(value, list) else value
        name = self._names.setdefault((kind, held), f"v{len(self._names)}")
        return f"{{{name}:{kind}}}"

    @property
    def values(self) -> Mapping[str, Any]:
        """Parameters by name."""
        return {name: list(value) if isinstance(value, tuple) else value for (_, value), name in self._names.items()}


def json_path(column: str, path: str) -> str:
    """Return the SQL that reads `a.b` of a JSON column: each step between backticks, with whatever could end it escaped.

    A path can't be bound without reading the whole column. Raises Invalid for a path that can't be one.
    """
    steps = path.split(".")
    if not all(steps) or len(steps) > MOST_STEPS or any(len(step) > 250 for step in steps):
        raise Invalid(f"{path[:80]!r} is no path: write names joined by dots, such as address.city.")
    if not all(_PLAIN.fullmatch(step) for step in steps):
        raise Invalid("A property's name can't hold control characters.")
    quoted = [step.replace("\\", "\\\\").replace("`", "\\`") for step in steps]
    return f"{column}." + ".".join(f"`{step}`" for step in quoted)
