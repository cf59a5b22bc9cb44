"""Residents (人口), with the households (户) that they form."""

from importers import checks
from importers.concepts.declare import Concept, Field, Kind, Parent, Placing, Rule

# A household is named by its room and number; residents bring it along.
_HOUSEHOLDS = """
INSERT INTO household (room_id, building_id, number, kind, area_code, grid_code,
                       source, source_key, content_hash)
SELECT DISTINCT ON (placed.room_id, s.household_number)
       placed.room_id, placed.building_id, s.household_number, s.household_kind,
       placed.area_code, placed.grid_code, %(source)s::text,
       s.household_key,
       decode(md5(s.household_kind), 'hex')
FROM staged AS s JOIN placed USING (row_number)
WHERE NOT EXISTS (SELECT FROM household
                  WHERE room_id = placed.room_id AND number = s.household_number)
ORDER BY placed.room_id, s.household_number, s.row_number
"""

_HOUSEHOLD_KINDS = """
UPDATE household SET kind = s.household_kind, content_hash = decode(md5(s.household_kind), 'hex')
FROM staged AS s JOIN placed USING (row_number)
WHERE household.room_id = placed.room_id AND household.number = s.household_number
  AND household.kind <> s.household_kind
"""

_MEMBERS = """
UPDATE placed SET household_id = household.id
FROM staged AS s, household
WHERE s.row_number = placed.row_number AND household.room_id = placed.room_id
  AND household.number = s.household_number
"""

CONCEPT = Concept(
    name="residents",
    title="人口",
    table="resident",
    placing=Placing.PARENT,
    fields=(
        Field("code", Kind.TEXT, "key of the row at its source", stored=False),
        Field("building_code", Kind.TEXT, "code of the building", required=True, stored=False),
        Field("unit_number", Kind.TEXT, "number of the unit", required=True, stored=False),
        Field("room_number", Kind.TEXT, "number of the room", required=True, stored=False),
        Field("household_number", Kind.TEXT, "number of the household within the room", stored=False,
              default="1"),
        Field("household_kind", Kind.TEXT, "family (家庭户) or collective (集体户)", stored=False,
              default="family", allowed=("family", "collective")),
        Field("name", Kind.TEXT, "name", required=True, personal=True),
        Field("id_number", Kind.TEXT, "identity number, or passport of an overseas resident", upper=True,
              personal=True, index="id_number_index", check=checks.id_number),
        Field("phone", Kind.TEXT, "telephone", personal=True, check=checks.phone),
        Field("sex", Kind.TEXT, "M or F", allowed=("M", "F")),
        Field("birth_year", Kind.WHOLE, "year of birth", low=1880, high=2200),
        Field("registration", Kind.TEXT, "registered (户籍), floating (流动) or overseas (境外)",
              default="registered", allowed=("registered", "floating", "overseas")),
        Field("care", Kind.WORDS, "care categories (关爱类别), divided by ;", default=(),
              allowed=("elderly_alone", "disabled", "low_income", "chronic", "minor_unattended",
                       "pregnant")),
    ),
    parents=(
        Parent("rooms", ("building_code", "unit_number", "room_number"),
               "SELECT room.id, building.code, unit.number AS unit, room.number AS room, room.building_id, "
               "room.area_code, room.grid_code FROM room JOIN unit ON unit.id = room.unit_id "
               "JOIN building ON building.id = room.building_id",
               "p.code = s.building_code AND p.unit = s.unit_number AND p.room = s.room_number",
               column="room_id", brings=("building_id",)),
    ),
    linked=("household_id", "building_id"),
    digests={"household_key": ("building_code", "unit_number", "room_number", "household_number")},
    rules=(
        Rule("household_kind", "household-kind",
             "(s.building_code, s.unit_number, s.room_number, s.household_number) IN ("
             "SELECT building_code, unit_number, room_number, household_number FROM staged "
             "GROUP BY 1, 2, 3, 4 HAVING count(DISTINCT household_kind) > 1)",
             "differs between rows of the same household"),
    ),
    before=(_HOUSEHOLDS, _HOUSEHOLD_KINDS, _MEMBERS),
)
