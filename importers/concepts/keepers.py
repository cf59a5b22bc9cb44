"""Grid keepers (网格员)."""

from importers import checks
from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Unique

CONCEPT = Concept(
    name="keepers",
    title="网格员",
    table="keeper",
    placing=Placing.PARENT,
    geometry="Point",
    geometry_column="position",
    geometry_required=False,
    outline="position",
    fields=(
        Field("code", Kind.TEXT, "number of the keeper", required=True),
        Field("name", Kind.TEXT, "name", required=True),
        Field("phone", Kind.TEXT, "telephone on duty", check=checks.phone),
        Field("grid_code", Kind.TEXT, "code of the grid kept", required=True, stored=False,
              check=checks.grid_code),
        Field("position_at", Kind.INSTANT, "when the keeper was at the point"),
    ),
    parents=(
        Parent("grids", ("grid_code",),
               "SELECT id, code, area_code, grid_code FROM grid "
               "WHERE valid_from <= now() AND (valid_to IS NULL OR valid_to > now())",
               "p.code = s.grid_code", column=None),
    ),
    unique=(Unique(("code",), "code"),),
)
