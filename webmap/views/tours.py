"""Tours of the wall: reading them with where their stops are, writing them."""

from typing import Any

import psycopg
from apiflask import APIBlueprint, Schema
from apiflask.fields import Float, Integer, List, Nested
from apiflask.validators import Length, OneOf, Range
from marshmallow import ValidationError

from spatial.errors import InvalidInput
from spatial.queries import made_tours
from spatial.queries import wall_tours as queries
from spatial.queries.wall_tours import Tour
from spatial.rules import wall_tours as rules
from webmap import identity
from webmap.fields import Text
from webmap.services import transaction

tours = APIBlueprint("tours", __name__, url_prefix="/api/tours", tag="Wall")


class CameraIn(Schema):
    """Where a stop looks from: degrees EPSG:4490 (as WGS 84 for a map), zoom, degrees, degrees from north."""

    lon, lat, zoom, pitch, bearing = (Float(required=True, validate=Range(*rules.CAMERA[name]))
                                      for name in ("lon", "lat", "zoom", "pitch", "bearing"))


class TargetIn(Schema):
    """What a stop shows: ``place`` with ``level`` and ``code``, ``building`` with ``id``, ``view`` with ``camera``."""

    kind = Text(required=True, validate=OneOf(["place", "building", "view"]))
    level = Text(validate=OneOf(list(rules.LEVELS)))
    code = Text(metadata={"description": "as on record: 12 digits of an area, 15 of a grid"})
    id = Integer(strict=True, validate=Range(1, rules.LARGEST_ID))
    camera = Nested(CameraIn)


class StopIn(Schema):
    """One stop."""

    title = Text(required=True, validate=Length(max=rules.TEXT_MOST))
    seconds = Integer(required=True, strict=True, validate=Range(*rules.SECONDS))
    target = Nested(TargetIn, required=True)
    show = Text(required=True, validate=OneOf(rules.SHOWS))


class Stops(List):
    """Stops, which rules read by themselves: all that is wrong with all of them is told at once."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[dict[str, Any]]:
        stops, faults = rules.read(value)
        if faults:
            raise ValidationError(_nested(faults))
        return stops


class Name(Text):
    """A name, read by the rules of tours; markup in it is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if fault := rules.text_fault(value, needed=True):
            raise ValidationError(fault)
        return value


class TourIn(Schema):
    """A tour."""

    name = Name(required=True, metadata={"minLength": 1, "maxLength": rules.TEXT_MOST})
    stops = Stops(Nested(StopIn), required=True, metadata={"minItems": 1, "maxItems": rules.STOPS_MOST})


class TourChangeIn(TourIn):
    """A tour as it shall be."""

    version = Integer(required=True, strict=True, validate=Range(1, 2**31 - 1),
                      metadata={"description": "that of the tour that was changed; 409 where it is another one by now"})


def _nested(faults: list[rules.Fault]) -> dict[Any, Any] | list[str]:
    """Return faults as a schema tells them: by index and name."""
    told: dict[Any, Any] = {}
    for path, message in faults:
        if not path:
            return [message]
        *steps, last = path
        place = told
        for step in steps:
            place = place.setdefault(step, {})
        place.setdefault(last, []).append(message)
    return told


@tours.get("")
@identity.needs("picture.read")
@tours.doc(summary="Tours of the wall, each stop with where it is")
def every() -> dict[str, Any]:
    """List the tours whose places all lie within the jurisdiction, in the order in which they were made."""
    with transaction() as connection:
        return {"tours": _told(connection, queries.every(connection)), "shows": list(rules.SHOWS)}


@tours.get("/default")
@identity.needs("picture.read")
@tours.doc(summary="The tour of a wall that is told no other")
def default() -> dict[str, Any]:
    """Return the oldest tour that was made in exactly this jurisdiction; without one a tour of what is there now: all,
    where most is going on, all around, with ``id`` null and ``version`` 0."""
    with transaction() as connection:
        found = queries.first_of(connection, identity.current().scope) or made_tours.made(connection)
        return _told(connection, [found])[0]


@tours.get("/<int:tour_id>")
@identity.needs("picture.read")
@tours.doc(summary="One tour, each stop with where it is", responses={404: "No such tour within the jurisdiction"})
def one(tour_id: int) -> dict[str, Any]:
    """Return a tour. A stop has ``bounds`` (west, south, east, north) and ``name`` of its place, or ``camera``;
    ``gone`` is true where the place is on record no more, or lies beyond the jurisdiction."""
    with transaction() as connection:
        return _told(connection, [queries.get(connection, tour_id)])[0]


@tours.post("")
@identity.needs("tours.edit")
@tours.input(TourIn, location="json", arg_name="body")
@tours.doc(summary="Put a tour on record", responses={409: "As many are on record as may be"})
def make(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Put a tour on record, for those who hold all of the account's jurisdiction."""
    account = identity.current()
    with transaction() as connection:
        _refuse(queries.faults(connection, body["stops"]))
        made = queries.make(connection, account.scope, body["name"], body["stops"], account.account)
        return _told(connection, [made])[0], 201


@tours.put("/<int:tour_id>")
@identity.needs("tours.edit")
@tours.input(TourChangeIn, location="json", arg_name="body")
@tours.doc(summary="Change a tour", responses={404: "No such tour within the jurisdiction",
                                               409: "Somebody else has changed it meanwhile"})
def change(tour_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Change a tour from the version that was read. What a stop named before and is gone may stay."""
    with transaction() as connection:
        was = queries.get(connection, tour_id)
        _refuse(queries.faults(connection, body["stops"], was.stops))
        changed = queries.change(connection, tour_id, body["version"], body["name"], body["stops"],
                                 identity.current().account)
        return _told(connection, [changed])[0]


@tours.delete("/<int:tour_id>")
@identity.needs("tours.edit")
@tours.doc(summary="Delete a tour", responses={200: "Deleted", 404: "No such tour within the jurisdiction"})
def delete(tour_id: int) -> dict[str, int]:
    """Delete a tour. Walls that go through it go on with the one that the service makes."""
    with transaction() as connection:
        queries.delete(connection, tour_id)
    return {"deleted": tour_id}


def _told(connection: psycopg.Connection, found: list[Tour]) -> list[dict[str, Any]]:
    """Return tours as this account may read them: who wrote one is told to who may write."""
    told = queries.resolved(connection, found)
    return told if identity.current().may("tours.edit") else [{**one, "account": None} for one in told]


def _refuse(faults: list[rules.Fault]) -> None:
    if faults:
        told = [(f"stops[{path[0]}].{path[1]}", message) for path, message in faults]
        raise InvalidInput(f"{len(faults)} stop{'s' if len(faults) > 1 else ''} name what is not there; nothing was "
                           "done. " + "; ".join(f"{place}: {message}" for place, message in told[:5]), told)
