"""Search (检索): objects within a jurisdiction by name, address, code or pinyin."""

from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from spatial.rules import search as rules
from spatial.types import Scope

KINDS = ("area", "grid", "building", "organisation", "facility", "device", "place", "keeper")
"""What can be found: 区划, 网格, 楼栋, 组织, 部件, 设备, 地名, 网格员. Residents cannot."""


@dataclass(frozen=True)
class Found:
    """One object that a question finds.

    Attributes:
        kind: one of ``KINDS``. id: of the object, in the table of that name. code: its code; None for a place.
        label: what is shown: its name, else its address, else its code.
        also: its address, or its name in English; None where there is none.
        match: ``code``, ``beginning``, ``text`` or ``pinyin``.
        area_code: 12 digits. area_name: name of the community. grid_code: 15 digits.
        lon, lat: a point on it, degrees, EPSG:4490; None for a keeper who has sent none.
    """

    kind: str
    id: int
    code: str | None
    label: str
    also: str | None
    match: str
    area_code: str
    area_name: str | None
    grid_code: str
    lon: float | None
    lat: float | None


# Rows: at most `most`, the best first. The function knows the jurisdiction and the order; points and
# names are looked up for the few rows it returns, under row security.
# Parameters: scope, code, begins, grams, initials, kinds, most; see migration 0008.
FIND = """
SELECT found.kind, found.object_id AS id, spot.code, found.label, found.also,
       (ARRAY['code', 'beginning', 'text', 'pinyin'])[found.rank] AS match,
       found.area_code, area.name AS area_name, found.grid_code, ST_X(spot.point) AS lon, ST_Y(spot.point) AS lat
FROM shapan_search(%(scope)s::code_multirange, %(code)s, %(begins)s, %(grams)s::text[], %(initials)s::text[],
                   %(kinds)s::text[], %(most)s) WITH ORDINALITY
     AS found (kind, object_id, label, also, area_code, grid_code, rank, place)
LEFT JOIN area ON area.code = found.area_code
LEFT JOIN LATERAL (
    SELECT ST_PointOnSurface(geom) AS point, code FROM area WHERE found.kind = 'area' AND id = found.object_id
    UNION ALL SELECT ST_PointOnSurface(geom), code FROM grid WHERE found.kind = 'grid' AND id = found.object_id
    UNION ALL SELECT ST_PointOnSurface(footprint), code FROM building
        WHERE found.kind = 'building' AND id = found.object_id
    UNION ALL SELECT geom, code FROM organisation WHERE found.kind = 'organisation' AND id = found.object_id
    UNION ALL SELECT ST_PointOnSurface(geom), code FROM facility WHERE found.kind = 'facility' AND id = found.object_id
    UNION ALL SELECT geom, code FROM device WHERE found.kind = 'device' AND id = found.object_id
    UNION ALL SELECT geom, NULL FROM place WHERE found.kind = 'place' AND id = found.object_id
    UNION ALL SELECT position, code FROM keeper WHERE found.kind = 'keeper' AND id = found.object_id
) AS spot ON true
ORDER BY found.place
"""


def find(connection: psycopg.Connection, scope: Scope, question: str, kinds: tuple[str, ...] = KINDS,
         most: int = 20) -> list[Found]:
    """Find objects by what a person types: part of a name or address, a code, pinyin or its initials.

    Args:
        connection: inside a transaction of the same jurisdiction.
        scope: jurisdiction; nothing outside both it and the transaction's own is found.
        question: at most ``rules.LONGEST_QUESTION`` characters are looked at; never logged.
        kinds: which of ``KINDS``.
        most: rows at most.

    Returns:
        The objects, the best first: the code itself, then what begins so, then what holds all
        pairs of characters, then pinyin; within these the shorter name first.
    """
    question = question.strip()[:rules.LONGEST_QUESTION]
    values = {"scope": scope.literal(), "code": question, "begins": rules.sought(question),
              "grams": rules.wanted_grams(question), "initials": rules.wanted_initials(question),
              "kinds": list(kinds), "most": most}
    with connection.cursor(row_factory=class_row(Found)) as cursor:
        return cursor.execute(FIND, values).fetchall()
