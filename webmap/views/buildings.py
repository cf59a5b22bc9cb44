"""Buildings: the card of one, the outlines of some."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import DelimitedList, Integer
from apiflask.validators import Length

from spatial.queries import alarms, building_rooms, residents
from spatial.queries import buildings as queries
from spatial.rules import masks
from spatial.types import UNPLACED_AREA
from webmap import identity
from webmap.services import transaction

buildings = APIBlueprint("buildings", __name__, url_prefix="/api/buildings", tag="Buildings")


class FootprintQuery(Schema):
    """Which buildings."""

    ids = DelimitedList(Integer(), required=True, validate=Length(1, 200))


@buildings.get("/<int:building_id>")
@identity.needs("picture.read")
@buildings.doc(summary="The card of a building", responses={404: "No such building within the jurisdiction"})
def card(building_id: int) -> dict[str, Any]:
    """Return what is on record about a building: place, keeper, counts, open alarms, outline."""
    exact = identity.current().may("residents.count")
    with transaction() as connection:
        building = queries.get(connection, building_id)
        people = residents.of_building(connection, building_id) if exact else None
        open_alarms = alarms.of_building(connection, building_id)
    unplaced = building.area_code == UNPLACED_AREA
    area = {"code": building.area_code, "name": building.area_name, "name_en": building.area_name_en}
    count = building.residents if exact else masks.at_least(building.residents)
    return {
        **{
            name: getattr(building, name)
            for name in ("id", "code", "name", "address", "use", "floors_above", "floors_below", "height_m",
                         "base_m", "built_year", "geometry")
        },
        "grid": None if unplaced else {"code": building.grid_code, "name": building.grid_name},
        "area": None if unplaced else area,
        "keeper": building.keeper_name and {"name": building.keeper_name, "phone": building.keeper_phone},
        "counts": {
            "units": building.units, "rooms": building.rooms, "households": building.households,
            "residents": count, "exact": exact,
        },
        "care": people and [{"category": word, "count": number} for word, number in people.care.items()],
        "registration": people and people.registration,
        "alarms": [alarms.as_json(alarm) for alarm in open_alarms],
        "centre": [building.lon, building.lat],
    }


@buildings.get("/<int:building_id>/rooms")
@identity.needs("rooms.read")
@buildings.doc(summary="The rooms of a building and the state of each",
               responses={404: "No such building within the jurisdiction"})
def rooms(building_id: int) -> dict[str, Any]:
    """Return units and rooms of a building, by unit, storey and number; who lives there is told elsewhere.

    ``state`` is ``care``, ``business``, ``unsurveyed``, ``vacant``, ``rented`` or ``occupied``, of the columns that
    ``spatial/rules/occupancy.py`` names. Without ``residents.read`` no room is ``care`` but what it is besides.
    """
    care = identity.current().may("residents.read")
    with transaction() as connection:
        found = building_rooms.contents(connection, building_id, care)
    return {
        "building": building_id, "code": found.building.code, "care": care, "left_out": found.left_out,
        "units": [{"id": one.id, "number": one.number, "floors": one.floors} for one in found.units],
        "rooms": [{**asdict(one), "surveyed_at": one.surveyed_at and one.surveyed_at.isoformat()}
                  for one in found.rooms],
    }


@buildings.get("/footprints")
@identity.needs("picture.read")
@buildings.input(FootprintQuery, location="query", arg_name="query")
@buildings.doc(summary="Outlines and heights of some buildings")
def footprints(query: dict[str, list[int]]) -> dict[str, Any]:
    """Return the outlines (GeoJSON, EPSG:4490) and heights (metres) of some buildings."""
    with transaction() as connection:
        found = queries.footprints(connection, query["ids"])
    return {"buildings": [asdict(footprint) for footprint in found]}
