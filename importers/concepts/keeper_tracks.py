"""Where grid keepers have been (轨迹)."""

from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Rule

# The keeper stands where the newest position is.
_LAST_POSITION = """
UPDATE keeper SET position = newest.position, position_at = newest.at
FROM (SELECT DISTINCT ON (keeper_id) keeper_id, position, at FROM keeper_track
      WHERE keeper_id IN (SELECT keeper_id FROM placed) ORDER BY keeper_id, at DESC) AS newest
WHERE keeper.id = newest.keeper_id
  AND (keeper.position_at IS NULL OR keeper.position_at < newest.at)
"""

# A position is what it is: one keeper at one time. It is added once and never changed.
CONCEPT = Concept(
    name="keeper_tracks",
    title="轨迹",
    table="keeper_track",
    placing=Placing.PARENT,
    geometry="Point",
    geometry_column="position",
    outline="position",
    key=None,
    identity=("keeper_id", "at"),
    fields=(
        Field("keeper_code", Kind.TEXT, "number of the keeper", required=True, stored=False),
        Field("at", Kind.INSTANT, "time of the device", required=True),
    ),
    parents=(
        Parent("keepers", ("keeper_code",), "SELECT id, code, area_code, grid_code FROM keeper",
               "p.code = s.keeper_code", column="keeper_id"),
    ),
    rules=(
        Rule("at", "two-positions",
             "(s.keeper_code, s.at) IN (SELECT keeper_code, at FROM staged GROUP BY 1, 2 HAVING count(*) > 1)",
             "has several positions of the same keeper"),
    ),
    after=(_LAST_POSITION,),
)
