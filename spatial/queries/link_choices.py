"""What a new access link (访问链接) can be made for: areas and keepers within the jurisdiction, and tours."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

# Rows: areas that lie wholly inside the jurisdiction, by code; `within` is what their grids' codes begin with.
_AREAS = """
SELECT left(code, digits) AS within, level, name, name_en
FROM area CROSS JOIN LATERAL (
    SELECT CASE level WHEN 'county' THEN 6 WHEN 'street' THEN 9 ELSE 12 END AS digits) AS of_level
WHERE level IN ('county', 'street', 'community')
  AND code_range(left(code, digits), left(code, digits) || ':') <@ (SELECT shapan_scope())
ORDER BY code
"""

# Rows: keepers who keep a grid in force, by code.
_KEEPERS = """
SELECT keeper.code, keeper.name, keeper.grid_code AS grid, grid.name AS grid_name
FROM keeper JOIN grid ON grid.code = keeper.grid_code AND grid.valid_to IS NULL ORDER BY keeper.code
"""

_TOURS = "SELECT id, name FROM wall_tour ORDER BY id"


def choices(connection: psycopg.Connection) -> dict[str, list[dict[str, Any]]]:
    """Return ``areas``, ``keepers`` and ``tours`` within the jurisdiction.

    Args:
        connection: inside a transaction; its jurisdiction decides.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return {name: cursor.execute(statement).fetchall()
                for name, statement in (("areas", _AREAS), ("keepers", _KEEPERS), ("tours", _TOURS))}
