"""Areas (区划): county, street, community."""

from importers import checks
from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Rule, Unique

CONCEPT = Concept(
    name="areas",
    title="区划",
    table="area",
    placing=Placing.OWN_CODE,
    grid_of="s.code || '000'",
    geometry="MultiPolygon",
    outline="boundary",
    boundary=True,
    fields=(
        Field("code", Kind.TEXT, "12 digits, zero padded: county 6, street 3, community 3", required=True,
              check=checks.area_code),
        Field("level", Kind.TEXT, "county (区县), street (街道) or community (社区)", required=True,
              allowed=("county", "street", "community")),
        Field("name", Kind.TEXT, "name", required=True),
        Field("name_en", Kind.TEXT, "name in English"),
        Field("parent_code", Kind.TEXT, "code of the area above", check=checks.area_code),
    ),
    parents=(
        Parent("areas", ("parent_code",), "SELECT id, code, area_code, grid_code FROM area", "p.code = s.parent_code",
               column=None, required=False, within_file="other.code = s.parent_code", places=False),
    ),
    unique=(Unique(("code",), "code"),),
    rules=(
        Rule("level", "level-and-code",
             "CASE s.level WHEN 'county' THEN right(s.code, 6) <> '000000' "
             "WHEN 'street' THEN right(s.code, 3) <> '000' OR right(s.code, 6) = '000000' "
             "ELSE right(s.code, 3) = '000' END",
             "does not fit the code: a county ends in six zeros, a street in three, a community in none"),
    ),
)
