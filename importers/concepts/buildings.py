"""Buildings (楼栋)."""

from importers.concepts.declare import Concept, Field, Kind, Placing, Unique

CONCEPT = Concept(
    name="buildings",
    title="楼栋",
    table="building",
    placing=Placing.GEOMETRY,
    geometry="MultiPolygon",
    geometry_column="footprint",
    outline="footprint",
    # Most building layers of other cities have no code of their own.
    own_code="%(source)s::text || ':' || s.source_key",
    fields=(
        Field("code", Kind.TEXT, "code of the building"),
        Field("name", Kind.TEXT, "name"),
        Field("address", Kind.TEXT, "address"),
        Field("use", Kind.TEXT, "use", default="other",
              allowed=("residential", "commercial", "office", "school", "hospital", "market", "industrial",
                       "public", "other")),
        Field("height_m", Kind.NUMBER, "height above its base, metres", above=0, high=1000),
        Field("base_m", Kind.NUMBER, "height of its base above the datum, metres; where a row has none, it is taken "
              "from the terrain on record", column="base_given_m", low=-500, high=9000),
        Field("floors_above", Kind.WHOLE, "storeys above ground", low=0, high=200),
        Field("floors_below", Kind.WHOLE, "storeys below ground", low=0, high=20),
        Field("built_year", Kind.WHOLE, "year of completion", low=1000, high=2200),
    ),
    unique=(Unique(("code",), "code"),),
)
