"""What people write, as it is kept. Pure."""

from __future__ import annotations

import re

from amity.kernel.errors import Invalid

LONGEST_NAME = 120
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """Return text without what PostgreSQL can't hold."""
    return _UNSTORABLE.sub("\ufffd", text)


def checked_name(text: str) -> str:
    """Return a survey's name as it is kept. Raises Invalid."""
    name = storable(text).strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"A survey needs a name of at most {LONGEST_NAME} characters.")
    return name
