"""What people write, as it is kept. Pure."""

from __future__ import annotations

import re

from amity.kernel.errors import Invalid

LONGEST_NAME, LONGEST_ABOUT = 120, 2_000
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def checked_name(text: str, what: str) -> str:
    """Return a name as it is kept; `what` it names stands in the error. Raises Invalid."""
    name = storable(text).strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"{what} needs a name of at most {LONGEST_NAME} characters.")
    return name


def checked_about(text: str) -> str:
    """Return a description as it is kept. Raises Invalid."""
    about = storable(text).strip()
    if len(about) > LONGEST_ABOUT:
        raise Invalid(f"The description may have {LONGEST_ABOUT:,} characters.")
    return about


def storable(text: str) -> str:
    """Return text without what PostgreSQL can't hold."""
    return _UNSTORABLE.sub("\ufffd", text)
