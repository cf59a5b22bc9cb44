"""Grids of a plan (规划网格) that somebody drew elsewhere: a draft is made of them on the page ``/planner``."""

from importers.concepts.declare import Concept, Field, Kind, Placing

# A plan is sent as a whole: what only an earlier file of the same source brought is no part of it.
_FORGET = """
DELETE FROM planned_grid WHERE source = %(source)s AND source_key NOT IN (SELECT source_key FROM placed)
"""

CONCEPT = Concept(
    name="planned_grids",
    title="规划网格",
    table="planned_grid",
    placing=Placing.GEOMETRY,
    geometry="MultiPolygon",
    outline="boundary",
    key=None,
    fields=(
        Field("code", Kind.TEXT, "code of the grid, or any number of it in the plan"),
        Field("name", Kind.TEXT, "name"),
        Field("kind", Kind.TEXT, "basic (基础网格) or special (专属网格)", default="basic",
              allowed=("basic", "special")),
    ),
    before=(_FORGET,),
)
