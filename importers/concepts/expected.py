"""Declared totals (应录总数): the denominators of the entry rate."""

from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Rule

# A code of 12 or 15 digits is an area's or a grid's, whatever buildings are called.
_PLACES = """
SELECT id, code, area_code, grid_code, NULL::int8 AS building_id FROM area
UNION ALL
SELECT id, code, area_code, grid_code, NULL FROM grid
WHERE valid_from <= now() AND (valid_to IS NULL OR valid_to > now())
UNION ALL
SELECT id, code, area_code, grid_code, id FROM building WHERE code !~ '^[0-9]{12}([0-9]{3})?$'
"""

CONCEPT = Concept(
    name="expected",
    title="应录总数",
    table="expected",
    placing=Placing.PARENT,
    key=None,
    fields=(
        Field("place_code", Kind.TEXT, "12 digits of an area, 15 of a grid, or the code of a building", required=True,
              stored=False),
        Field("kind", Kind.TEXT, "population (人口), housing (房屋), legal_entities (法人) or geography (地理)",
              required=True, allowed=("population", "housing", "legal_entities", "geography")),
        Field("value", Kind.WHOLE, "how many there should be", required=True, low=0, high=10_000_000_000),
        Field("basis", Kind.TEXT, "total, or rooms_per_floor for the housing of a building: its total is then the "
              "value times its storeys above ground", default="total", allowed=("total", "rooms_per_floor")),
        Field("source", Kind.TEXT, "who or which paper declares it", column="declared_by", required=True),
        Field("as_of", Kind.DAY, "for which day it is declared; the latest counts", required=True),
    ),
    parents=(
        Parent("places", ("place_code",), _PLACES, "p.code = s.place_code", column=None, brings=("building_id",)),
    ),
    rules=(
        Rule("basis", "basis-and-place",
             "s.basis = 'rooms_per_floor' AND (s.kind <> 'housing' OR s.place_code ~ '^[0-9]{12}([0-9]{3})?$')",
             "is for the housing of a building only"),
    ),
)
