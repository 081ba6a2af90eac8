"""Where an erasure is, and how it is called without saying whom it is about."""

from __future__ import annotations

import re

# Each leads to the next. From `suppressed` on nothing of the person can come any more; it can't be called back.
ASKED, SUPPRESSED, ERASED, LOOKING, DONE = "asked", "suppressed", "erased", "looking", "done"
STATES: dict[str, str] = {
    ASKED: "Is about to begin",
    SUPPRESSED: "Kept out; being erased everywhere",
    ERASED: "Erased; waits for what was under way",
    LOOKING: "Looks for anything left",
    DONE: "Done",
}


def hint_of(kind: str, value: str) -> str:
    """Return an identifier so shortened that who knows it knows it again, and nobody else learns it."""
    text = re.sub(r"\s+", " ", value).strip()
    kind = "customer" if kind == "customer_id" else kind.replace("_", " ")
    if kind == "email" and "@" in text:
        name, _, domain = text.rpartition("@")
        host, dot, top = domain.rpartition(".")
        return f"{kind} {name[:1]}…@{host[:1]}…{dot}{top}"[:120]
    shown = text[:2] if len(text) > 5 else ""
    return f"{kind} {shown}…{text[-2:] if len(text) > 8 else ''}"[:120]
