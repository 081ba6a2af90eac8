"""What logs may hold: an address that lets its holder in is a secret, and Django logs the path of whatever was answered 4xx or 5xx."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(r"(/(?:choices|start|join|shared|privacy/confirm)/)[^/?\s]+")


class WithoutLinks(logging.Filter):
    """Leaves the secret part of links out of what `django.request` logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, with its addresses shortened."""
        if isinstance(record.args, tuple):
            record.args = tuple(_SECRET.sub(r"\1…", one) if isinstance(one, str) else one for one in record.args)
        return True


def keep_links_out() -> None:
    """Shorten what Django logs of requests, from now on."""
    logger = logging.getLogger("django.request")
    if not any(isinstance(one, WithoutLinks) for one in logger.filters):
        logger.addFilter(WithoutLinks())
