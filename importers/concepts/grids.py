"""Grids (网格): the smallest unit of responsibility."""

from importers import checks
from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Unique

# A grid that is imported again is changed in place: versions are made by publishing a plan.
CONCEPT = Concept(
    name="grids",
    title="网格",
    table="grid",
    placing=Placing.OWN_CODE,
    grid_of="s.code",
    geometry="MultiPolygon",
    outline="boundary",
    boundary=True,
    fields=(
        Field("code", Kind.TEXT, "15 digits: the community's 12 and 3 of its own", required=True,
              check=checks.grid_code),
        Field("kind", Kind.TEXT, "basic (基础网格) or special (专属网格)", default="basic",
              allowed=("basic", "special")),
        Field("name", Kind.TEXT, "name", required=True),
    ),
    parents=(
        Parent("areas", ("code",), "SELECT id, code, area_code, grid_code FROM area WHERE level = 'community'",
               "p.code = left(s.code, 12)", column=None, places=False),
    ),
    unique=(Unique(("code",), "code", "t.valid_to IS NULL"),),
)
