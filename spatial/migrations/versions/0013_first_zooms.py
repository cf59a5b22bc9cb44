"""Changes of rows tell from the first zoom whose tiles show the rows, and tallies tell when they go as well.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"

# Table, its layer, the first zoom whose tiles show its rows, columns that no tile shows. Buildings and events are as
# migration 0012 left them: theirs began where their rows do, and of the sums above the job tells.
DRAWN = (
    ("area", "areas", 6, ()),
    ("grid", "grids", 11, ()),
    ("road", "roads", 9, ()),
    ("water", "water", 8, ()),
    ("green", "green", 10, ()),
    ("place", "places", 10, ()),
    ("unit", "units", 16, ()),
    ("organisation", "organisations", 15, ()),
    ("facility", "facilities", 15, ("department",)),
    ("device", "devices", 15, ("last_seen", "expected_interval_s", "stream_url", "unit_id", "room_id")),
)

# Tiles of these zooms are empty, whatever the rows are.
FORGET = "DELETE FROM tile_version WHERE layer = '{layer}' AND NOT whole AND z < {minzoom}"

# Residents of a building are in its tile. A tally that goes with its building finds no building here any more, and the
# building tells of itself.
TALLY_TELLS = """
CREATE OR REPLACE FUNCTION shapan_tiles_building_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE spans bigint[];
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN spans := ARRAY(
            SELECT DISTINCT shapan_span(b.geom_web) FROM new_rows AS n JOIN building AS b ON b.id = n.building_id
            WHERE n.residents <> 0);
        WHEN 'DELETE' THEN spans := ARRAY(
            SELECT DISTINCT shapan_span(b.geom_web) FROM old_rows AS o JOIN building AS b ON b.id = o.building_id
            WHERE o.residents <> 0);
        WHEN 'TRUNCATE' THEN spans := ARRAY[(16383::bigint << 14) | 16383];
        -- EXCEPT and no join of old and new: a session keeps the plan of its first update, which may be of one row.
        ELSE spans := ARRAY(
            SELECT DISTINCT shapan_span(b.geom_web)
            FROM (SELECT building_id, residents FROM new_rows EXCEPT SELECT building_id, residents FROM old_rows) AS n
            JOIN building AS b ON b.id = n.building_id);
    END CASE;
    PERFORM shapan_tell_tiles('buildings', 13, 22, spans);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER tiles_delete AFTER DELETE ON building_tally REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_tiles_building_tally();
CREATE OR REPLACE TRIGGER tiles_truncate AFTER TRUNCATE ON building_tally
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_tiles_building_tally()
"""


def upgrade() -> None:
    """Have the tables tell from their layers' first zooms, and forget the versions of tiles that show none of them."""
    op.execute(TALLY_TELLS)
    for table, layer, minzoom, quiet in DRAWN:
        op.execute(f"SELECT shapan_tells_tiles('{table}', '{layer}', {minzoom}, '{{{','.join(quiet)}}}')")
        op.execute(FORGET.format(layer=layer, minzoom=minzoom))
