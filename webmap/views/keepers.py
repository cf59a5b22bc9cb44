"""Keepers: positions in; where they are, where they were, what they covered."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint, Schema
from apiflask.fields import Date, Float, Integer, Nested
from apiflask.validators import Length, Range, Regexp

from spatial.errors import InvalidInput
from spatial.queries import keepers as queries
from spatial.queries import positions
from spatial.rules import keepers as rules
from spatial.rules import tracks
from spatial.rules.coverage import BUFFER_M
from webmap import identity
from webmap.fields import Batch, Text
from webmap.messages import PositionIn
from webmap.services import services, transaction

keepers = APIBlueprint("keepers", __name__, url_prefix="/api/keepers", tag="Keepers")

UNKNOWN = "No such keeper is on record within your area."
UNKNOWN_CURE = "Put the keeper on record with: shapan import keepers FILE"

FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)


class PositionsIn(Schema):
    """A batch of positions; a faulty one does not lose the others."""

    positions = Batch(Nested(PositionIn), required=True, validate=Length(1, 1000))


class KeeperQuery(Schema):
    """Which keepers."""

    after = Text(load_default="", validate=Length(max=100), metadata={"description": "code after which to begin"})
    limit = Integer(load_default=1000, validate=Range(1, 5000))


class DayQuery(Schema):
    """Which day of the command centre's time zone; today when not given."""

    day = Date(load_default=None, validate=Range(FIRST_DAY, LAST_DAY))


class CoverageQuery(DayQuery):
    """Which grid and day, and how near a track counts."""

    grid = Text(required=True, validate=Regexp(r"^[0-9]{15}\Z"), metadata={"description": "15 digits"})
    buffer_m = Float(load_default=BUFFER_M, validate=Range(1, 500))


@keepers.post("/positions")
@identity.needs("keepers.send")
@keepers.input(PositionsIn, location="json", arg_name="body")
@keepers.doc(summary="Take in keepers' positions", responses={
    201: "Those without fault are taken, after the commit", 422: "All were refused"})
def move(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Take in positions in any order; each counts once by keeper and time, and each fault is named in the answer."""
    batch = body["positions"]
    index = [number for number, _ in batch.taken]
    sent = [positions.Position(**entry) for _, entry in batch.taken]
    with transaction() as connection:
        done = positions.move_all(connection, sent, datetime.now(UTC))
    refused = [*batch.refused, *({"index": index[n], "field": "keeper", "value": sent[n].keeper, "reason": UNKNOWN,
                                  "cure": UNKNOWN_CURE} for n in done.unknown)]
    refused.sort(key=lambda fault: fault["index"])
    if not done.taken and not done.known:
        raise InvalidInput(
            f"None of {len(batch)} positions could be taken.",
            [(f"positions[{fault['index']}].{fault['field'] or ''}".rstrip("."), f"{fault['reason']} {fault['cure']}")
             for fault in refused])
    return {
        "taken": len(done.taken), "already_known": len(done.known), "doubtful": [index[n] for n in done.doubtful],
        "wrong_clock": [index[n] for n in done.clock], "refused": refused,
    }, 201


@keepers.get("")
@identity.needs("keepers.read")
@keepers.input(KeeperQuery, location="query", arg_name="query")
@keepers.doc(summary="Where keepers are now")
def latest(query: dict[str, Any]) -> dict[str, Any]:
    """List keepers by code with their last position and how current it is; ``after`` the last code gives more.

    A position is late after ``fresh_s`` seconds, and its keeper off duty after ``off_duty_s``.
    """
    now, fresh_s = datetime.now(UTC), services().settings.keeper_fresh_s
    with transaction() as connection:
        found = queries.page(connection, query["after"], query["limit"])
    return {"keepers": [_keeper(one, now, fresh_s) for one in found], "now": now.isoformat(),
            "fresh_s": fresh_s, "off_duty_s": rules.OFF_DUTY.total_seconds(),
            "after": found[-1].code if len(found) == query["limit"] else None}


def _keeper(one: queries.Keeper, now: datetime, fresh_s: float) -> dict[str, Any]:
    return {
        **asdict(one), "at": one.at and one.at.isoformat(), "duty_since": one.duty_since and one.duty_since.isoformat(),
        "age_s": one.at and round((now - one.at).total_seconds()),
        "freshness": rules.freshness(one.at, now, fresh_s),
    }


@keepers.get("/<code>/track")
@identity.needs("keepers.read")
@keepers.input(DayQuery, location="query", arg_name="query")
@keepers.doc(summary="The track of a keeper on a day, as GeoJSON", responses={404: "No such keeper"})
def track(code: str, query: dict[str, Any]) -> dict[str, Any]:
    """Return a day's track as a GeoJSON feature: a line with the time of each vertex, metres walked, stops and gaps."""
    day, begin, end = _day(query["day"])
    with transaction() as connection:
        keeper = queries.get(connection, code)
        whole = queries.track(connection, code, begin, end)
        grid = queries.outline(connection, keeper.grid_code, end)
    walk = tracks.walk(whole)
    trusted = whole.of(walk.believed)
    line = tracks.drawn(trusted)
    lost = whole.of(~walk.believed)
    outside = queries.outside_share(trusted, grid) if grid is not None else None
    vertices = [[lon, lat] for lon, lat in zip(line.lon.tolist(), line.lat.tolist(), strict=True)]
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": vertices} if len(vertices) > 1 else None,
        "properties": {
            "keeper": code, "grid_code": keeper.grid_code, "day": day.isoformat(), "positions": len(whole),
            "times": [_time(at) for at in line.at], "simplified": len(line) < len(trusted),
            "metres": round(walk.metres, 1), "outside_share": outside,
            "stops": [{"lon": stop.lon, "lat": stop.lat, "from": _time(stop.begin), "to": _time(stop.end),
                       "seconds": round(stop.end - stop.begin)} for stop in walk.stops],
            "gaps": [{"from": _time(gap.begin), "to": _time(gap.end), "seconds": round(gap.end - gap.begin),
                      "metres": round(gap.metres, 1)} for gap in walk.gaps],
            "doubtful": [{"lon": lon, "lat": lat, "at": _time(at)}
                         for lon, lat, at in zip(lost.lon.tolist(), lost.lat.tolist(), lost.at.tolist(), strict=True)],
        },
    }


@keepers.get("/coverage")
@identity.needs("keepers.read")
@keepers.input(CoverageQuery, location="query", arg_name="query")
@keepers.doc(summary="How much of a grid was walked on a day", responses={404: "No such grid"})
def coverage(query: dict[str, Any]) -> dict[str, Any]:
    """Return the share of a grid's ground, and of its buildings, that its keepers came near to on a day."""
    day, begin, end = _day(query["day"])
    with transaction() as connection:
        found = queries.coverage(connection, query["grid"], begin, end, query["buffer_m"])
    return {
        "grid": query["grid"], "day": day.isoformat(), "buffer_m": query["buffer_m"], "keepers": found.keepers,
        "metres": round(found.metres, 1), "area_share": found.share, "buildings": found.buildings,
        "buildings_passed": found.passed,
        "building_share": found.passed / found.buildings if found.buildings else None,
    }


def _day(day: date | None) -> tuple[date, datetime, datetime]:
    """Return a day of the command centre, its beginning and its end."""
    zone = ZoneInfo(services().settings.time_zone)
    day = day or datetime.now(zone).date()
    return day, datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def _time(at: float) -> str:
    return datetime.fromtimestamp(float(at), UTC).isoformat()
