"""Figures of a place: now, a day and a week ago, the last fourteen days, and any stretch of time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from apiflask import APIBlueprint
from apiflask.fields import Date, String
from apiflask.validators import OneOf

from spatial.errors import InvalidInput, NotFound
from spatial.queries import kpi as queries
from spatial.queries import rollup
from spatial.queries.kpi import Figures
from spatial.queries.measures import MEASURES
from spatial.rules import days
from spatial.rules.rollup import classed
from webmap import identity
from webmap.fields import EARLIEST, LATEST
from webmap.services import services, transaction
from webmap.views.rollup import Within

kpi = APIBlueprint("kpi", __name__, url_prefix="/api/kpi", tag="Figures")

CHART_DAYS = 14
WEEK_DAYS = 7
MOST_DAYS = {"hour": 62, "day": 1100}
"""Days that one answer of the history holds at most."""


class HistoryQuery(Within):
    """Which figures of which time."""

    measure = String(required=True, validate=OneOf(MEASURES))
    step = String(load_default="day", validate=OneOf(MOST_DAYS))
    since = Date(required=True, data_key="from", metadata={"description": "first day, in the command centre's zone"})
    until = Date(required=True, data_key="to", metadata={"description": "last day, with it"})


def zone() -> ZoneInfo:
    """Return the command centre's zone."""
    return ZoneInfo(services().settings.time_zone)


def parts(within: str) -> tuple[str, ...]:
    """Return the prefixes of what the account may see of a place.

    Raises:
        NotFound: it may see nothing of it.
    """
    found = identity.current().scope.inside(within)
    if not found:
        raise NotFound(f"There is no place {within!r}.", "It may lie outside your area.")
    return found


def shown(name: str, number: int | None) -> int | None:
    """Return a figure as the account may read it: numbers of people in classes without the right to count them."""
    exact = number is None or not MEASURES[name].people or identity.current().may("residents.count")
    return number if exact else classed(number)


@kpi.get("")
@identity.needs("picture.read")
@kpi.input(Within, location="query", arg_name="query")
@kpi.doc(summary="Figures of a place now, a day and a week ago, and on the last fourteen days")
def figures(query: dict[str, Any]) -> dict[str, Any]:
    """Return every measure of a place as far as the account may see it.

    ``yesterday`` and ``last_week`` are of the same hour, for residents and the like of the same day; null where it is
    not known. ``days`` are the ends of the last fourteen days and today so far. Entry rates are those of ``place``,
    the one place that is meant, and null where nobody has declared a total for it.
    """
    prefixes, within = parts(query["within"]), query["within"]
    with transaction() as connection:
        now = connection.execute("SELECT now()").fetchone()[0]
        today, hour = days.day_and_hour(now, zone())
        state = rollup.state(connection)
        counts = queries.now(connection, within, *days.bounds(today, zone()))
        place = queries.place(connection, within)
        rates = queries.entry(connection, place, counts)
        chart = days.before(today, CHART_DAYS)
        history = {one.day: one for one in queries.figures(connection, prefixes, chart[0], today)}
        ago = {name: _same_hour(connection, prefixes, today - timedelta(days=back), hour)
               for name, back in (("yesterday", 1), ("last_week", WEEK_DAYS))}
    return {
        "at": now.isoformat(), "time_zone": str(zone()), "within": within, "place": place and asdict(place),
        "seq": state and state[0], "counted_at": state and state[1].isoformat(),
        **rollup.severities(counts),
        "measures": {name: _measure(name, counts, history, chart, ago) for name in MEASURES},
        "entry_rate": [{**asdict(one), "declared_by": identity.current().declarer(one.declared_by),
                        "rate": one.rate, "as_of": one.as_of and one.as_of.isoformat()}
                       for one in rates],
    }


def _measure(name: str, counts: Mapping[str, int], history: Mapping[date, Figures], chart: Sequence[date],
             ago: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    measure = MEASURES[name]
    ends = {day: one.values.get(name) for day, one in history.items()}
    return {
        "value": shown(name, counts[name]), "label": measure.label, "label_en": measure.label_en, "unit": measure.unit,
        **{when: shown(name, found.get(name)) for when, found in ago.items()},
        "days": [{"day": day.isoformat(), "value": shown(name, ends.get(day))} for day in chart]}


def _same_hour(connection: psycopg.Connection, prefixes: Sequence[str], day: date, hour: int) -> dict[str, int]:
    """Return what was known of a day at an hour: figures of that hour, and those that are taken once a day."""
    whole = {name: number for one in queries.figures(connection, prefixes, day, day)
             for name, number in one.values.items() if name not in queries.HOURLY}
    of_hour = {name: number for one in queries.hourly(connection, prefixes, day, day) if one.hour == hour
               for name, number in one.values.items()}
    return whole | of_hour


@kpi.get("/history")
@identity.needs("picture.read")
@kpi.input(HistoryQuery, location="query", arg_name="query")
@kpi.doc(summary="One measure of a place, day by day or hour by hour")
def history(query: dict[str, Any]) -> dict[str, Any]:
    """Return a measure for each day, or each hour, of some days; null where it is not known."""
    prefixes, name, step = parts(query["within"]), query["measure"], query["step"]
    since, until = query["since"], query["until"]
    if faults := _faults(name, step, since, until):
        raise InvalidInput("These figures cannot be given.", faults)
    with transaction() as connection:
        read = queries.figures if step == "day" else queries.hourly
        found = {(one.day, one.hour): one for one in read(connection, prefixes, since, until)}
    points = [(day, hour) for day in days.before(until, (until - since).days + 1)
              for hour in ((None,) if step == "day" else range(24))]
    measure = MEASURES[name]
    return {
        "measure": name, "label": measure.label, "label_en": measure.label_en, "unit": measure.unit, "step": step,
        "within": query["within"], "time_zone": str(zone()),
        "points": [_point(name, day, hour, found.get((day, hour))) for day, hour in points]}


def _faults(name: str, step: str, since: date, until: date) -> list[tuple[str, str]]:
    faults = []
    for key, day in (("from", since), ("to", until)):
        if not EARLIEST.date() <= day <= LATEST.date():
            faults.append((key, "lies outside 1970 to 2200"))
    if until < since:
        faults.append(("to", f"{until} is before {since}"))
    elif (until - since).days >= MOST_DAYS[step]:
        faults.append(("from", f"by the {step} at most {MOST_DAYS[step]} days are given at once"))
    if step == "hour" and name not in queries.HOURLY:
        faults.append(("step", f"{name} is taken down once a day"))
    return faults


def _point(name: str, day: date, hour: int | None, found: Figures | None) -> dict[str, Any]:
    at = day.isoformat() if hour is None else datetime(day.year, day.month, day.day, hour, tzinfo=zone()).isoformat()
    return {"at": at, "value": shown(name, found.values.get(name)) if found else None,
            "taken_at": found and found.taken_at.isoformat()}
