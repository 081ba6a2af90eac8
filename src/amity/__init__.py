"""Amity, a customer experience system. `amity.connect` reads one from a notebook; importing this loads nothing."""

from typing import Any


def __getattr__(name: str) -> Any:
    if name == "connect":
        from amity.notebook.connection import connect

        return connect
    raise AttributeError(f"module 'amity' has no attribute {name!r}")
