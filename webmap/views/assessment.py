"""Assessment: the figures of keepers, grids and communities, as JSON and as a table for a spreadsheet."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from apiflask.validators import Length, OneOf, Range, Regexp
from flask import Response

from spatial.errors import InvalidInput
from spatial.queries import assessment as queries
from webmap import identity, sheets
from webmap.fields import Instant, Text
from webmap.services import transaction

assessment = APIBlueprint("assessment", __name__, url_prefix="/api", tag="Assessment")

LONGEST = timedelta(days=731)


class AssessmentQuery(Schema):
    """Whose figures, in which window."""

    by = String(load_default="keeper", validate=OneOf(queries.BY))
    start = Instant(data_key="from", load_default=None, metadata={"description": "30 days before `to` when not given"})
    end = Instant(data_key="to", load_default=None, metadata={"description": "now when not given"})
    grid = Text(load_default="", validate=Regexp(r"^[0-9]{0,15}\Z", error="write the first digits of a grid code"))
    after = Text(load_default="", validate=Length(max=100), metadata={"description": "`next` of the page before"})
    limit = Integer(load_default=1000, validate=Range(1, 10000))


def _figures(query: dict[str, Any]) -> tuple[datetime, datetime, list[queries.Figures]]:
    end = query["end"] or datetime.now(UTC)
    start = query["start"] or end - timedelta(days=30)
    if not start < end <= start + LONGEST:
        raise InvalidInput(
            f"The window from {start.isoformat()} to {end.isoformat()} is empty or longer than two years.",
            [("from", "must lie before to, by two years at most")])
    with transaction() as connection:
        return start, end, queries.figures(connection, query["by"], start, end, query["grid"], query["after"],
                                           query["limit"])


def _row(one: queries.Figures) -> dict[str, Any]:
    return {**asdict(one), "events_on_time_share": one.events_on_time_share,
            "tasks_on_time_share": one.tasks_on_time_share}


@assessment.get("/assessment")
@identity.needs("assessment.read")
@assessment.input(AssessmentQuery, location="query", arg_name="query")
@assessment.doc(summary="Load, in time or late, how fast: of keepers, grids or communities, by code, page by page")
def figures(query: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a window; open and overdue are those of now."""
    start, end, found = _figures(query)
    return {"by": query["by"], "from": start.isoformat(), "to": end.isoformat(), "rows": [_row(one) for one in found],
            "next": found[-1].code if len(found) == query["limit"] else None}


@assessment.get("/assessment.csv")
@identity.needs("assessment.read")
@assessment.input(AssessmentQuery, location="query", arg_name="query")
@assessment.doc(summary="The same as a table", responses={200: "text/csv, UTF-8 with a byte order mark"})
def table(query: dict[str, Any]) -> Response:
    """Return the figures as a table that spreadsheets open as text and never as formulas."""
    found = [_row(one) for one in _figures(query)[2]]
    columns = [*queries.Figures.__dataclass_fields__, "events_on_time_share", "tasks_on_time_share"]
    return sheets.answer(f"assessment-{query['by']}", columns, [[row[name] for name in columns] for row in found])
