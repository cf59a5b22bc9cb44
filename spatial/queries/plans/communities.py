"""Communities to be planned (社区), and the plans of each."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

# Rows: communities that lie wholly inside the jurisdiction, by code. Fields: their grids and households, the plan that
# is on its way.
_COMMUNITIES = """
SELECT a.code, a.name, a.name_en,
       ARRAY[ST_XMin(a.geom), ST_YMin(a.geom), ST_XMax(a.geom), ST_YMax(a.geom)] AS bounds,
       (SELECT count(*)::int FROM grid WHERE area_code = a.code AND valid_to IS NULL) AS grids,
       (SELECT coalesce(sum(households), 0)::int FROM rollup WHERE area_code = a.code) AS households,
       p.id AS plan, p.state, p.title, p.changed_by, p.changed_at,
       CASE WHEN p.lease_until > now() THEN p.lease_by END AS lease_by
FROM area AS a
LEFT JOIN grid_plan AS p ON p.area_code = a.code AND p.state IN ('draft', 'submitted', 'approved', 'scheduled')
WHERE a.level = 'community' AND code_range(a.code, a.code || ':') <@ (SELECT shapan_scope())
ORDER BY a.code
"""
# Rows: plans, the newest first. Parameters: community or null, how many.
_PLANS = """
SELECT p.id, p.area_code AS community, p.title, p.state, p.revision, p.origin, p.created_by, p.created_at,
       p.changed_by, p.changed_at, p.published_by, p.published_at,
       (SELECT count(*)::int FROM plan_face AS f WHERE f.plan_id = p.id) AS faces
FROM grid_plan AS p WHERE %(community)s::text IS NULL OR p.area_code = %(community)s
ORDER BY p.id DESC LIMIT %(most)s
"""
# Rows: imported plans that reach into a community: source, grids, since when. Parameter: community.
_FILES = """
SELECT p.source, count(*)::int AS grids FROM planned_grid AS p JOIN area AS a ON a.code = %s
WHERE p.geom_web && a.geom_web AND ST_Intersects(a.geom, ST_PointOnSurface(p.geom)) GROUP BY 1 ORDER BY 1
"""

MOST = 500


def communities(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """Return the communities that can be planned within the jurisdiction, by code; ``bounds`` in degrees."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_COMMUNITIES).fetchall()


def plans(connection: psycopg.Connection, community: str | None = None) -> list[dict[str, Any]]:
    """Return plans, the newest first, of one community or of all, ``MOST`` at most."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_PLANS, {"community": community, "most": MOST}).fetchall()


def files(connection: psycopg.Connection, community: str) -> list[dict[str, Any]]:
    """Return imported plans of which grids lie in a community: name of the source, how many."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_FILES, (community,)).fetchall()
