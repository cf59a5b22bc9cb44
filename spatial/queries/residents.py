"""Residents: counts only. Who they are is opened one by one, with a reason (a later page)."""

from dataclasses import dataclass

import psycopg


@dataclass(frozen=True)
class ResidentCounts:
    """Residents of one building by registration and care category; categories without any are absent."""

    registration: dict[str, int]
    care: dict[str, int]


# Rows: (kind, word, count) of both groupings. Parameters: building id, twice.
OF_BUILDING = """
SELECT 'registration', registration, count(*) FROM resident WHERE building_id = %s GROUP BY registration
UNION ALL
SELECT 'care', category, count(*) FROM resident, unnest(care) AS category
WHERE building_id = %s GROUP BY category
ORDER BY 1, 2
"""


def of_building(connection: psycopg.Connection, building_id: int) -> ResidentCounts:
    """Count a building's residents by registration kind and by care category."""
    counts: dict[str, dict[str, int]] = {"registration": {}, "care": {}}
    for kind, word, count in connection.execute(OF_BUILDING, (building_id, building_id)):
        counts[kind][word] = count
    return ResidentCounts(**counts)
