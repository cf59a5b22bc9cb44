"""Organisations (组织/法人)."""

from importers import checks
from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Unique

CONCEPT = Concept(
    name="organisations",
    title="组织",
    table="organisation",
    placing=Placing.GEOMETRY,
    geometry="Point",
    outline="point",
    fields=(
        Field("code", Kind.TEXT, "unified social credit code (统一社会信用代码)", required=True, upper=True,
              check=checks.credit_code),
        Field("name", Kind.TEXT, "name", required=True),
        Field("industry", Kind.TEXT, "industry"),
        Field("building_code", Kind.TEXT, "code of the building it sits in", stored=False),
    ),
    parents=(
        Parent("buildings", ("building_code",), "SELECT id, code, area_code, grid_code FROM building",
               "p.code = s.building_code", column="building_id", required=False),
    ),
    unique=(Unique(("code",), "code"),),
)
