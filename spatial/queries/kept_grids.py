"""Grids and their keepers: whose a grid is, and in which grids something has waited for a keeper who is there now."""

# A grid's keeper: of several, the one with the lowest code. Rows: one for each row of {row} above it, with `kept.id`
# null where the grid has none, or the place lies in no grid.
KEEPER_OF = """
LEFT JOIN LATERAL (
    SELECT id FROM keeper WHERE keeper.grid_code = {row}.grid_code AND right({row}.grid_code, 3) <> '000'
    ORDER BY code LIMIT 1
) AS kept ON true
"""

# `ready`: grids with rows of {table} of which {waits} is true, and their keeper. A look into the index (grid_code, id)
# for each such grid, however many rows wait in it; {waits} is the index's own condition.
READY = """
WITH RECURSIVE waiting (grid_code) AS (
    (SELECT grid_code FROM {table} WHERE {waits} ORDER BY grid_code LIMIT 1)
    UNION ALL
    SELECT (SELECT {table}.grid_code FROM {table} WHERE {waits} AND {table}.grid_code > waiting.grid_code
            ORDER BY {table}.grid_code LIMIT 1)
    FROM waiting WHERE waiting.grid_code IS NOT NULL
), ready AS MATERIALIZED (
    SELECT waiting.grid_code, kept.id AS keeper_id FROM waiting {keeper} WHERE kept.id IS NOT NULL
)
"""


def ready(table: str, waits: str) -> str:
    """Return the beginning of a statement with the name ``ready``: grids in which somebody waited, and their keeper.

    Args:
        table: whose rows wait, with an index on ``(grid_code, id) WHERE`` the condition.
        waits: SQL of the condition.
    """
    return READY.format(table=table, waits=waits, keeper=KEEPER_OF.format(row="waiting"))
