"""Bulk loads and moves: search entries are indexed afterwards, found by their key, and nobody waits long for a table.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"

# As in migration 0006, with two differences. A table may hold up to `kept` rows: to index those again
# is less work than to add many more one by one. And a table that somebody works with for more than two
# seconds is left as it is, because everybody else would wait behind this for as long.
INDEXES_OFF = """
CREATE FUNCTION shapan_indexes_off(target regclass, kept bigint DEFAULT 0) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    one record;
    filled boolean;
BEGIN
    IF NOT has_schema_privilege(session_user, 'staging', 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only imports load tables';
    END IF;
    IF target <> ALL (ARRAY['building', 'road', 'water', 'green', 'place', 'facility', 'device',
                            'search_entry']::regclass[]) THEN
        RETURN false;
    END IF;
    BEGIN
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target);
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        RETURN false;
    END;
    EXECUTE format('SELECT count(*) > $1 FROM (SELECT FROM %s LIMIT $1 + 1) AS counted', target) USING kept INTO filled;
    IF filled THEN
        RETURN false;
    END IF;
    FOR one IN
        SELECT i.indexrelid::regclass AS name, c.conname,
               CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
                    ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', target, c.conname,
                                pg_get_constraintdef(c.oid)) END AS statement,
               row_number() OVER (ORDER BY i.indexrelid) AS position
        FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = target
        WHERE i.indrelid = target AND NOT i.indisprimary
          AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = i.indexrelid)
    LOOP
        INSERT INTO staging.index_put_aside VALUES (target, one.position, one.statement);
        IF one.conname IS NULL THEN
            EXECUTE format('DROP INDEX %s', one.name);
        ELSE
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', target, one.conname);
        END IF;
    END LOOP;
    RETURN true;
END
$$
"""

# Half of what it was: keys of a million rows fit, and an import keeps to its memory.
LESS_MEMORY = "ALTER FUNCTION shapan_indexes_on(regclass) SET maintenance_work_mem = '128MB'"

# As in migration 0008, but for the variable: TG_TABLE_NAME is of type name, whose collation is C even when it is
# cast, and the key of the entries has another one. So each object that moved had all entries read: 22 ms with 10^6.
FORGET = """
CREATE OR REPLACE FUNCTION shapan_search_forget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE gone text := TG_TABLE_NAME;
BEGIN
    DELETE FROM public.search_entry USING old_rows WHERE kind = gone AND object_id = old_rows.id;
    RETURN NULL;
END
$$
"""
MOVE = """
CREATE OR REPLACE FUNCTION shapan_search_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE moved text := TG_TABLE_NAME;
BEGIN
    UPDATE public.search_entry SET area_code = NEW.area_code, grid_code = NEW.grid_code
    WHERE kind = moved AND object_id = NEW.id;
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    """Replace the functions and bind the one that builds indexes."""
    op.execute("DROP FUNCTION shapan_indexes_off(regclass)")
    op.execute(INDEXES_OFF)
    op.execute(LESS_MEMORY)
    op.execute(FORGET)
    op.execute(MOVE)
