"""Logs of the service: one JSON object a line, and nothing personal in it.

An exception is written as its type and where it came from. Neither its text nor any local
variable is: both may hold what a user sent, a resident's name, or an address with a password.
"""

import sys
import traceback
from types import TracebackType
from typing import Any

import structlog

FRAMES_MOST = 12


def configure() -> None:
    """Set up logging for this process; called once, by the service's and the jobs' entry."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )


def _exception(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    if exc_info and exc_info[0] is not None:
        event["exception"] = exc_info[0].__name__
        event["frames"] = frames(exc_info[2])
    return event


def frames(trace: TracebackType | None) -> list[str]:
    """Return where an exception came from, the innermost last: file, line and function."""
    found = traceback.extract_tb(trace)[-FRAMES_MOST:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in found]
