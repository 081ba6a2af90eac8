"""Patterns of people, tried on text of others: by RE2, whose time grows with the text and never with the pattern's tricks. Pure."""

from __future__ import annotations

from amity.kernel.errors import Invalid

LONGEST = 300


def check_pattern(pattern: str) -> None:
    """Raise Invalid for what RE2 doesn't read, or without a group to take."""
    if len(pattern) > LONGEST:
        raise Invalid(f"A pattern has at most {LONGEST} characters.")
    first_group(pattern, "")


def first_group(pattern: str, text: str) -> str | None:
    """Return what the pattern's first group holds where it first fits the text, None where it fits nowhere. Raises Invalid."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    given = pa.scalar(text)
    try:
        found = pc.match_substring_regex(given, pattern=pattern).as_py()
        # Of one that fits nowhere it is asked as well: only this says that the pattern has a group.
        taken = pc.replace_substring_regex(
            given, pattern=f"(?s)^.*?(?-s:{pattern}).*$", replacement=r"\1", max_replacements=1
        ).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise Invalid(
            f"{pattern[:60]!r} is no pattern with a group in brackets, as order-([0-9]+), or RE2 doesn’t know it."
        ) from None
    return str(taken) if found else None
