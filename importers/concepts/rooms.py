"""Rooms (户室): dwellings and other premises."""

from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Unique
from spatial.rules.rooms import AREA, FLOOR, TENURE, USE

CONCEPT = Concept(
    name="rooms",
    title="户室",
    table="room",
    placing=Placing.PARENT,
    fields=(
        Field("code", Kind.TEXT, "key of the row at its source", stored=False),
        Field("building_code", Kind.TEXT, "code of the building", required=True, stored=False),
        Field("unit_number", Kind.TEXT, "number of the unit", required=True, stored=False),
        Field("floor", Kind.WHOLE, "storey, negative below ground", required=True, low=FLOOR.low,
              high=FLOOR.high),
        Field("number", Kind.TEXT, "number within the unit", required=True),
        Field("use", Kind.TEXT, "use", default=USE.default, allowed=tuple(USE.allowed)),
        Field("tenure", Kind.TEXT, "tenure (产权使用)", default=TENURE.default, allowed=tuple(TENURE.allowed)),
        Field("area_m2", Kind.NUMBER, "floor area, square metres", above=AREA.above, high=AREA.high),
        Field("surveyed_at", Kind.DAY, "day of the last survey"),
    ),
    parents=(
        Parent("units", ("building_code", "unit_number"),
               "SELECT unit.id, building.code, unit.number, unit.building_id, unit.area_code, unit.grid_code "
               "FROM unit JOIN building ON building.id = unit.building_id",
               "p.code = s.building_code AND p.number = s.unit_number",
               column="unit_id", brings=("building_id",)),
    ),
    unique=(Unique(("unit_id", "number"), "number"),),
)
