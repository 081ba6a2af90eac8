"""Can the console do its work: does the present answer, with the tables that this code expects, and are we warm?"""

from __future__ import annotations

import asyncio
import time

_KEPT = 1.0  # seconds for which an answer holds, so that asking often costs nothing


class Readiness:
    """Ask `missing`: empty when ready, else what is missing."""

    def __init__(self) -> None:
        self.warm = False
        self._tables = False
        self._known = (0.0, "not asked yet")
        self._lock = asyncio.Lock()

    async def missing(self) -> str:
        """Return what keeps the console from working, empty if nothing does."""
        async with self._lock:
            if time.monotonic() - self._known[0] > _KEPT:
                self._known = (time.monotonic(), await asyncio.to_thread(self._ask))
        return self._known[1] or ("" if self.warm else "warming up")

    def _ask(self) -> str:
        from django.db import DatabaseError, connection

        from amity.config.serving import migrations

        try:
            if not self._tables:
                if migrations.waiting():
                    return "the present's tables are not up to date"
                self._tables = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except (DatabaseError, OSError) as error:
            return f"the present does not answer: {type(error).__name__}"
        finally:
            connection.close()
        return ""
