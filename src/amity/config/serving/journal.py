"""What processes log: one JSON object a line on standard error, from structlog and from the standard library alike."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from amity.kernel.errors import SettingError

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


# Without the frames' variables: among them may be a password, a key or a customer's data.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def set_up(level: str) -> None:
    """Begin to log, from `level` upward. Raises SettingError for a level that doesn't exist."""
    if level not in LEVELS:
        raise SettingError(f"AMITY_LOG_LEVEL is {level!r}; it should be one of {', '.join(LEVELS)}.")
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _TRACEBACKS,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=())],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(LEVELS[level])
    for noisy in ("asyncio", "nats", "urllib3", "httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(max(LEVELS[level], logging.WARNING))
