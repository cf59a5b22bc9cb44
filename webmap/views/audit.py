"""The audit log, for whoever watches over it: residents revealed, photographs seen, surveys, conflicts, and links."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from apiflask.validators import Length, OneOf, Range
from flask import Response, render_template, request
from marshmallow import ValidationError

from spatial.errors import InvalidInput
from spatial.queries import audit as queries
from spatial.rules import access_links, reveals, survey
from webmap import identity
from webmap.audit_words import WORDS
from webmap.fields import EARLIEST, LATEST, Cursor, Instant, Text, cursor
from webmap.page import asset, language, style
from webmap.services import services, transaction

OUTCOMES = (*reveals.OUTCOMES, *survey.OUTCOMES, survey.KEPT, *access_links.OUTCOMES)

audit = APIBlueprint("audit", __name__, url_prefix="/api/audit", tag="Audit")


class AuditQuery(Schema):
    """Which rows."""

    account = Text(load_default=None, validate=Length(1, 100))
    outcome = String(load_default=None, validate=OneOf(OUTCOMES))
    resident = Integer(load_default=None, validate=Range(1, 2**63 - 1), metadata={"description": "internal key"})
    start = Instant(data_key="from", load_default=EARLIEST)
    end = Instant(data_key="to", load_default=LATEST)
    after = Cursor(load_default=None)
    limit = Integer(load_default=100, validate=Range(1, 1000))


@audit.get("")
@identity.needs("audit.read")
@audit.input(AuditQuery, location="query", arg_name="query")
@audit.doc(summary="Who saw, or tried to see, which resident or home, who surveyed, who settled; what happened to "
                   "links; the newest first")
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """List the audit log within the jurisdiction, page by page. It holds keys of residents and never their values."""
    if not query["start"] < query["end"]:
        raise InvalidInput("The window is empty.", [("from", "must lie before to")])
    limit = query.pop("limit")
    with transaction() as connection:
        found = queries.listed(connection, queries.Wanted(**query), limit + 1)
    shown = found[:limit]
    return {"rows": [_json(row) for row in shown],
            "next": cursor(shown[-1]["at"], shown[-1]["id"]) if len(found) > limit else None}


audit_page = APIBlueprint("audit_page", __name__, enable_openapi=False)

PAGE_ROWS = 100


def _end(text: str | None) -> tuple[datetime, int] | None:
    try:
        return None if text is None else Cursor().deserialize(text)
    except ValidationError:
        return None


@audit_page.get("/audit")
@identity.needs("audit.read")
def page() -> Response:
    """Return the log as a page: ``?outcome=``, ``?after=`` and ``?lang=``; what makes no sense of these is left out."""
    lang = language()
    outcome = next((word for word in OUTCOMES if word == request.args.get("outcome")), None)
    wanted = queries.Wanted(None, outcome, None, EARLIEST, LATEST, _end(request.args.get("after")))
    with transaction() as connection:
        found = queries.listed(connection, wanted, PAGE_ROWS + 1)
        chain = queries.verify(connection)
    shown = found[:PAGE_ROWS]

    def address(**values: str | None) -> str:
        return "?" + urlencode({name: value for name, value in {"lang": lang, **values}.items() if value})

    last = shown[-1] if len(found) > PAGE_ROWS else None
    return Response(render_template(
        "audit.html", lang=lang, style=style(), asset=asset, zone=ZoneInfo(services().settings.time_zone), rows=shown,
        chain=chain, outcome=outcome, outcomes=OUTCOMES, words=WORDS[lang],
        filtered=lambda name: address(outcome=name),
        next=last and address(outcome=outcome, after=cursor(last["at"], last["id"])),
        other_language=address(outcome=outcome, lang="en" if lang == "zh-CN" else "zh-CN")))


def _json(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


@audit.get("/chain")
@identity.needs("audit.read")
@audit.doc(summary="Whether the audit log is whole: nothing changed, taken out or added past its chain")
def chain() -> dict[str, Any]:
    """Follow the chain through all rows. ``last`` noted elsewhere proves later that nothing before it was changed."""
    with transaction() as connection:
        found = queries.verify(connection)
    return {"whole": found.whole, "rows": found.total, "broken": found.broken, "last": found.last_hash.hex()}
