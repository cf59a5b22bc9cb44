"""What tallies tell of tiles is found building by building, whatever the planner believes of the table.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"

# As in migration 0013, but each building is looked up by its key. Where statistics knew pages of buildings and no rows
# in them, every row of the tally had the whole table read, and a session kept that plan. No other path is left here:
# a table read whole for one resident would be as bad.
TALLY_TELLS = """
CREATE OR REPLACE FUNCTION shapan_tiles_building_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE spans bigint[];
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN spans := ARRAY(
            SELECT DISTINCT b.span FROM new_rows AS n CROSS JOIN LATERAL (
                SELECT shapan_span(geom_web) AS span FROM building WHERE id = n.building_id OFFSET 0) AS b
            WHERE n.residents <> 0);
        WHEN 'DELETE' THEN spans := ARRAY(
            SELECT DISTINCT b.span FROM old_rows AS o CROSS JOIN LATERAL (
                SELECT shapan_span(geom_web) AS span FROM building WHERE id = o.building_id OFFSET 0) AS b
            WHERE o.residents <> 0);
        WHEN 'TRUNCATE' THEN spans := ARRAY[(16383::bigint << 14) | 16383];
        -- EXCEPT and no join of old and new: a session keeps the plan of its first update, which may be of one row.
        ELSE spans := ARRAY(
            SELECT DISTINCT b.span
            FROM (SELECT building_id, residents FROM new_rows EXCEPT SELECT building_id, residents FROM old_rows) AS n
            CROSS JOIN LATERAL (
                SELECT shapan_span(geom_web) AS span FROM building WHERE id = n.building_id OFFSET 0) AS b);
    END CASE;
    PERFORM shapan_tell_tiles('buildings', 13, 22, spans);
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    """Replace the function; triggers keep calling it by its name."""
    op.execute(TALLY_TELLS)
