"""Errors as ``application/problem+json`` (RFC 9457): one table from exception to status."""

import secrets
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from apiflask import APIFlask, HTTPError
from flask import Response, g, json, render_template, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from spatial import db, errors
from spatial.coverage import Refused
from spatial.queries.access_links import LinkUnusable
from spatial.queries.alarm_rules import CodeTaken
from spatial.queries.changes import ChangesForgotten
from spatial.queries.filed import SourceUnavailable
from spatial.queries.handovers import AlreadyAccepted
from spatial.queries.imports import NotCancellable, NotResumable
from spatial.queries.plans.history import NothingToUndo
from spatial.queries.plans.lease import LeaseHeld, LeaseMissing
from spatial.queries.plans.starting import PlanOpen
from spatial.queries.plans.states import ErrorsLeft, SameEyes, WrongState
from spatial.queries.plans.working import NotADraft, Stale
from spatial.queries.survey_settling import ConflictMoved
from spatial.queries.wall_tours import TooManyTours, TourChanged
from spatial.queries.warning_messages import BeyondJurisdiction
from spatial.queries.webhooks import TooManyWebhooks
from spatial.rules import events as event_rules
from spatial.rules.alarms import StepRefused
from webmap import access_links, demo_role, guard, identity, plans, reveals, stream, waiting
from webmap.page import asset, language
from webmap.survey_limits import TooMuchOfSurveys

log = structlog.get_logger()

STATUS: tuple[tuple[type[errors.ShapanError], int, str], ...] = (
    (errors.NotFound, 404, "Not found"),
    (errors.InvalidInput, 422, "Invalid input"),
    (StepRefused, 409, "Not possible in this state"),
    (event_rules.StepRefused, 409, "Not possible in this state"),
    (CodeTaken, 409, "Not possible in this state"),
    (NotCancellable, 409, "Not possible in this state"),
    (NotResumable, 409, "Not possible in this state"),
    (AlreadyAccepted, 409, "Not possible in this state"),
    (TooManyWebhooks, 409, "Not possible in this state"),
    (TourChanged, 409, "Not possible in this state"),
    (TooManyTours, 409, "Not possible in this state"),
    (ConflictMoved, 409, "Not possible in this state"),
    (NothingToUndo, 409, "Not possible in this state"),
    (LeaseHeld, 409, "Not possible in this state"),
    (PlanOpen, 409, "Not possible in this state"),
    (ErrorsLeft, 409, "Not possible in this state"),
    (WrongState, 409, "Not possible in this state"),
    (NotADraft, 409, "Not possible in this state"),
    (Stale, 412, "Changed meanwhile"),
    (Refused, 422, "Refused"),
    (LeaseMissing, 423, "Somebody else draws"),
    (plans.MatchNeeded, 428, "Revision needed"),
    (SameEyes, 403, "Not allowed"),
    (identity.NotLoggedIn, 401, "Not logged in"),
    (identity.NotAllowed, 403, "Not allowed"),
    (BeyondJurisdiction, 403, "Not allowed"),
    (guard.ForeignRequest, 403, "Foreign request"),
    (errors.DiskNearlyFull, 507, "Not enough space"),
    (db.DeadlineExceeded, 504, "Too slow"),
    (db.Overloaded, 503, "Overloaded"),
    (SourceUnavailable, 503, "Source not available"),
    (reveals.KeyMissing, 503, "Key not available"),
    (reveals.TooManyReveals, 429, "Too many"),
    (TooMuchOfSurveys, 429, "Too many"),
    (stream.TooManyStreams, 503, "Overloaded"),
    (waiting.TooManyWaiting, 503, "Overloaded"),
    (ChangesForgotten, 410, "Gone"),
    (LinkUnusable, 410, "Gone"),
    (errors.DatabaseError, 503, "Database not available"),
)
"""The first row whose class fits decides; anything else is a fault of ours: 500."""

IN_CHINESE: dict[int, tuple[str, str]] = {
    400: ("请求无法读取", "请检查发送的内容后重试。"),
    401: ("尚未登录", "请先登录；演示账号只能在本机使用，由 scripts/demo 打开。"),
    403: ("没有权限", "请联系管理员。"),
    404: ("没有找到", "请检查地址，或返回沙盘查找。"),
    409: ("当前状态下不能这样做", "请刷新页面，查看现在的状态。"),
    410: ("内容已不再保留", "请重新读取列表，再从最新编号继续。"),
    413: ("内容过大", "请分几次发送。"),
    422: ("输入有误", "请按下面的说明改正后重试。"),
    429: ("次数过多", "请稍后再试；确有需要请联系管理员。"),
    500: ("服务出错", "请把下面的编号告诉管理员，日志中有详情。"),
    503: ("服务暂时不可用", "请稍后重试；仍不行请联系管理员。"),
    504: ("处理超时", "请缩小范围后重试。"),
    507: ("磁盘空间不足", "请联系管理员清理磁盘。"),
}
"""Title and cure on the page of a status; another one has those of 400 or 500. What was wrong, with its value, is in
English on both pages."""

RETRY_AFTER_S = 3


def problem(
    status: int, title: str, detail: str, faults: list[dict[str, str]] | None = None,
    members: dict[str, Any] | None = None,
) -> Response:
    """Return one problem document, or the error page where a person navigates.

    Args:
        status: HTTP status.
        title: the same for every problem of its kind.
        detail: what was wrong, with which value, and what to do.
        faults: every fault of an input: ``place`` and ``message``.
        members: more members of the document, of this kind of problem alone.
    """
    request_id = _request_id()
    # By quality: the first of a Chromium's list is what it takes signed exchanges as, because that has a parameter.
    takes = request.accept_mimetypes
    navigates = request.headers.get("Sec-Fetch-Mode") == "navigate"
    if navigates and takes["text/html"] > takes["application/problem+json"]:
        page = _page(status, title, detail, request_id)
        response = Response(page, status, mimetype="text/html")
    else:
        body: dict[str, Any] = {
            "type": "about:blank", "title": title, "status": status, "detail": detail, "request_id": request_id,
        }
        if faults:
            body["faults"] = faults
        body |= members or {}
        response = Response(json.dumps(body), status, mimetype="application/problem+json")
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(status: int, title: str, detail: str, request_id: str) -> str:
    lang, cure = language(), ""
    if lang == "zh-CN":
        title, cure = IN_CHINESE.get(status) or IN_CHINESE[500 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 400]
    return render_template("error.html", title=title, detail=detail, cure=cure, request_id=request_id, lang=lang,
                           **_look(status))


def _look(status: int) -> dict[str, Any]:
    """Return style and script of the page, and what else is on it.

    Roles that would see more than a refused one of the demo account; for nobody, whether a link of this browser is
    ``over`` or there is ``none``: the page opens the one that its own address may hold.
    """
    try:
        look = {"stylesheet": asset("refused.css"), "script": asset("refused.js")}
    except errors.InstallationError:
        return {}  # maybe that is what the page tells
    if status == HTTPStatus.UNAUTHORIZED:
        return look | {"link": "over" if access_links.comes_with_one(request.environ) else "none"}
    refused = status == HTTPStatus.FORBIDDEN and identity.is_demo(identity.current())
    return look | {"roles": demo_role.OFFERED if refused else ()}


def _known(error: errors.ShapanError) -> Response:
    rows = ((status, title) for kind, status, title in STATUS if isinstance(error, kind))
    status, title = next(rows, (500, "Fault of the service"))
    if status >= 500:
        log.error("request failed", route=_route(), request_id=_request_id(), status=status,
                  error=type(error).__name__)
    faults = [{"place": place, "message": text} for place, text in getattr(error, "faults", ())]
    response = problem(status, title, str(error), faults, _members(error))
    if (retry_s := getattr(error, "retry_s", None)) is not None:
        response.headers["Retry-After"] = str(retry_s)
    return response


def _members(error: errors.ShapanError) -> dict[str, Any] | None:
    """Return more members of a problem: what its own kind tells."""
    if isinstance(error, Stale):
        return plans.stale(error)
    if isinstance(error, Refused):
        return plans.refused(error)
    return getattr(error, "members", None)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response
    response = problem(error.code or 500, error.name, _detail(error.code, error.description or error.name))
    if error.code == 405:
        response.headers["Allow"] = ", ".join(sorted(request_ctx.url_adapter.allowed_methods()))
    return response


def _detail(status: int | None, description: str) -> str:
    """Return what was wrong with a request that reached no view, and what to do."""
    match status:
        case 400:
            return "The request cannot be read: its body is not the JSON that it says. Send valid JSON in UTF-8."
        case 404:
            return f"There is nothing at {request.path}. The interface is described at /api/openapi.json."
        case 405:
            return f"{request.path} does not take {request.method}. The header Allow says what it takes."
        case 413:
            return f"The body is larger than {request.max_content_length:,} bytes. Send it in several parts."
        case _:
            return description


def _unusable(error: psycopg.DataError | RecursionError) -> Response:
    """Answer values that passed every check and that the database or the parser still cannot take."""
    log.warning("unusable value", route=_route(), exc_info=error)
    return problem(422, "Invalid input", "A value cannot be stored as it is; nothing was done. Send a plainer one.")


def _value(error: ValueError) -> Response:
    """Answer a number of more digits than Python reads (``sys.set_int_max_str_digits``); parsers of JSON let it out."""
    if str(error).startswith("Exceeds the limit"):
        return problem(400, "Bad Request", "The request cannot be read: a number in it has thousands of digits. Send a "
                                           "shorter one.")
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    log.error("request failed", route=_route(), request_id=_request_id(), exc_info=error)
    return problem(
        500, "Fault of the service", f"The service failed ({type(error).__name__}); the log tells more."
    )


def _route() -> str:
    """Return the rule of the request's route, which holds no value of it."""
    return request.url_rule.rule if request.url_rule else "none"


def _request_id() -> str:
    return g.setdefault("request_id", secrets.token_hex(8))


def faults_of(messages: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (place, message) of each fault that a schema found, in the order of its fields."""
    faults: list[tuple[str, str]] = []

    def walk(value: Any, place: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{place}[{key}]" if isinstance(key, int) else f"{place}.{key}" if place else str(key))
        elif isinstance(value, list):
            faults.extend((place, str(text)) for text in value)

    walk(messages, "")
    return faults


def _schema(error: HTTPError) -> Response:
    faults = [{"place": place, "message": text} for inner in (error.detail or {}).values()
              for place, text in faults_of(inner)]
    if not faults:
        return problem(error.status_code, error.message, _detail(error.status_code, error.message))
    detail = f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the input; nothing was done. " + "; ".join(
        f"{fault['place']}: {fault['message']}" for fault in faults[:5]
    )
    return problem(error.status_code, "Invalid input", detail, faults)


def register(app: APIFlask) -> None:
    """Answer every error of an application with a problem document."""
    # First, because it takes over the errors of Werkzeug as well.
    app.error_processor(_schema)
    app.register_error_handler(errors.ShapanError, _known)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(psycopg.DataError, _unusable)
    app.register_error_handler(RecursionError, _unusable)
    app.register_error_handler(ValueError, _value)
    app.register_error_handler(Exception, _unexpected)
