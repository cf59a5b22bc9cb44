"""Rows outside every known area (未落位): which they are, and how they are rejected where that is asked for."""

import psycopg

from importers import refuse
from importers.concepts.declare import Concept
from importers.faults import Fault
from spatial.types import UNPLACED_AREA

LISTED = 20
"""Row numbers that a report lists."""

# Numbers of placed rows outside every known area. Parameters: the code of no area, how many at most.
_UNPLACED = "SELECT row_number FROM placed WHERE area_code = %s ORDER BY 1 LIMIT %s"

# The same, of rows that say where they are. Parameter: the code of no area.
_OUTSIDE = """
SELECT p.row_number FROM placed AS p JOIN staged AS s USING (row_number)
WHERE p.area_code = %s AND s.geom IS NOT NULL ORDER BY 1
"""


def rows(connection: psycopg.Connection) -> tuple[int, ...]:
    """Return the numbers of the first placed rows that lie outside every known area.

    Args:
        connection: inside the transaction of the run, after placing.
    """
    return tuple(number for (number,) in connection.execute(_UNPLACED, [UNPLACED_AREA, LISTED]))


def reject(connection: psycopg.Connection, concept: Concept) -> list[Fault]:
    """Reject the rows that have a geometry and lie outside every known area.

    Args:
        connection: inside the transaction of the run, after placing.
        concept: what is imported; its staged rows have geometries.
    """
    words = "lies outside every known area (未落位); correct it, or import the areas and grids around it first"
    faults = [Fault(row, "geometry", "outside", f"{concept.outline} {words}")
              for (row,) in connection.execute(_OUTSIDE, [UNPLACED_AREA])]
    refuse.remember(connection, faults)
    return faults


__all__ = ["LISTED", "reject", "rows"]
