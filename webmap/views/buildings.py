"""Buildings: the card of one, the outlines of some."""

from dataclasses import asdict, replace
from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import DelimitedList, Integer
from apiflask.validators import Length

from spatial.queries import alarms, building_rooms, residents
from spatial.queries import buildings as queries
from spatial.rules import masks
from spatial.types import UNPLACED_AREA
from tiles.legends import LEGENDS, legend
from webmap import identity
from webmap.fields import Text
from webmap.services import services, transaction

buildings = APIBlueprint("buildings", __name__, url_prefix="/api/buildings", tag="Buildings")


COUNTED = sorted({entry.metric for entry in LEGENDS if entry.layer == "buildings" and not entry.live})


class ClassesQuery(Schema):
    """By what buildings are counted."""

    metric = Text(required=True, metadata={"description": "what buildings are coloured by", "enum": COUNTED})


class FootprintQuery(Schema):
    """Which buildings."""

    ids = DelimitedList(Integer(), required=True, validate=Length(1, 200))


@buildings.get("/<int:building_id>")
@identity.needs("picture.read")
@buildings.doc(summary="The card of a building", responses={404: "No such building within the jurisdiction"})
def card(building_id: int) -> dict[str, Any]:
    """Return what is on record about a building: place, keeper, counts, open alarms, outline.

    What the account may not see is null: alarms, keeper, residents by category of care and by registration.
    """
    may = identity.current().may
    exact, alarmed, named = may("residents.count"), may("alarms.read"), may("keepers.named")
    with transaction() as connection:
        building = queries.get(connection, building_id)
        people = residents.of_building(connection, building_id) if exact else None
        open_alarms = alarms.of_building(connection, building_id) if alarmed else None
    unplaced = building.area_code == UNPLACED_AREA
    area = {"code": building.area_code, "name": building.area_name, "name_en": building.area_name_en}
    lives, households = ((count if exact else masks.at_least(count))
                        for count in (building.residents, building.households))
    return {
        **{
            name: getattr(building, name)
            for name in ("id", "code", "name", "address", "use", "floors_above", "floors_below", "height_m",
                         "base_m", "built_year", "geometry")
        },
        "grid": None if unplaced else {"code": building.grid_code, "name": building.grid_name},
        "area": None if unplaced else area,
        "keeper": {"name": building.keeper_name, "phone": building.keeper_phone}
        if named and building.keeper_name else None,
        "counts": {
            "units": building.units, "rooms": building.rooms, "households": households, "residents": lives,
            "exact": exact,
        },
        "care": people and [{"category": word, "count": number} for word, number in people.care.items()],
        "registration": people and people.registration,
        "alarms": open_alarms and [alarms.as_json(alarm) for alarm in open_alarms],
        "centre": [building.lon, building.lat],
    }


@buildings.get("/<int:building_id>/storeys")
@identity.needs("rooms.read")
@buildings.doc(summary="What a building taken apart consists of: units, rooms and their states",
               responses={404: "No such building within the jurisdiction"})
def storeys(building_id: int) -> dict[str, Any]:
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
@buildings.doc(summary="Outlines, heights and residents of some buildings")
def footprints(query: dict[str, list[int]]) -> dict[str, Any]:
    """Return the outlines (GeoJSON, EPSG:4490), heights (metres) and residents of some buildings.

    Without the right to count them, residents are the lower end of their class, as in tiles.
    """
    exact = identity.current().may("residents.count")
    with transaction() as connection:
        found = queries.footprints(connection, query["ids"])
    return {"buildings": [asdict(one if exact else replace(one, residents=masks.at_least(one.residents)))
                          for one in found]}


@buildings.get("/classes")
@identity.needs("picture.read")
@buildings.input(ClassesQuery, location="query", arg_name="query")
@buildings.doc(summary="How many buildings are in each class of a legend", responses={404: "No such metric"})
def classes(query: dict[str, str]) -> dict[str, Any]:
    """Count the buildings within the jurisdiction by the classes of a metric's legend, in its order.

    ``none``: buildings without a value. An answer is kept for a while and serves all who may see the same: ``age_s``
    says for how long it has been, ``kept_s`` after how long it is made anew.
    """
    who = identity.current()
    counted = legend("buildings", query["metric"], who.field_class)
    counts, age_s, kept_s = services().class_counts.ask(counted, who.field_class, who.scope)
    return {"metric": query["metric"], "classes": list(counts.classes), "none": counts.none,
            "total": sum(counts.classes) + counts.none, "age_s": round(age_s, 3), "kept_s": round(kept_s, 3)}
