"""Imports: staging tables that outlive a killed run, and indexes built after the first load.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"

# Was STRICT, and PostgreSQL calls a strict function for each row instead of writing its expression
# into the rule. Every part of it gives NULL for NULL all the same.
SOUND = """
CREATE OR REPLACE FUNCTION shapan_sound(geometry) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT NOT ST_IsEmpty($1) AND ST_IsValid($1)
       AND ST_XMin($1) >= -180 AND ST_XMax($1) <= 180
       AND ST_YMin($1) >= -85.05 AND ST_YMax($1) <= 85.05
$$
"""

# What is needed to go on with a run: options, mapping and path, sealed because a person may have
# typed a resident's name into a mapping.
REQUEST = "ALTER TABLE import_run ADD COLUMN request_sealed bytea"

# Rows on their way, one pair of tables for each run. Only roles that import may enter; which those
# are is said in spatial/roles.py.
SCHEMA = "CREATE SCHEMA staging"

# Makes the tables of one run. They are the owner's, because the worker owns nothing, and unlogged:
# a crash of the server empties them, and the run begins again at its first row. A column's name
# gets a prefix, because whatever is called grid_code must have row security.
STAGE = """
CREATE FUNCTION shapan_stage(run bigint, names text[], kinds text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT has_schema_privilege(session_user, 'staging', 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only imports stage rows';
    END IF;
    IF NOT kinds <@ ARRAY['int8', 'text', 'bytea', 'float8', 'timestamptz', 'date', 'text[]', 'geometry'] THEN
        RAISE invalid_parameter_value USING MESSAGE = 'no type of a staged column';
    END IF;
    EXECUTE format('CREATE UNLOGGED TABLE staging.%I (%s)', 'run_' || run,
                   (SELECT string_agg(format('%I %s', 'in_' || name, kind), ', ' ORDER BY position)
                    FROM unnest(names, kinds) WITH ORDINALITY AS one (name, kind, position)));
    EXECUTE format('CREATE UNLOGGED TABLE staging.%I (row_number int8, field text, reason text, message text)',
                   'faults_' || run);
END
$$
"""

UNSTAGE = """
CREATE FUNCTION shapan_unstage(run bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT has_schema_privilege(session_user, 'staging', 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only imports stage rows';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS staging.%I, staging.%I', 'run_' || run, 'faults_' || run);
END
$$
"""

# How to build again what shapan_indexes_off dropped, within one transaction. Nobody but the owner
# may write here, or its functions would run whatever is written.
PUT_ASIDE = """
CREATE TABLE staging.index_put_aside (target regclass NOT NULL, position int NOT NULL, statement text NOT NULL);
DO $$
DECLARE grantee regrole;
BEGIN
    FOR grantee IN SELECT DISTINCT a.grantee FROM pg_class c, aclexplode(c.relacl) a
                   WHERE c.oid = 'staging.index_put_aside'::regclass AND a.grantee <> c.relowner LOOP
        EXECUTE format('REVOKE ALL ON staging.index_put_aside FROM %s', grantee);
    END LOOP;
END
$$
"""

# A transaction that dropped indexes cannot commit without them.
STILL_ASIDE = """
CREATE FUNCTION shapan_still_aside() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (SELECT FROM staging.index_put_aside WHERE target = NEW.target) THEN
        RAISE 'indexes of % were not built again', NEW.target;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER index_put_aside_built AFTER INSERT ON staging.index_put_aside
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shapan_still_aside()
"""

# Drops the indexes of an empty table before its first load and says whether it did. The primary
# key stays, and so does what a foreign key of another table stands on: both grow at their end
# while rows are added. Nobody reads the table until the transaction ends.
INDEXES_OFF = """
CREATE FUNCTION shapan_indexes_off(target regclass) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    one record;
    filled boolean;
BEGIN
    IF NOT has_schema_privilege(session_user, 'staging', 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only imports load tables';
    END IF;
    IF target <> ALL (ARRAY['building', 'road', 'water', 'green', 'place', 'facility', 'device']::regclass[]) THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO filled;
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

INDEXES_ON = """
CREATE FUNCTION shapan_indexes_on(target regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public SET maintenance_work_mem = '256MB' AS $$
DECLARE statement text;
BEGIN
    FOR statement IN SELECT a.statement FROM staging.index_put_aside AS a
                     WHERE a.target = shapan_indexes_on.target ORDER BY position LOOP
        EXECUTE statement;
    END LOOP;
    DELETE FROM staging.index_put_aside AS a WHERE a.target = shapan_indexes_on.target;
END
$$
"""


def upgrade() -> None:
    """Create the schema, the column and the functions."""
    for statement in (SOUND, REQUEST, SCHEMA, STAGE, UNSTAGE, PUT_ASIDE, STILL_ASIDE, INDEXES_OFF, INDEXES_ON):
        op.execute(statement)
