"""Events: points for the heat map, counts for charts, reports in, lists, steps."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Boolean, DelimitedList, Integer, Nested, String
from apiflask.validators import Length, OneOf, Range, Regexp
from flask import Response

from spatial.errors import InvalidInput
from spatial.queries import event_classes, event_columns, event_distribution, event_hexagons, event_intake, event_life
from spatial.queries import events as queries
from spatial.queries.event_columns import Chosen
from spatial.queries.event_hexagons import Hexagons
from spatial.rules.events import ORIGINS, STATES
from webmap import batches, identity
from webmap import columns as columnar
from webmap.fields import Batch, Cursor, Instant, Sorted, Text, Words, cursor
from webmap.messages import ReportIn
from webmap.services import services, transaction

events = APIBlueprint("events", __name__, url_prefix="/api/events", tag="Events")

LONGEST = timedelta(days=731)
LONGEST_OF_HOURS = timedelta(days=14)
"""Longest window that is counted by hours: these are counted one by one."""

REPORTS_MOST = 1000
CLASS_PREFIX = Regexp(r"^[0-9]{0,4}\Z", error="write the first digits of a class code")
GRID_PREFIX = Regexp(r"^[0-9]{0,15}\Z", error="write the first digits of a grid code")


class PointsQuery(Schema):
    """A half-open time window and the beginning of a class code."""

    start = Instant(data_key="from", load_default=None)
    end = Instant(data_key="to", load_default=None)
    class_prefix = Text(data_key="class", load_default="", validate=CLASS_PREFIX)


class ChosenQuery(Schema):
    """A half-open time window, and what more is asked of its events."""

    start = Instant(data_key="from", load_default=None)
    end = Instant(data_key="to", load_default=None)
    classes = DelimitedList(Text(validate=Regexp(r"^([0-9]{2}|[0-9]{4})\Z", error="write two or four digits")),
                            load_default=list, validate=Length(max=200),
                            metadata={"description": "major (2 digits) and minor (4 digits) classes; all by default"})
    origins = DelimitedList(Text(validate=OneOf(ORIGINS)), load_default=list, validate=Length(max=len(ORIGINS)))
    finished = Boolean(load_default=None, allow_none=True,
                       metadata={"description": "true: done and closed ones; false: the others; both by default"})


class HexagonsQuery(ChosenQuery):
    """Which events, by which hexagons."""

    width = Integer(required=True, validate=Range(10, 1_000_000),
                    metadata={"description": "metres from one upright edge to the other"})
    latitude = Integer(required=True, validate=Range(-80, 80),
                       metadata={"description": "degrees, at which the width is true"})


class DistributionQuery(PointsQuery):
    """What is counted by what; a second window to compare with."""

    by = String(required=True, validate=OneOf(event_distribution.BY))
    grid = Text(load_default="", validate=GRID_PREFIX)
    compare_from = Instant(load_default=None)
    compare_to = Instant(load_default=None)


class EventsQuery(PointsQuery):
    """Which events."""

    state = String(load_default=None, validate=OneOf([*STATES, "unfinished"]),
                   metadata={"description": "`unfinished`: all but done and closed"})
    grid = Text(load_default="", validate=GRID_PREFIX)
    keeper = Text(load_default=None, validate=Length(1, 100), metadata={"description": "code of a keeper"})
    overdue = Boolean(load_default=False)
    after = Cursor(load_default=None)
    limit = Integer(load_default=100, validate=Range(1, 1000))


class ReportsIn(Schema):
    """A batch of events, each of which counts for itself."""

    events = Batch(Nested(ReportIn), required=True, validate=Length(1, REPORTS_MOST))


class StepIn(Schema):
    """What goes with a step."""

    note = Words(lines=True, load_default=None, allow_none=True, validate=Length(max=1000),
                 metadata={"description": "reason; reject, return and comment need one, and close of what is not done"})
    keeper = Words(load_default=None, allow_none=True, validate=Length(1, 100),
                   metadata={"description": "code, for dispatch and reassign; the keeper of the grid when not given"})
    version = Integer(load_default=None, allow_none=True, validate=Range(0, 2**31 - 1),
                      metadata={"description": "that of the event as it was seen; another one refuses the step"})


def _window(query: dict[str, Any], longest: timedelta = LONGEST) -> tuple[datetime, datetime]:
    end = query["end"] or datetime.now(UTC)
    start = query["start"] or end - timedelta(days=7)
    _check_window(start, end, longest, "from")
    return start, end


def _check_window(start: datetime, end: datetime, longest: timedelta, name: str) -> None:
    if not start < end <= start + longest:
        raise InvalidInput(
            f"The window from {start.isoformat()} to {end.isoformat()} is empty or longer than {longest.days} days.",
            [(name, f"must lie before the end, by {longest.days} days at most")],
        )


def _chosen(query: dict[str, Any]) -> Chosen:
    return Chosen(*_window(query), tuple(query["classes"]), tuple(query["origins"]), query["finished"])


@events.get("/columns")
@identity.needs("events.read")
@events.input(ChosenQuery, location="query", arg_name="query")
@events.doc(summary="Events of a time window as columns of numbers", responses={200: columnar.MEDIA_TYPE})
def columns(query: dict[str, Any]) -> Response:
    """Return place, time, class, origin and state of the events of a window (the last seven days when not given).

    `counts` of the head are those of the whole window; where more than the most events match, there are no columns.
    `docs/events.md` says how the body is read.
    """
    chosen = _chosen(query)
    with transaction() as connection:
        found = event_columns.columns(connection, chosen)
    head = {
        "from": chosen.start.isoformat(), "to": chosen.end.isoformat(), "total": found.total,
        "matching": found.matching, "most": event_columns.MOST, "complete": found.columns is not None,
        "classes": found.classes, "origins": ORIGINS, "states": STATES, "counts": found.counts,
    }
    return Response(columnar.pack(head, found.columns or {}), mimetype=columnar.MEDIA_TYPE)


@events.get("/hexagons")
@identity.needs("events.read")
@events.input(HexagonsQuery, location="query", arg_name="query")
@events.doc(summary="Numbers of events by hexagon, as columns")
def hexagons(query: dict[str, Any]) -> dict[str, Any]:
    """Count the events of a window by the hexagons of a grid that no camera moves: axial column and row, corners up."""
    chosen = _chosen(query)
    with transaction() as connection:
        found = event_hexagons.hexagons(connection, chosen, Hexagons(query["width"], query["latitude"]))
    q, r, counts = (list(column) for column in zip(*found, strict=True)) if found else ([], [], [])
    return {"from": chosen.start.isoformat(), "to": chosen.end.isoformat(), "width": query["width"],
            "latitude": query["latitude"], "total": sum(counts), "q": q, "r": r, "events": counts}


@events.get("/points")
@identity.needs("events.read")
@events.input(PointsQuery, location="query", arg_name="query")
@events.doc(summary="Points of events in a time window, as columns")
def points(query: dict[str, Any]) -> dict[str, Any]:
    """Return the points of a window (the last seven days when not given) for the heat map."""
    start, end = _window(query)
    with transaction() as connection:
        found = queries.points(connection, start, end, query["class_prefix"])
    return {
        "from": start.isoformat(), "to": end.isoformat(), "total": found.total,
        "lon": found.lon, "lat": found.lat, "class": found.class_code, "at": found.at,
    }


@events.get("/distribution")
@identity.needs("events.read")
@events.input(DistributionQuery, location="query", arg_name="query")
@events.doc(summary="Numbers of events by class, state, place or time, with a second window to compare with")
def distribution(query: dict[str, Any]) -> dict[str, Any]:
    """Count the events of a window (the last seven days when not given); buckets without events are there with 0."""
    longest = LONGEST_OF_HOURS if query["by"] == "hour" else LONGEST
    window, compared = event_distribution.Window(*_window(query, longest)), None
    given = (query["compare_from"], query["compare_to"])
    if any(given):
        if not all(given):
            raise InvalidInput("One end of the second window is missing.",
                               [("compare_from", "goes together with compare_to")])
        _check_window(*given, longest, "compare_from")
        compared = event_distribution.Window(*given)
    zone = services().settings.time_zone
    with transaction() as connection:
        found = event_distribution.distribution(connection, identity.current().scope, zone, query["by"], window,
                                                compared, query["class_prefix"], query["grid"])
    return {
        "by": query["by"], "from": window.start.isoformat(), "to": window.end.isoformat(), "zone": zone,
        "total": sum(one.events for one in found),
        "compared_total": None if compared is None else sum(one.compared or 0 for one in found),
        "buckets": [asdict(one) for one in found],
    }


@events.get("/classes")
@identity.needs("events.read")
@events.doc(summary="Classes of events with their deadlines in seconds; null in a minor class: as its major class says")
def classes() -> dict[str, Any]:
    """List major (2 digits) and minor (4 digits) classes by code."""
    with transaction() as connection:
        return {"classes": [asdict(one) for one in event_classes.classes(connection)]}


@events.get("")
@identity.needs("events.read")
@events.input(EventsQuery, location="query", arg_name="query")
@events.doc(summary="Events, the latest first, page by page")
def find(query: dict[str, Any]) -> dict[str, Any]:
    """List events; titles, places in words and notes are for those who handle events."""
    start, end = query["start"], query["end"]
    if start and end and not start < end:
        raise InvalidInput(f"There is nothing from {start.isoformat()} to {end.isoformat()}.",
                           [("from", "must lie before to")])
    wanted = queries.Wanted(query["state"], query["class_prefix"], query["grid"], query["keeper"], query["overdue"],
                            start, end, query["after"])
    with transaction() as connection:
        found = queries.find(connection, wanted, query["limit"])
    full = len(found) == query["limit"]
    return {"events": [_shown(one) for one in found],
            "next": cursor(found[-1].occurred_at, found[-1].id) if full else None}


def _shown(thing: queries.Event | queries.Step) -> dict[str, object]:
    return queries.as_json(thing, written=identity.current().may("events.handle"))


@events.post("")
@identity.needs("events.send")
@events.input(ReportsIn, location="json", arg_name="body")
@events.doc(summary="Put events on record",
            responses={201: "Taken, after the commit; `refused` names what was not", 422: "Nothing could be taken"})
def take(body: dict[str, Sorted]) -> tuple[dict[str, Any], int]:
    """Put a batch of events on record; one that is on record already changes nothing, a faulty one loses no other."""
    batch = body["events"]
    with transaction() as connection:
        taken = event_intake.take_all(connection, identity.current().scope,
                                      [event_intake.Report(**entry) for _, entry in batch.taken],
                                      identity.current().account)
    return batches.answer("events", batch, taken.ids, taken.known, taken.faults, marked=[
        {"index": batch.taken[position][0], "field": "occurred_at",
         "reason": "lies in the future; the server's time was taken"} for position in taken.marked])


@events.get("/<int:event_id>")
@identity.needs("events.read")
@events.doc(summary="One event", responses={404: "No such event"})
def get(event_id: int) -> dict[str, Any]:
    """Return one event."""
    with transaction() as connection:
        return _shown(queries.get(connection, event_id))


@events.get("/<int:event_id>/steps")
@identity.needs("events.read")
@events.doc(summary="The steps of an event's life, in order", responses={404: "No such event"})
def steps(event_id: int) -> dict[str, Any]:
    """Return what was done with an event, by whom and when."""
    with transaction() as connection:
        return {"steps": [_shown(one) for one in queries.steps(connection, event_id)]}


@events.post("/<int:event_id>/<any(dispatch, accept, reject, reassign, finish, return, close, comment):step>")
@identity.needs("events.handle")
@events.input(StepIn, location="json", arg_name="body")
@events.doc(summary="Take a step in an event's life",
            responses={404: "No such event", 409: "Its state does not allow the step; says who did what and when"})
def take_step(event_id: int, step: str, body: dict[str, Any]) -> dict[str, Any]:
    """Take one step and return the event after it."""
    with transaction() as connection:
        event_life.take_step(connection, event_id, event_life.Step(step, identity.current().account, **body))
        return _shown(queries.get(connection, event_id))
