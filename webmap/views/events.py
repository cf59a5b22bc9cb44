"""Events: points for the heat map, and reports in."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import List, Nested
from apiflask.validators import Length, Regexp

from spatial.errors import InvalidInput
from spatial.queries import events as queries
from webmap import identity
from webmap.fields import Instant, Text
from webmap.messages import ReportIn
from webmap.services import transaction

events = APIBlueprint("events", __name__, url_prefix="/api/events", tag="Events")

LONGEST = timedelta(days=731)


class PointsQuery(Schema):
    """A half-open time window and the beginning of a class code."""

    start = Instant(data_key="from", load_default=None)
    end = Instant(data_key="to", load_default=None)
    class_prefix = Text(data_key="class", load_default="", validate=Regexp(r"^[0-9]{0,4}$"))


class ReportsIn(Schema):
    """A batch of events; all are taken or none."""

    events = List(Nested(ReportIn), required=True, validate=Length(1, 1000))


@events.get("/points")
@identity.needs("events.read")
@events.input(PointsQuery, location="query", arg_name="query")
@events.doc(summary="Points of events in a time window, as columns")
def points(query: dict[str, Any]) -> dict[str, Any]:
    """Return the points of a window (the last seven days when not given) for the heat map."""
    end = query["end"] or datetime.now(UTC)
    start = query["start"] or end - timedelta(days=7)
    if not start < end <= start + LONGEST:
        raise InvalidInput(
            f"The window from {start.isoformat()} to {end.isoformat()} is empty or longer than two years.",
            [("from", "must lie before to, by two years at most")],
        )
    with transaction() as connection:
        found = queries.points(connection, start, end, query["class_prefix"])
    return {
        "from": start.isoformat(), "to": end.isoformat(), "total": found.total,
        "lon": found.lon, "lat": found.lat, "class": found.class_code, "at": found.at,
    }


@events.post("")
@identity.needs("events.send")
@events.input(ReportsIn, location="json", arg_name="body")
@events.doc(summary="Put events on record", responses={201: "Taken, after the commit"})
def take(body: dict[str, list[dict[str, Any]]]) -> tuple[dict[str, int], int]:
    """Put a batch of events on record; one that is on record already changes nothing."""
    with transaction() as connection:
        taken = [queries.take(connection, queries.Report(**entry)) for entry in body["events"]]
    new = sum(1 for event_id in taken if event_id is not None)
    return {"taken": new, "already_known": len(taken) - new}, 201
