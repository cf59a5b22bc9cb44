"""Errors as ``application/problem+json`` (RFC 9457): one table from exception to status."""

import secrets
from typing import Any

import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, g, json, render_template, request
from werkzeug.exceptions import HTTPException

from spatial import db, errors
from spatial.rules.alarms import StepRefused
from webmap import guard, identity, stream

log = structlog.get_logger()

STATUS: tuple[tuple[type[errors.ShapanError], int, str], ...] = (
    (errors.NotFound, 404, "Not found"),
    (errors.InvalidInput, 422, "Invalid input"),
    (StepRefused, 409, "Not possible in this state"),
    (identity.NotLoggedIn, 401, "Not logged in"),
    (identity.NotAllowed, 403, "Not allowed"),
    (guard.ForeignRequest, 403, "Foreign request"),
    (db.DeadlineExceeded, 504, "Too slow"),
    (db.Overloaded, 503, "Overloaded"),
    (stream.TooManyStreams, 503, "Overloaded"),
    (errors.DatabaseError, 503, "Database not available"),
)
"""The first row whose class fits decides; anything else is a fault of ours: 500."""

RETRY_AFTER_S = 3


def problem(
    status: int, title: str, detail: str, faults: list[dict[str, str]] | None = None
) -> Response:
    """Return one problem document, or the error page where a person navigates.

    Args:
        status: HTTP status.
        title: the same for every problem of its kind.
        detail: what was wrong, with which value, and what to do.
        faults: every fault of an input: ``place`` and ``message``.
    """
    request_id = g.setdefault("request_id", secrets.token_hex(8))
    if request.accept_mimetypes.best == "text/html" and request.headers.get("Sec-Fetch-Mode") == "navigate":
        page = render_template("error.html", title=title, detail=detail, status=status, request_id=request_id)
        response = Response(page, status, mimetype="text/html")
    else:
        body: dict[str, Any] = {
            "type": "about:blank", "title": title, "status": status, "detail": detail, "request_id": request_id,
        }
        if faults:
            body["faults"] = faults
        response = Response(json.dumps(body), status, mimetype="application/problem+json")
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers["Cache-Control"] = "no-store"
    return response


def _known(error: errors.ShapanError) -> Response:
    rows = ((status, title) for kind, status, title in STATUS if isinstance(error, kind))
    status, title = next(rows, (500, "Fault of the service"))
    if status >= 500:
        log.error("request failed", path=request.path, status=status, error=error.what)
    faults = [{"place": place, "message": text} for place, text in getattr(error, "faults", ())]
    return problem(status, title, str(error), faults)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response
    return problem(error.code or 500, error.name, error.description or error.name)


def _unexpected(error: Exception) -> Response:
    log.exception("request failed", path=request.path)
    return problem(
        500, "Fault of the service", f"The service failed ({type(error).__name__}); the log tells more."
    )


def _schema(error: HTTPError) -> Response:
    faults: list[dict[str, str]] = []

    def walk(value: Any, place: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{place}[{key}]" if isinstance(key, int) else f"{place}.{key}" if place else str(key))
        elif isinstance(value, list):
            faults.extend({"place": place, "message": str(text)} for text in value)

    for inner in (error.detail or {}).values():
        walk(inner, "")
    if not faults:
        return problem(error.status_code, error.message, error.message)
    detail = f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the input; nothing was done. " + "; ".join(
        f"{fault['place']}: {fault['message']}" for fault in faults[:5]
    )
    return problem(error.status_code, "Invalid input", detail, faults)


def register(app: APIFlask) -> None:
    """Answer every error of an application with a problem document."""
    app.register_error_handler(errors.ShapanError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    app.error_processor(_schema)
