"""Assessment: the figures of keepers, grids and communities, as JSON and as a table for a spreadsheet."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, Integer, String
from apiflask.validators import Length, OneOf, Range, Regexp
from flask import Response

from spatial.errors import InvalidInput, NotFound
from spatial.queries import assessment as queries
from spatial.queries import keepers
from webmap import identity, sheets
from webmap.fields import Instant, Text
from webmap.services import transaction

assessment = APIBlueprint("assessment", __name__, url_prefix="/api", tag="Assessment")

LONGEST = timedelta(days=731)

COVERAGE_GRIDS = 60
COVERAGE_LONGEST = timedelta(days=31)
COVERAGE_DAYS = 120
"""Grids times days of which coverage is told at once: a keeper's day with a position every ten seconds takes 0.1 s."""


MOST = 10_000
"""Rows of an answer; no county has so many grids."""

SHARES = ("events_on_time_share", "tasks_on_time_share")
COVERAGE = ("area_share", "building_share")
"""Shares of the grid's ground and of its buildings near the tracks of its keepers, 0 to 1."""


class AssessmentQuery(Schema):
    """Whose figures, in which window."""

    by = String(load_default="keeper", validate=OneOf(queries.BY))
    start = Instant(data_key="from", load_default=None, metadata={"description": "30 days before `to` when not given"})
    end = Instant(data_key="to", load_default=None, metadata={"description": "now when not given"})
    grid = Text(load_default="", validate=Regexp(r"^[0-9]{0,15}\Z", error="write the first digits of a grid code"))
    coverage = Boolean(load_default=False, metadata={
        "description": "of keepers and grids, also how much of the grid was walked (needs keepers.read): 60 grids, 31 "
                       "days and 120 grids times days at most"})
    after = Text(load_default="", validate=Length(max=100), metadata={"description": "`next` of the page before"})
    limit = Integer(load_default=1000, validate=Range(1, MOST))


class TableQuery(AssessmentQuery):
    """The same of the table, which has no place to say that there is more: all of them when no limit is given."""

    limit = Integer(load_default=MOST, validate=Range(1, MOST))


def _rows(query: dict[str, Any]) -> tuple[datetime, datetime, list[dict[str, Any]]]:
    end = query["end"] or datetime.now(UTC)
    start = query["start"] or end - timedelta(days=30)
    if not start < end <= start + LONGEST:
        raise InvalidInput(
            f"The window from {start.isoformat()} to {end.isoformat()} is empty or longer than two years.",
            [("from", "must lie before to, by two years at most")])
    if query["coverage"]:
        _check_coverage(query["by"], end - start)
    with transaction() as connection:
        found = queries.figures(connection, query["by"], start, end, query["grid"], query["after"], query["limit"])
        keeps = queries.grids_of_keepers(connection, [one.code for one in found]) if query["by"] == "keeper" else {}
    rows = [{**asdict(one), **{name: getattr(one, name) for name in SHARES}} for one in found]
    if query["coverage"]:
        grids = [keeps.get(one.code, one.code) for one in found]
        covered = _covered(set(grids), start, end)
        rows = [{**row, **covered[grid]} for row, grid in zip(rows, grids, strict=True)]
    return start, end, rows


def _check_coverage(by: str, window: timedelta) -> None:
    if not identity.current().may("keepers.read"):
        raise identity.NotAllowed("Coverage is made of where keepers were, which needs keepers.read.",
                                  "Ask without coverage, or ask an administrator.")
    if by == "community":
        raise InvalidInput("Coverage is that of a grid.", [("by", "must be keeper or grid, with coverage")])
    if window > COVERAGE_LONGEST:
        raise InvalidInput(f"A window of {window.days} days is too long for coverage.",
                           [("from", "must lie before to, by 31 days at most, with coverage")])


def _covered(grids: set[str], start: datetime, end: datetime) -> dict[str, dict[str, float | None]]:
    """Return what was walked of each grid; nulls of one without an outline within the jurisdiction."""
    days = ceil((end - start) / timedelta(days=1))
    if len(grids) > COVERAGE_GRIDS or len(grids) * days > COVERAGE_DAYS:
        most = min(COVERAGE_GRIDS, COVERAGE_DAYS // days)
        raise InvalidInput(f"Coverage of {len(grids)} grids over {days} days is too much for one request.", [
            ("limit", f"must leave {most} grids at most for {days} days, with coverage")],
            "Ask page by page with limit and after, for fewer grids by the digits of grid, or for a shorter time.")
    found: dict[str, dict[str, float | None]] = {}
    for grid in sorted(grids):
        # One after another: a transaction over all of them would keep what others have deleted for as long.
        with transaction() as connection:
            try:
                one = keepers.coverage(connection, grid, start, end)
            except NotFound:
                found[grid] = dict.fromkeys(COVERAGE)
            else:
                found[grid] = {"area_share": one.share,
                               "building_share": one.passed / one.buildings if one.buildings else None}
    return found


@assessment.get("/assessment")
@identity.needs("assessment.read")
@assessment.input(AssessmentQuery, location="query", arg_name="query")
@assessment.doc(summary="Load, in time or late, how fast: of keepers, grids or communities, by code, page by page")
def figures(query: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a window; open and overdue are those of now."""
    start, end, rows = _rows(query)
    return {"by": query["by"], "from": start.isoformat(), "to": end.isoformat(), "rows": rows,
            "next": rows[-1]["code"] if len(rows) == query["limit"] else None}


@assessment.get("/assessment.csv")
@identity.needs("assessment.read")
@assessment.input(TableQuery, location="query", arg_name="query")
@assessment.doc(summary="The same as a table", responses={200: "text/csv, UTF-8 with a byte order mark"})
def table(query: dict[str, Any]) -> Response:
    """Return the figures as a table that spreadsheets open as text and never as formulas."""
    columns = [*queries.Figures.__dataclass_fields__, *SHARES, *(COVERAGE if query["coverage"] else ())]
    return sheets.answer(f"assessment-{query['by']}", columns,
                         [[row[name] for name in columns] for row in _rows(query)[2]])
