"""The whole picture as of an instant of the past."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer
from apiflask.validators import Range

from spatial.errors import InvalidInput
from spatial.queries import alarms, kpi, past, past_events, past_marks
from spatial.queries.alarms import Alarm
from spatial.queries.measures import HOURLY, MEASURES
from spatial.rules import days
from webmap import identity
from webmap.fields import Instant
from webmap.services import transaction
from webmap.views.kpi import parts, shown, zone
from webmap.views.rollup import Within

picture = APIBlueprint("picture", __name__, url_prefix="/api/picture", tag="Picture")

OBJECTS_MOST = 5000

TODAY = ("alarms.type_name", "alarms.note", "alarms.last_occurred_at", "alarms.group_id", "alarms.building_name",
         "alarms.building_lon", "alarms.building_lat", "alarms.address", "alarms.device_name", "alarms.grid_code",
         "alarms.grid_name", "events.grid_code", "keepers.name")
"""Fields of the objects that are those of today."""


class PictureQuery(Within):
    """Which picture."""

    at = Instant(required=True, metadata={"description": "server time, with its zone"})


MARKS_LONGEST = timedelta(days=32)
MARKS_MOST = 3000


class MarksQuery(Schema):
    """Which stretch of time, in parts of which length."""

    start = Instant(required=True, data_key="from", metadata={"description": "server time, with its zone"})
    end = Instant(required=True, data_key="to")
    part_s = Integer(load_default=900, validate=Range(60, 86_400), metadata={"description": "seconds of a part"})


@picture.get("")
@identity.needs("picture.read")
@picture.input(PictureQuery, location="query", arg_name="query")
@picture.doc(summary="What the screen showed at an instant of the past")
def as_of(query: dict[str, Any]) -> dict[str, Any]:
    """Return open alarms, events of the day so far and older open ones, keepers, grids and figures as of an instant.

    ``keepers`` is null for an account that may not see where they are. Open alarms, open and overdue events are counted
    at the very instant, the other figures at its full hour. ``today`` names what has no history: fields of the objects,
    and figures in ``counts`` that nobody took down then. They are those of now.
    """
    identity.demand("alarms.read", "events.read")
    at, within = query["at"], query["within"]
    prefixes = parts(within)
    with transaction() as connection:
        now = connection.execute("SELECT now()").fetchone()[0]
        _check(connection, at, now)
        day, hour = days.day_and_hour(at, zone())
        open_alarms, alarms_total = past.open_alarms(connection, at, within, OBJECTS_MOST)
        events = past_events.events(connection, days.bounds(day, zone())[0], at, within, OBJECTS_MOST)
        grids, grids_total = past.grids(connection, at, within)
        keepers = past.keepers(connection, at, within) if identity.current().may("keepers.read") else None
        known = _known(connection, prefixes, day, hour) | events.counts
        known |= _alarm_counts(connection, at, within, open_alarms, alarms_total)
        counts = kpi.now(connection, within, *days.bounds(days.day_and_hour(now, zone())[0], zone())) | known
    return {
        "at": at.isoformat(), "now": now.isoformat(), "within": within,
        "alarms": [alarms.as_json(alarm) for alarm in open_alarms], "alarms_total": alarms_total,
        "events": _json(events.events), "events_total": events.total, "keepers": keepers and _json(keepers),
        "grids": _json(grids), "grids_total": grids_total,
        "counts": {name: shown(name, counts[name]) for name in MEASURES},
        "today": [*TODAY, *(f"counts.{name}" for name in MEASURES if name not in known)],
    }


@picture.get("/marks")
@identity.needs("picture.read")
@picture.input(MarksQuery, location="query", arg_name="query")
@picture.doc(summary="When alarms and events came in: marks by which to find an instant")
def marks(query: dict[str, Any]) -> dict[str, Any]:
    """Count alarms and events that came in by parts of a stretch of the server's time, 32 days at most.

    ``first``: the instant before which there is no picture; null where nothing is on record. ``boundaries``: the latest
    thousand instants, whenever they were, at which boundaries of grids changed.
    """
    identity.demand("alarms.read", "events.read")
    start, end, part_s = query["start"], query["end"], query["part_s"]
    if not start < end <= start + MARKS_LONGEST or (end - start).total_seconds() / part_s > MARKS_MOST:
        raise InvalidInput(f"There are no marks from {start.isoformat()} to {end.isoformat()}.", [
            ("to", f"must lie after from, by {MARKS_LONGEST.days} days and {MARKS_MOST} parts at most")])
    with transaction() as connection:
        found = past_marks.marks(connection, start, end, part_s)
        first, changed = _first(connection), past.boundaries(connection)
    return {"from": start.isoformat(), "to": end.isoformat(), "part_s": part_s, "first": first and first.isoformat(),
            "boundaries": [at.isoformat() for at in changed], **found}


def _check(connection: psycopg.Connection, at: datetime, now: datetime) -> None:
    """Refuse an instant of which no picture can be drawn.

    Raises:
        InvalidInput: it is still to come, or was before the first record.
    """
    if at > now:
        raise InvalidInput("There is no picture of the future.", [("at", f"is after the server's time, {now}")])
    first = _first(connection)
    if first is None or at < first:
        raise InvalidInput("There is no picture of that time.", [
            ("at", f"is before the first record, {first}" if first else "nothing is on record yet")])


def _first(connection: psycopg.Connection) -> datetime | None:
    """Return the instant of the first record."""
    first_day = kpi.first_day(connection)
    known = [one for one in (first_day and days.bounds(first_day, zone())[0], past.first_grid(connection)) if one]
    return min(known, default=None) or kpi.first_record(connection)


def _known(connection: psycopg.Connection, prefixes: tuple[str, ...], day: date, hour: int) -> dict[str, int]:
    """Return the figures that were taken down at an hour, and those of its day which are taken once a day."""
    found = {name: number for one in kpi.figures(connection, prefixes, day, day)
             for name, number in one.values.items() if name not in HOURLY}
    for one in kpi.hourly(connection, prefixes, day, day):
        found |= one.values if one.hour == hour else {}
    return found


def _alarm_counts(connection: psycopg.Connection, at: datetime, within: str, shown: list[Alarm], total: int,
                  ) -> dict[str, int]:
    """Return the figures that the alarms open at the very instant give: ``shown``, so many of ``total``."""
    found = Counter(dict.fromkeys(past.MEASURES, 0))
    if len(shown) == total:
        for alarm in shown:
            found.update(past.measures_of(alarm))
    else:
        for counts in past.alarm_counts(connection, at, within).values():
            found.update(counts)
    return dict(found)


def _json(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
            for row in rows]
