"""Places (地名): the names on the map."""

from importers.concepts.declare import Concept, Field, Kind, Placing

CONCEPT = Concept(
    name="places",
    title="地名",
    table="place",
    placing=Placing.GEOMETRY,
    geometry="Point",
    outline="point",
    fields=(
        Field("code", Kind.TEXT, "key of the row at its source", stored=False),
        Field("class", Kind.TEXT, "class, such as street, community, estate, school, park", required=True),
        Field("name", Kind.TEXT, "name", required=True),
        Field("name_en", Kind.TEXT, "name in English"),
        Field("rank", Kind.WHOLE, "the smaller, the earlier it is shown", default=9, low=0, high=99),
    ),
)
