"""Devices (设备): cameras, elevators, detectors, meters and other sensors."""

from importers import checks
from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Unique

CONCEPT = Concept(
    name="devices",
    title="设备",
    table="device",
    placing=Placing.GEOMETRY,
    geometry="Point",
    outline="point",
    fields=(
        Field("code", Kind.TEXT, "id that the device reports under", required=True),
        Field("kind", Kind.TEXT, "kind, such as camera, elevator, smoke, gas, water_meter", required=True),
        Field("name", Kind.TEXT, "name"),
        Field("building_code", Kind.TEXT, "code of the building it is in", stored=False),
        Field("unit_number", Kind.TEXT, "number of the unit it is in", stored=False),
        Field("room_number", Kind.TEXT, "number of the room it is in", stored=False),
        Field("floor", Kind.WHOLE, "storey, negative below ground", low=-20, high=200),
        Field("z_m", Kind.NUMBER, "metres above the building's base, or above ground", default=0.0,
              low=-500, high=9000),
        Field("expected_interval_s", Kind.WHOLE, "seconds between two signs of life", low=1,
              high=31_622_400),
        Field("stream_url", Kind.TEXT, "address of a camera's stream, without user and password",
              check=checks.stream_url, secret=True),
    ),
    parents=(
        Parent("buildings", ("building_code",), "SELECT id, code, area_code, grid_code FROM building",
               "p.code = s.building_code", column="building_id", required=False),
        Parent("units", ("building_code", "unit_number"),
               "SELECT unit.id, building.code, unit.number, unit.area_code, unit.grid_code "
               "FROM unit JOIN building ON building.id = unit.building_id",
               "p.code = s.building_code AND p.number = s.unit_number",
               column="unit_id", required=False, places=False),
        Parent("rooms", ("building_code", "unit_number", "room_number"),
               "SELECT room.id, building.code, unit.number AS unit, room.number AS room, "
               "room.area_code, room.grid_code FROM room JOIN unit ON unit.id = room.unit_id "
               "JOIN building ON building.id = room.building_id",
               "p.code = s.building_code AND p.unit = s.unit_number AND p.room = s.room_number",
               column="room_id", required=False, places=False),
    ),
    unique=(Unique(("code",), "code"),),
)
