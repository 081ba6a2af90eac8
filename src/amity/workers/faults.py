"""What is logged of an unexpected error: its sentence and where it arose, never the values that were at hand there."""

from __future__ import annotations

from traceback import extract_tb


def said(error: BaseException) -> str:
    """Return the error's name and sentence, cut to what a log line holds."""
    return f"{type(error).__name__}: {error}"[:300]


def where(error: BaseException) -> str:
    """Return the last places in Amity's own code that it came through, innermost last."""
    frames = [f for f in extract_tb(error.__traceback__) if "/amity/" in f.filename]
    return " > ".join(f"{f.filename.rpartition('/amity/')[2]}:{f.lineno} {f.name}" for f in frames[-4:])
