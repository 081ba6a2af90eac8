"""When the past refuses a batch for what is in it: find the rows that it means, set them aside, carry the others."""

from __future__ import annotations

import json
from collections.abc import Sequence

import structlog

from amity.engines.past.client import insert_body, insert_rows
from amity.engines.past.rows import QuarantineRow, seconds
from amity.engines.present.models import PastBatch
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError
from amity.kernel.ids import derived_id

log = structlog.get_logger("amity.worker")

# ClickHouse's codes for data that can't be read: cannot parse …, type mismatch, incorrect data, out of bound, overflow, too large.
DATA_ERRORS = {
    f"past_{code}" for code in (6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 321, 349, 376, 407, 441, 467, 675)
}
LONGEST_BODY = 65_536


def is_about_data(error: Exception) -> bool:
    """Whether the past refused the content, which it will do each time, rather than the moment."""
    return isinstance(error, AmityError) and error.code in DATA_ERRORS


def carry_in_parts(batch: PastBatch) -> int:
    """Insert the rows that the past takes and put the others into quarantine as `past_refused`; return how many those were.

    Each part has a token of its own made from the batch's, so this too can be repeated.
    """
    from amity.engines.past.zstd import decompress

    return _carry(batch, rows_of(decompress(bytes(batch.body)).decode("utf-8", "replace")), 0)


def rows_of(text: str) -> list[str]:
    """Split JSON objects that stand one after the other; a line break inside one does not divide it."""
    decoder, at, rows = json.JSONDecoder(), 0, []
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        _, end = decoder.raw_decode(text, at)
        rows.append(text[at:end])
        at = end
    return rows


def _carry(batch: PastBatch, rows: Sequence[str], start: int) -> int:
    from amity.engines.past.zstd import compress

    try:
        insert_body(
            table=batch.table, body=compress("\n".join(rows).encode()), token=f"{batch.token}/{start}-{start + len(rows)}"
        )
    except AmityError as error:
        if not is_about_data(error):
            raise
        if len(rows) == 1:
            _set_aside(batch, rows[0], start, error)
            return 1
    else:
        return 0
    middle = len(rows) // 2
    return _carry(batch, rows[:middle], start) + _carry(batch, rows[middle:], start + middle)


def _set_aside(batch: PastBatch, row: str, number: int, error: AmityError) -> None:
    log.error("row refused by the past", table=batch.table, token=batch.token, number=number, code=error.code)
    held = json.loads(row)

    def whole(name: str) -> int:
        return held[name] if isinstance(held.get(name), int) else 0

    def text(name: str) -> str:
        return str(held.get(name) or "")[:200]

    received = round(held["received_at"] * 1000) if isinstance(held.get("received_at"), int | float) else now_ms()
    aside = QuarantineRow(
        workspace_id=whole("workspace_id"),
        source_id=whole("source_id"),
        received_at=seconds(received),
        key=derived_id(received, "refused", batch.token, number),
        reason="past_refused",
        detail=error.message[:300],
        step="carry",
        body=row[:LONGEST_BODY],
        log_seq=whole("log_seq"),
        message_id=text("message_id"),
        name=text("name"),
        dialect=text("dialect"),
    )
    insert_rows(table="quarantine", rows=[aside], token=f"{batch.token}/{number}:refused")
