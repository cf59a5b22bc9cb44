"""What a whole picture shows: where it lies, and how much is in it."""

from dataclasses import dataclass

import psycopg

from spatial.types import Box


@dataclass(frozen=True)
class Counts:
    """Objects on record within the jurisdiction; alarms that are not closed."""

    areas: int
    grids: int
    buildings: int
    residents: int
    devices: int
    alarms: int


COUNTS = """
SELECT (SELECT count(*) FROM area WHERE level = 'community'),
       (SELECT count(*) FROM grid WHERE valid_to IS NULL),
       (SELECT count(*) FROM building),
       (SELECT coalesce(sum(residents), 0) FROM building_tally),
       (SELECT count(*) FROM device),
       (SELECT count(*) FROM alarm WHERE closed_at IS NULL)
"""


def counts(connection: psycopg.Connection) -> Counts:
    """Count what is on record within the jurisdiction."""
    return Counts(*connection.execute(COUNTS).fetchone())


# One row, all null when nothing is there: the box of the areas, else that of the buildings
# (a city that was imported without boundaries). ST_EstimatedExtent would be faster, but
# tells extents of rows that the user may not see.
EXTENT = """
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (SELECT coalesce((SELECT ST_Extent(geom) FROM area),
                      (SELECT ST_Extent(footprint) FROM building)) AS box) AS found
"""


def extent(connection: psycopg.Connection) -> Box | None:
    """Return the box of all areas, else of all buildings; None where there is neither."""
    row = connection.execute(EXTENT).fetchone()
    return Box(*row) if row[0] is not None else None
