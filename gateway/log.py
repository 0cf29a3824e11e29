"""The log: one JSON object an event on standard error. Nothing personal, CR and LF escaped by JSON."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Set the log up once, before anything is logged."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # Libraries log addresses and content at levels below these.
    for name in ("mail.log", "httpx", "httpcore", "dkimpy", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """The gateway's logger."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
