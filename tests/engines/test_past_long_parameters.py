"""Statements of our own may carry more than an address holds."""

from __future__ import annotations

from uuid import uuid4

from amity.engines.past.client import command


def test_a_statement_with_thousands_of_keys(past_ready):
    for keys in (1, 5_000):
        command(
            "DELETE FROM interactions_raw WHERE workspace_id = {workspace_id:UInt32} AND message_key IN {keys:Array(UUID)}",
            workspace_id=4_000_000_000,
            keys=[str(uuid4()) for _ in range(keys)],
        )
