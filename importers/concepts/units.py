"""Units (单元): the entrances of buildings."""

from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Unique

CONCEPT = Concept(
    name="units",
    title="单元",
    table="unit",
    placing=Placing.PARENT,
    geometry="Point",
    geometry_column="entrance",
    geometry_required=False,
    outline="entrance",
    fields=(
        Field("code", Kind.TEXT, "key of the row at its source", stored=False),
        Field("building_code", Kind.TEXT, "code of the building", required=True, stored=False),
        Field("number", Kind.TEXT, "number within the building", required=True),
        Field("floors", Kind.WHOLE, "storeys that it serves", low=0, high=200),
    ),
    parents=(
        Parent("buildings", ("building_code",), "SELECT id, code, area_code, grid_code FROM building",
               "p.code = s.building_code", column="building_id"),
    ),
    unique=(Unique(("building_id", "number"), "number"),),
)
