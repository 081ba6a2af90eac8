"""One thing that the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at. `mend` says what to do; empty where nothing has to be done."""

    about: str
    state: Literal["ok", "warning", "broken"]
    text: str
    mend: str = ""
