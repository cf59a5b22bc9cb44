"""Water (水系)."""

from importers.concepts.declare import Concept, Field, Kind, Placing

CONCEPT = Concept(
    name="water",
    title="水系",
    table="water",
    placing=Placing.GEOMETRY,
    geometry="MultiPolygon",
    fields=(
        Field("code", Kind.TEXT, "key of the row at its source", stored=False),
        Field("class", Kind.TEXT, "class, such as river, lake, pond", required=True),
        Field("name", Kind.TEXT, "name"),
    ),
)
