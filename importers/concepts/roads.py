"""Roads (道路) by their centre lines."""

from importers.concepts.declare import Concept, Field, Kind, Placing

CONCEPT = Concept(
    name="roads",
    title="道路",
    table="road",
    placing=Placing.GEOMETRY,
    geometry="MultiLineString",
    fields=(
        Field("code", Kind.TEXT, "key of the row at its source", stored=False),
        Field("class", Kind.TEXT, "class, such as arterial, secondary, inner, path", required=True),
        Field("name", Kind.TEXT, "name"),
        Field("width_m", Kind.NUMBER, "width from kerb to kerb, metres", above=0, high=200),
    ),
)
