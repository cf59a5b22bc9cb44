"""What buildings are coloured by (楼栋指标): floor area, dwellings and vacant ones, rooms entered and rooms declared.

Revision ID: 0030
Revises: 0029
"""

from alembic import op

revision = "0030"
down_revision = "0029"

# Square metres of a degree by a degree on the ellipsoid of CGCS2000, at the latitude of the middle of the footprint's
# box: (pi / 180)^2 * a^2 * (1 - e^2) * cos(lat) / (1 - e^2 * sin(lat)^2)^2. Over the width of a building it agrees with
# ST_Area(footprint::geography) within 0.01 %, and takes 0.3 us for its 9.
FLOOR_AREA = """
ALTER TABLE building ADD COLUMN floor_area_m2 double precision GENERATED ALWAYS AS (
    ST_Area(footprint) * 12309072078.888908 * cosd((ST_YMin(footprint) + ST_YMax(footprint)) / 2)
    / power(1 - 0.0066943800229 * power(sind((ST_YMin(footprint) + ST_YMax(footprint)) / 2), 2), 2)
    * nullif(floors_above, 0)) STORED
"""

# What was declared stands here as it was declared: a total by storeys follows the building's storeys by itself.
COLUMNS = """
ALTER TABLE building_tally
    ADD COLUMN dwellings integer DEFAULT '0' NOT NULL,
    ADD COLUMN vacant integer DEFAULT '0' NOT NULL,
    ADD COLUMN rooms_entered integer DEFAULT '0',
    ADD COLUMN rooms_declared bigint,
    ADD COLUMN rooms_per_floor bigint,
    ADD COLUMN declared_anew_on date,
    ADD CONSTRAINT building_tally_rooms_check CHECK (dwellings BETWEEN 0 AND rooms AND vacant BETWEEN 0 AND dwellings
        AND rooms_entered BETWEEN 0 AND rooms);
CREATE INDEX building_tally_declared_anew_idx ON building_tally (declared_anew_on) WHERE declared_anew_on IS NOT NULL
"""

# Makes the tallies of some buildings, if need be, and holds them until the transaction ends, in the order of their ids.
# What is counted in a later statement then holds all that others have committed, and nobody counts beside it: two
# households that come into one room at once do not both take it from the vacant ones.
HOLD = """
CREATE FUNCTION shapan_hold_tallies(buildings bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
BEGIN
    INSERT INTO building_tally (building_id, area_code, grid_code)
    SELECT id, area_code, grid_code FROM building
    WHERE id = ANY (buildings) AND NOT EXISTS (SELECT FROM building_tally WHERE building_id = building.id)
    ORDER BY id ON CONFLICT (building_id) DO NOTHING;
    PERFORM FROM building_tally WHERE building_id = ANY (buildings) ORDER BY building_id FOR UPDATE;
END
$$;
REVOKE ALL ON FUNCTION shapan_hold_tallies(bigint[]) FROM PUBLIC
"""

# Counts the rooms and households of some buildings. A dwelling is a room for living; a vacant one has no household on
# record. Which fields an entered room has is data; where that names one that rooms do not have, the number is unknown.
# Each building is looked up by itself, whatever the planner believes of the tables (see migration 0022).
COUNT = """
CREATE FUNCTION shapan_count_rooms(buildings bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    entered text;
BEGIN
    PERFORM shapan_hold_tallies(buildings);
    SELECT CASE
        WHEN bool_or(attname IS NULL) THEN 'NULL::int'
        ELSE 'count(*) FILTER (WHERE ' || coalesce(string_agg(
            format('nullif(nullif(room.%I::text, ''''), ''unknown'') IS NOT NULL', field), ' AND '), 'true') || ')'
    END INTO entered
    FROM entry_requirement LEFT JOIN pg_attribute
        ON attrelid = 'public.room'::regclass AND attname = field AND attnum > 0 AND NOT attisdropped
    WHERE kind = 'housing';
    EXECUTE format($count$
        UPDATE building_tally AS tally
        SET rooms = counted.rooms, households = counted.households, dwellings = counted.dwellings,
            vacant = counted.vacant, rooms_entered = counted.entered
        FROM (
            SELECT one.id, of_rooms.*, of_households.*
            FROM unnest($1) AS one (id), LATERAL (
                SELECT count(*) AS rooms, count(*) FILTER (WHERE room.use = 'residential') AS dwellings,
                       count(*) FILTER (WHERE room.use = 'residential' AND NOT EXISTS (
                           SELECT FROM household WHERE household.room_id = room.id)) AS vacant, %s AS entered
                FROM room WHERE room.building_id = one.id
            ) AS of_rooms, LATERAL (
                SELECT count(*) AS households FROM household WHERE household.building_id = one.id
            ) AS of_households
        ) AS counted
        WHERE tally.building_id = counted.id
          AND (tally.rooms, tally.households, tally.dwellings, tally.vacant, tally.rooms_entered) IS DISTINCT FROM
              (counted.rooms, counted.households, counted.dwellings, counted.vacant, counted.entered)
    $count$, entered) USING buildings;
END
$$;
REVOKE ALL ON FUNCTION shapan_count_rooms(bigint[]) FROM PUBLIC
"""

# After each statement on rooms or households: counts the buildings anew that it concerns. What only moved with its
# building to another grid changes nothing. Columns of a room are all that a requirement may name and people may change.
FOLLOW = """
CREATE FUNCTION shapan_rooms_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        touched := ARRAY(SELECT DISTINCT building_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        touched := ARRAY(SELECT DISTINCT building_id FROM old_rows);
    ELSIF TG_TABLE_NAME = 'household' THEN
        touched := ARRAY(SELECT DISTINCT building_id FROM (
            (SELECT id, building_id, room_id FROM new_rows EXCEPT SELECT id, building_id, room_id FROM old_rows)
            UNION ALL
            (SELECT id, building_id, room_id FROM old_rows EXCEPT SELECT id, building_id, room_id FROM new_rows)
        ) AS one);
    ELSE
        touched := ARRAY(SELECT DISTINCT building_id FROM (
            (SELECT id, building_id, unit_id, floor, number, use, tenure, area_m2, surveyed_at FROM new_rows
             EXCEPT SELECT id, building_id, unit_id, floor, number, use, tenure, area_m2, surveyed_at FROM old_rows)
            UNION ALL
            (SELECT id, building_id, unit_id, floor, number, use, tenure, area_m2, surveyed_at FROM old_rows
             EXCEPT SELECT id, building_id, unit_id, floor, number, use, tenure, area_m2, surveyed_at FROM new_rows)
        ) AS one);
    END IF;
    IF cardinality(touched) > 0 THEN
        PERFORM shapan_count_rooms(touched);
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION shapan_rooms_changed() FROM PUBLIC
"""

# In place of the triggers of migration 0002, which added and took away.
TRIGGERS = """
DROP TRIGGER {table}_tally_insert ON {table};
DROP TRIGGER {table}_tally_update ON {table};
DROP TRIGGER {table}_tally_delete ON {table};
CREATE TRIGGER {table}_tally_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_rooms_changed();
CREATE TRIGGER {table}_tally_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_rooms_changed();
CREATE TRIGGER {table}_tally_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_rooms_changed()
"""

# Other requirements: all buildings are counted anew. Whoever changes rooms meanwhile waits before counting.
REQUIREMENTS = """
CREATE FUNCTION shapan_rooms_required() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    LOCK TABLE building_tally IN SHARE ROW EXCLUSIVE MODE;
    PERFORM shapan_count_rooms(ARRAY(SELECT building_id FROM building_tally));
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION shapan_rooms_required() FROM PUBLIC;
CREATE TRIGGER rooms_required AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON entry_requirement
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_rooms_required()
"""

# How many rooms there should be, by the latest declaration that is of today or before, and the day on which the next
# one takes its place: the job looks for these. A million million rooms are more than anybody declares, and bound sums.
DECLARED = """
CREATE FUNCTION shapan_count_declared(buildings bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
BEGIN
    PERFORM shapan_hold_tallies(buildings);
    UPDATE building_tally AS tally
    SET rooms_declared = CASE latest.basis WHEN 'total' THEN least(latest.value, 1000000000000) END,
        rooms_per_floor = CASE latest.basis WHEN 'rooms_per_floor' THEN least(latest.value, 1000000000000) END,
        declared_anew_on = next.day
    FROM unnest(buildings) AS one (id)
    LEFT JOIN LATERAL (
        SELECT basis, value FROM expected WHERE building_id = one.id AND kind = 'housing' AND as_of <= current_date
        ORDER BY as_of DESC, expected.id DESC LIMIT 1
    ) AS latest ON true
    LEFT JOIN LATERAL (
        SELECT min(as_of) AS day FROM expected
        WHERE building_id = one.id AND kind = 'housing' AND as_of > current_date
    ) AS next ON true
    WHERE tally.building_id = one.id;
END
$$;
REVOKE ALL ON FUNCTION shapan_count_declared(bigint[]) FROM PUBLIC;
CREATE FUNCTION shapan_rooms_declared() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    touched bigint[];
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN touched := ARRAY(
            SELECT DISTINCT building_id FROM new_rows WHERE kind = 'housing' AND building_id IS NOT NULL);
        WHEN 'DELETE' THEN touched := ARRAY(
            SELECT DISTINCT building_id FROM old_rows WHERE kind = 'housing' AND building_id IS NOT NULL);
        ELSE touched := ARRAY(SELECT DISTINCT building_id FROM (
            (SELECT id, kind, building_id, basis, value, as_of FROM new_rows
             EXCEPT SELECT id, kind, building_id, basis, value, as_of FROM old_rows)
            UNION ALL
            (SELECT id, kind, building_id, basis, value, as_of FROM old_rows
             EXCEPT SELECT id, kind, building_id, basis, value, as_of FROM new_rows)
        ) AS one WHERE kind = 'housing' AND building_id IS NOT NULL);
    END CASE;
    IF cardinality(touched) > 0 THEN
        PERFORM shapan_count_declared(touched);
    END IF;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION shapan_rooms_declared() FROM PUBLIC;
CREATE TRIGGER expected_tally_insert AFTER INSERT ON expected REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_rooms_declared();
CREATE TRIGGER expected_tally_update AFTER UPDATE ON expected REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_rooms_declared();
CREATE TRIGGER expected_tally_delete AFTER DELETE ON expected REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION shapan_rooms_declared()
"""

# As in migration 0022, but of all that a tile shows of a tally. One that was only made, and counts nothing yet, is as
# good as none.
SHOWN = "residents, dwellings, vacant, rooms_entered, rooms_declared, rooms_per_floor"
TALLY_TELLS = f"""
CREATE OR REPLACE FUNCTION shapan_tiles_building_tally() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE spans bigint[];
BEGIN
    CASE TG_OP
        WHEN 'INSERT' THEN spans := ARRAY(
            SELECT DISTINCT b.span FROM new_rows AS n CROSS JOIN LATERAL (
                SELECT shapan_span(geom_web) AS span FROM building WHERE id = n.building_id OFFSET 0) AS b
            WHERE (n.residents, n.rooms) <> (0, 0) OR n.rooms_declared IS NOT NULL OR n.rooms_per_floor IS NOT NULL);
        WHEN 'DELETE' THEN spans := ARRAY(
            SELECT DISTINCT b.span FROM old_rows AS o CROSS JOIN LATERAL (
                SELECT shapan_span(geom_web) AS span FROM building WHERE id = o.building_id OFFSET 0) AS b
            WHERE (o.residents, o.rooms) <> (0, 0) OR o.rooms_declared IS NOT NULL OR o.rooms_per_floor IS NOT NULL);
        WHEN 'TRUNCATE' THEN spans := ARRAY[(16383::bigint << 14) | 16383];
        -- EXCEPT and no join of old and new: a session keeps the plan of its first update, which may be of one row.
        ELSE spans := ARRAY(
            SELECT DISTINCT b.span
            FROM (SELECT building_id, {SHOWN} FROM new_rows EXCEPT SELECT building_id, {SHOWN} FROM old_rows) AS n
            CROSS JOIN LATERAL (
                SELECT shapan_span(geom_web) AS span FROM building WHERE id = n.building_id OFFSET 0) AS b);
    END CASE;
    PERFORM shapan_tell_tiles('buildings', 13, 22, spans);
    RETURN NULL;
END
$$
"""

# What is on record already. Nobody else has a connection now who would change it.
FILL = """
SELECT shapan_count_rooms(ARRAY(SELECT DISTINCT building_id FROM room UNION SELECT building_id FROM building_tally)),
       shapan_count_declared(ARRAY(
           SELECT DISTINCT building_id FROM expected WHERE kind = 'housing' AND building_id IS NOT NULL))
"""

# Sums by cell: of residents per floor area only buildings with known storeys, of the entry rate only those with a
# denominator. The job sums all buildings anew and tells the tiles.
CELLS = """
TRUNCATE building_cell;
ALTER TABLE building_cell
    ADD COLUMN floor_area_m2 double precision NOT NULL,
    ADD COLUMN residents_by_area integer NOT NULL,
    ADD COLUMN dwellings integer NOT NULL,
    ADD COLUMN vacant integer NOT NULL,
    ADD COLUMN rooms_entered integer NOT NULL,
    ADD COLUMN rooms_expected double precision NOT NULL;
DELETE FROM cell_sum WHERE layer = 'buildings'
"""


def upgrade() -> None:
    """Add the columns and what keeps them, then count what is on record and have the cells summed anew."""
    for statement in (FLOOR_AREA, COLUMNS, HOLD, COUNT, FOLLOW, REQUIREMENTS, DECLARED, TALLY_TELLS):
        op.execute(statement)
    for table in ("room", "household"):
        op.execute(TRIGGERS.format(table=table))
    op.execute("SELECT shapan_tells_tiles('building', 'buildings', 13, "
               "'{address,base_given_m,ground_m,floors_below,built_year}')")
    op.execute(FILL)
    op.execute(CELLS)
