"""Bulk loads: search entries too are indexed afterwards, and nobody waits long for the table.

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


def upgrade() -> None:
    """Replace the one function and bind the other."""
    op.execute("DROP FUNCTION shapan_indexes_off(regclass)")
    op.execute(INDEXES_OFF)
    op.execute(LESS_MEMORY)
