"""Green (绿地)."""

from importers.concepts.declare import Concept, Field, Kind, Placing

CONCEPT = Concept(
    name="green",
    title="绿地",
    table="green",
    placing=Placing.GEOMETRY,
    geometry="MultiPolygon",
    fields=(
        Field("code", Kind.TEXT, "key of the row at its source", stored=False),
        Field("class", Kind.TEXT, "class, such as park, lawn, woodland", required=True),
        Field("name", Kind.TEXT, "name"),
    ),
)
