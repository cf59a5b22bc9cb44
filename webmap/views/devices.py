"""Devices: on record, how they are, what they say."""

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Float, Integer, List, Raw
from apiflask.validators import Length, OneOf, Range, Regexp

from spatial.errors import InvalidInput
from spatial.queries import alarm_rules, device_history, device_states
from spatial.queries import alarms as alarm_queries
from spatial.queries import devices as queries
from spatial.queries import readings as reading_queries
from spatial.rules import measured
from spatial.rules.freshness import FRESHNESS
from webmap import identity
from webmap.fields import AREA, Instant, Text
from webmap.services import transaction

devices = APIBlueprint("devices", __name__, url_prefix="/api/devices", tag="Devices")

READINGS_MOST = 1000
POINTS_MOST = 2000
LONGEST = timedelta(days=400)

RULE_FIELDS = ("code", "name", "name_en", "quantity", "comparison", "threshold", "word", "clear_threshold", "for_s",
               "severity", "type")
"""What a device's card says of a rule."""

SPOT = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?),(-?\d{1,2}(?:\.\d{1,12})?)")


class DeviceQuery(Schema):
    """Which devices."""

    kind = Text(load_default=None, validate=Length(1, 60))
    state = Text(load_default=None, validate=OneOf(FRESHNESS), metadata={"description": "freshness"})
    building = Text(load_default=None, validate=Length(1, 100), metadata={"description": "code of a building"})
    near = Text(load_default=None, validate=Regexp(rf"^{SPOT.pattern}\Z", error="write lon,lat in degrees"),
                metadata={"description": "lon,lat, EPSG:4490: the nearest first, on one page"})
    within_m = Float(load_default=500.0, validate=Range(1, 20_000), metadata={"description": "metres around `near`"})
    after = Text(load_default="", validate=Length(max=100), metadata={"description": "last code of the page before"})
    limit = Integer(load_default=1000, validate=Range(1, 10000))


# Looked at item by item in spatial/rules/measured.py, because a bad one must not lose the good ones of its batch.
READING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "source": {"type": "string", "minLength": 1, "maxLength": measured.CODE_LENGTH},
        "device": {"type": "string", "minLength": 1, "maxLength": measured.CODE_LENGTH,
                   "description": "code of a device on record"},
        "at": {"type": "string", "format": "date-time", "description": "the device's time, with its zone"},
        "values": {"type": "object", "maxProperties": measured.VALUES_MOST,
                   "description": "quantity → number, true or false, or text; none at all is a sign of life",
                   "additionalProperties": {"anyOf": [
                       {"type": "number", "minimum": -measured.LARGEST, "maximum": measured.LARGEST},
                       {"type": "boolean"}, {"type": "string", "minLength": 1, "maxLength": measured.TEXT_LENGTH}]}},
        "units": {"type": "object", "maxProperties": measured.VALUES_MOST,
                  "additionalProperties": {"type": "string", "minLength": 1, "maxLength": measured.UNIT_LENGTH}},
        "event_id": {"type": "string", "minLength": 1, "maxLength": 200,
                     "description": "the gateway's own id, given back where the reading is refused"},
    },
    "description": "`source`, `device` and `at` are needed.",
}


class ReadingsIn(Schema):
    """A batch of readings. Good ones are taken, bad ones are named in `refused`."""

    readings = List(Raw(metadata=READING), required=True, validate=Length(1, READINGS_MOST))


class FreshnessQuery(Schema):
    """Of which area."""

    area = Text(load_default="", validate=Regexp(r"^([0-9]{2,15})?\Z"), metadata={"description": AREA})


CELL_ZOOM = 14
"""A page asks for some two kilometres by two at once."""

_ROW = Range(0, 2**CELL_ZOOM - 1)


class CellQuery(Schema):
    """Which part of the map."""

    x = Integer(required=True, validate=_ROW, metadata={"description": f"column of a tile of zoom {CELL_ZOOM}"})
    y = Integer(required=True, validate=_ROW, metadata={"description": "its row, counted from the north"})


class HistoryQuery(Schema):
    """Which readings of a device."""

    quantity = Text(required=True,
                    validate=Regexp(rf"^{measured.QUANTITY.pattern}\Z", error="is no name of a quantity"))
    start = Instant(data_key="from", load_default=None, metadata={"description": "default: a day before `to`"})
    end = Instant(data_key="to", load_default=None, metadata={"description": "default: now; not in the window itself"})
    limit = Integer(load_default=POINTS_MOST, validate=Range(1, POINTS_MOST))


@devices.get("")
@identity.needs("devices.read")
@devices.input(DeviceQuery, location="query", arg_name="query")
@devices.doc(summary="Devices by code, page by page, or the nearest to a point")
def page(query: dict[str, Any]) -> dict[str, Any]:
    """List devices by code; ``next`` is the last code of a full page. With ``near``, by distance, on one page."""
    wanted = queries.Wanted(query["kind"], query["state"], query["building"])
    if query["near"] is not None:
        lon, lat = map(float, SPOT.fullmatch(query["near"]).groups())
        if abs(lon) > 180 or abs(lat) > 85:
            raise InvalidInput(f"{query['near']} is no place of the map.", [("near", "write lon,lat in degrees")])
        with transaction() as connection:
            found = queries.near(connection, lon, lat, query["within_m"], wanted, query["limit"])
        return {"devices": [_listed(device) for device in found], "next": None}
    with transaction() as connection:
        found = queries.page(connection, wanted, query["after"], query["limit"])
    full = len(found) == query["limit"]
    return {"devices": [_listed(device) for device in found], "next": found[-1].code if full else None}


def _listed(device: queries.Device) -> dict[str, Any]:
    fields = asdict(device)
    if device.distance_m is None:
        del fields["distance_m"]
    return {**fields, "last_seen": _said(device.last_seen)}


def _said(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


@devices.post("/readings")
@identity.needs("readings.send")
@devices.input(ReadingsIn, location="json", arg_name="body")
@devices.doc(summary="Take in readings and signs of life",
             responses={201: "Taken, after the commit; `refused` names each fault", 422: "All were refused"})
def take_readings(body: dict[str, list[Any]]) -> tuple[dict[str, Any], int]:
    """Take in a batch of readings: each once, in any order; bad ones are named and the others taken."""
    now = datetime.now(UTC)
    good, refused = measured.read(body["readings"], now)
    taken = reading_queries.Taken(0, 0, [])
    if good:
        with transaction() as connection:
            taken = reading_queries.take(connection, good, now)
    refused = sorted([*refused, *taken.refused], key=lambda fault: fault.index)
    if refused and not taken.taken and not taken.known:
        raise InvalidInput(
            f"None of {len(body['readings'])} readings could be taken.",
            [(f"readings[{fault.index}].{fault.field}".rstrip("."), f"{fault.value} {fault.reason}. {fault.cure}")
             for fault in refused], refused[0].cure)
    return {"taken": taken.taken, "already_known": taken.known, "refused": [asdict(fault) for fault in refused]}, 201


@devices.get("/freshness")
@identity.needs("devices.read")
@devices.input(FreshnessQuery, location="query", arg_name="query")
@devices.doc(summary="How many devices are fresh, late, lost or unknown, by kind")
def freshness(query: dict[str, str]) -> dict[str, Any]:
    """Count the devices of the jurisdiction, or of an area in it, by kind and freshness, and in all."""
    with transaction() as connection:
        kinds = device_states.counts(connection, query["area"])
    total = {name: sum(kind[name] for kind in kinds) for name in (*FRESHNESS, "total")}
    return {"at": datetime.now(UTC).isoformat(), "kinds": kinds, "total": total}


@devices.get("/silent")
@identity.needs("devices.read")
@devices.input(CellQuery, location="query", arg_name="query")
@devices.doc(summary="Which devices of a part of the map are late, lost or were never heard of")
def silent(query: dict[str, int]) -> dict[str, list[str]]:
    """Return who is not fresh in a tile, by freshness; all others there are fresh."""
    with transaction() as connection:
        return device_states.silent(connection, CELL_ZOOM, query["x"], query["y"])


@devices.get("/<code>")
@identity.needs("devices.read")
@devices.doc(summary="One device: place, state, last values, open alarms")
def card(code: str) -> dict[str, Any]:
    """Return what is known of one device, with its alarms that are not closed and the rules that look at it.

    The address of a camera's stream is asked for by itself (``webmap/views/cameras.py``).
    """
    with transaction() as connection:
        found = queries.card(connection, code)
        device_id, told = found.pop("device_id"), identity.current().may("alarms.read")
        of_it = alarm_queries.of_device(connection, device_id) if told else []
        rules = [rule for rule in alarm_rules.listed(connection) if rule.enabled and rule.holds(
            found["kind"], found["code"], found["grid_code"])] if told else []
    steps = [{**step, "last_seen": _said(step["last_seen"]), "at": _said(step["at"])} for step in found["transitions"]]
    return {**found, "last_seen": _said(found["last_seen"]), "received_at": _said(found["received_at"]),
            "transitions": steps, "alarms": [alarm_queries.as_json(alarm) for alarm in of_it],
            "rules": [{name: getattr(rule, name) for name in RULE_FIELDS} for rule in rules]}


@devices.get("/<code>/readings")
@identity.needs("devices.read")
@devices.input(HistoryQuery, location="query", arg_name="query")
@devices.doc(summary="What a device measured in a time window, thinned where it is much")
def history(code: str, query: dict[str, Any]) -> dict[str, Any]:
    """Return readings of one quantity; more than ``limit`` of them as buckets with least, mean and greatest value."""
    start, end = window(query["start"], query["end"])
    with transaction() as connection:
        found = device_history.series(
            connection, queries.identify(connection, code), query["quantity"], start, end, query["limit"])
    return {"device": code, "quantity": query["quantity"], "from": start.isoformat(), "to": end.isoformat(),
            **asdict(found)}


def window(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """Return a window of the past, the last day where nothing is said.

    Raises:
        InvalidInput: it is empty or too long.
    """
    # A day before 1970 is a time all the same.
    end = end or datetime.now(UTC)
    start = start or end - timedelta(days=1)
    if not start < end <= start + LONGEST:
        raise InvalidInput(
            f"The window from {start.isoformat()} to {end.isoformat()} is empty or longer than {LONGEST.days} days.",
            [("from", f"must lie before to, by {LONGEST.days} days at most")])
    return start, end
