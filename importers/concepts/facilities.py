"""Facilities (部件/设施): hydrants, lamps, manholes, shelters and the rest."""

from importers.concepts.declare import Concept, Field, Kind, Placing, Unique

CONCEPT = Concept(
    name="facilities",
    title="部件",
    table="facility",
    placing=Placing.GEOMETRY,
    geometry="Geometry",
    fields=(
        Field("code", Kind.TEXT, "code of the facility", required=True),
        Field("class_code", Kind.TEXT, "class code, major and minor", required=True),
        Field("name", Kind.TEXT, "name"),
        Field("state", Kind.TEXT, "state", default="normal", allowed=("normal", "damaged", "missing")),
        Field("department", Kind.TEXT, "responsible department"),
    ),
    unique=(Unique(("code",), "code"),),
)
