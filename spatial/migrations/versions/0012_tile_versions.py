"""What changed where: triggers that name the touched cells, versions of tiles, sums by cell.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

from spatial.protection import protect

revision = "0012"
down_revision = "0011"

TILE_VERSION = """
CREATE TABLE tile_version (
    layer text COLLATE "C" NOT NULL,
    z smallint NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    whole boolean NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT tile_version_pkey PRIMARY KEY (layer, z, x, y, whole),
    CONSTRAINT tile_version_cell_check CHECK (z BETWEEN 0 AND 14 AND x >= 0 AND x < 1 << z AND y >= 0 AND y < 1 << z)
)
"""

CELL_SUM = """
CREATE TABLE cell_sum (
    layer text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    CONSTRAINT cell_sum_pkey PRIMARY KEY (layer)
)
"""

BUILDING_CELL = """
CREATE TABLE building_cell (
    z smallint NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    buildings integer NOT NULL,
    residents integer NOT NULL,
    height_sum_m double precision NOT NULL,
    floors_sum integer NOT NULL,
    CONSTRAINT building_cell_pkey PRIMARY KEY (z, x, y, grid_code)
)
"""

EVENT_CELL = """
CREATE TABLE event_cell (
    z smallint NOT NULL,
    x integer NOT NULL,
    y integer NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    events integer NOT NULL,
    open integer NOT NULL,
    CONSTRAINT event_cell_pkey PRIMARY KEY (z, x, y, grid_code)
)
"""

# Entrances are drawn as well.
UNIT = """
ALTER TABLE unit ADD COLUMN geom_web geometry(Point,3857)
    GENERATED ALWAYS AS (ST_Transform(ST_SetSRID(entrance, 4326), 3857)) STORED;
CREATE INDEX unit_geom_web_idx ON unit USING gist (geom_web)
"""

# The cells of zoom 14 that a geometry's box overlaps when it is enlarged by the reach of features into a neighbouring
# tile, 1/16 of a cell (spatial/cells.py), as one number: 14 bits each for west, north, east and south. A cell is
# 2 × 20037508.342789244 / 2^14 metres wide. Not STRICT, or it would not be inlined and take six times as long.
SPAN = """
CREATE FUNCTION shapan_span(geometry) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN $1 IS NOT NULL THEN
        (greatest(0, least(16383,
            floor((20037508.342789244 + ST_XMin($1)) / 2445.98490512564 - 0.0625)))::bigint << 42)
      | (greatest(0, least(16383,
            floor((20037508.342789244 - ST_YMax($1)) / 2445.98490512564 - 0.0625)))::bigint << 28)
      | (greatest(0, least(16383,
            floor((20037508.342789244 + ST_XMax($1)) / 2445.98490512564 + 0.0625)))::bigint << 14)
      | greatest(0, least(16383,
            floor((20037508.342789244 - ST_YMin($1)) / 2445.98490512564 + 0.0625)))::bigint END
$$
"""

# Appends that a layer's tiles changed in the cells of some spans: one row of the outbox. Where there would be more
# than 1,024 cells, coarser ones are named. Runs as the owner, because the row belongs to no jurisdiction.
TELL = """
CREATE FUNCTION shapan_tell_tiles(layer text, minzoom int, maxzoom int, spans bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    cells jsonb;
    n bigint;
    up int := 0;
BEGIN
    -- A unit without an entrance has no place.
    spans := array_remove(spans, NULL);
    IF cardinality(spans) = 0 THEN
        RETURN;
    END IF;
    LOOP
        SELECT sum(((((s >> 14) & 16383) >> up) - ((s >> 42) >> up) + 1)
                 * (((s & 16383) >> up) - (((s >> 28) & 16383) >> up) + 1)) INTO n FROM unnest(spans) AS s;
        IF n <= 65536 OR up = 14 THEN
            SELECT jsonb_agg(jsonb_build_array(x, y) ORDER BY x, y), count(*) INTO cells, n FROM (
                SELECT DISTINCT x, y FROM unnest(spans) AS s,
                    generate_series((s >> 42) >> up, ((s >> 14) & 16383) >> up) AS x,
                    generate_series(((s >> 28) & 16383) >> up, (s & 16383) >> up) AS y) AS cell;
            EXIT WHEN n <= 1024;
        END IF;
        up := up + 1;
    END LOOP;
    INSERT INTO public.outbox (kind, object, area_code, grid_code, payload)
    VALUES ('tiles', layer, '000000000000', '000000000000000', jsonb_build_object(
        'layer', layer, 'minzoom', minzoom, 'maxzoom', maxzoom, 'z', 14 - up, 'cells', cells));
END
$$
"""

# Has a drawn table tell which cells each statement touches: where its rows were and where they are. Columns that no
# tile shows are named as quiet. To be called again when the table gets another column. A session keeps the plan of its
# first update, which may be of one row: without nested loops it is right for a million as well (and where one cannot
# be helped, its price would have it compiled).
TELLS = """
CREATE FUNCTION shapan_tells_tiles(target regclass, layer text, minzoom int, quiet text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    told text := 'shapan_tiles_' || target;
    compared text := (
        SELECT string_agg(format('%%1$s.%I', attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attname <> ALL (
            quiet || '{id,source,source_key,content_hash,geom,footprint,entrance}'::text[]));
BEGIN
    EXECUTE format($made$
        CREATE OR REPLACE FUNCTION public.%1$I() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        SET enable_nestloop = off SET jit = off AS $body$
        DECLARE spans bigint[];
        BEGIN
            CASE TG_OP
                WHEN 'INSERT' THEN spans := ARRAY(SELECT DISTINCT shapan_span(geom_web) FROM new_rows);
                WHEN 'DELETE' THEN spans := ARRAY(SELECT DISTINCT shapan_span(geom_web) FROM old_rows);
                WHEN 'TRUNCATE' THEN spans := ARRAY[(16383::bigint << 14) | 16383];
                ELSE spans := ARRAY(
                    SELECT DISTINCT unnest(ARRAY[shapan_span(o.geom_web), shapan_span(n.geom_web)])
                    FROM old_rows AS o JOIN new_rows AS n USING (id)
                    WHERE ROW(%2$s) IS DISTINCT FROM ROW(%3$s));
            END CASE;
            PERFORM shapan_tell_tiles(%4$L, %5$s, 22, spans);
            RETURN NULL;
        END
        $body$
    $made$, told, format(compared, 'o'), format(compared, 'n'), layer, minzoom);
    EXECUTE format('REVOKE ALL ON FUNCTION public.%I() FROM PUBLIC', told);
    EXECUTE format('CREATE OR REPLACE TRIGGER tiles_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', target, told);
    EXECUTE format('CREATE OR REPLACE TRIGGER tiles_update AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows '
                   'NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', target, told);
    EXECUTE format('CREATE OR REPLACE TRIGGER tiles_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', target, told);
    EXECUTE format('CREATE OR REPLACE TRIGGER tiles_truncate AFTER TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION public.%I()', target, told);
END
$$
"""

# Residents of a building are in its tile. A tally that goes, goes with its building, which tells of itself.
TALLY_TELLS = """
CREATE FUNCTION shapan_tiles_building_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE spans bigint[];
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN spans := ARRAY(
            SELECT DISTINCT shapan_span(b.geom_web) FROM new_rows AS n JOIN building AS b ON b.id = n.building_id
            WHERE n.residents <> 0);
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
REVOKE ALL ON FUNCTION shapan_tiles_building_tally() FROM PUBLIC;
CREATE TRIGGER tiles_insert AFTER INSERT ON building_tally REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_tiles_building_tally();
CREATE TRIGGER tiles_update AFTER UPDATE ON building_tally REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_tiles_building_tally()
"""

# As in migration 0011, but with the entry's column named as such: devices and grids have a column of that name as
# well, so that none of them could be deleted.
FORGET = """
CREATE OR REPLACE FUNCTION shapan_search_forget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE gone text := TG_TABLE_NAME;
BEGIN
    DELETE FROM public.search_entry AS entry USING old_rows
    WHERE entry.kind = gone AND entry.object_id = old_rows.id;
    RETURN NULL;
END
$$
"""

# Table, its layer, the zoom from which its tiles show the rows themselves, columns that no tile shows.
DRAWN = (
    ("area", "areas", 0, ()),
    ("grid", "grids", 0, ()),
    ("road", "roads", 0, ()),
    ("water", "water", 0, ()),
    ("green", "green", 0, ()),
    ("place", "places", 0, ()),
    ("building", "buildings", 13, ("address", "base_given_m", "ground_m", "floors_below", "built_year")),
    ("unit", "units", 0, ()),
    ("organisation", "organisations", 0, ()),
    ("facility", "facilities", 0, ("department",)),
    ("device", "devices", 0, ("last_seen", "expected_interval_s", "stream_url", "unit_id", "room_id")),
    ("event", "events", 14, ("title", "place", "received_at")),
)


def upgrade() -> None:
    """Create the tables, then have each drawn table tell of its changes; sums are filled by the job."""
    for statement in (TILE_VERSION, CELL_SUM, BUILDING_CELL, EVENT_CELL, UNIT, SPAN, TELL, TELLS, FORGET):
        op.execute(statement)
    protect("building_cell", "event_cell")
    for table, layer, minzoom, quiet in DRAWN:
        op.execute(f"SELECT shapan_tells_tiles('{table}', '{layer}', {minzoom}, '{{{','.join(quiet)}}}')")
    op.execute(TALLY_TELLS)
    op.execute("REVOKE ALL ON FUNCTION shapan_tell_tiles(text, int, int, bigint[]), "
               "shapan_tells_tiles(regclass, text, int, text[]) FROM PUBLIC")
