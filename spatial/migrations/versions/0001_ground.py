"""Ground: sound geometries, the jurisdiction, row security, monthly partitions.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None

# True for a geometry that may be stored: valid, not empty, finite and inside Web Mercator.
# NaN compares greater than every number here, so it fails the upper limits.
SOUND = """
CREATE FUNCTION shapan_sound(geometry) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT NOT ST_IsEmpty($1) AND ST_IsValid($1)
       AND ST_XMin($1) >= -180 AND ST_XMax($1) <= 180
       AND ST_YMin($1) >= -85.05 AND ST_YMax($1) <= 85.05
$$
"""

# A jurisdiction is a set of code ranges, compared byte by byte.
CODE_RANGE = """
CREATE TYPE code_range AS RANGE (
    subtype = text, collation = "C", multirange_type_name = code_multirange
)
"""

# The jurisdiction of this transaction. After a transaction that set it locally a pooled
# connection reads '' and not NULL: both must see nothing.
SCOPE = """
CREATE FUNCTION shapan_scope() RETURNS code_multirange
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        nullif(current_setting('shapan.scope', true), '')::code_multirange, '{}'::code_multirange)
$$
"""

# The one way in which a table gets its row security. The subquery is evaluated once for a
# statement; the key is the grid code, of which every wider code is a prefix.
PROTECT = """
CREATE FUNCTION shapan_protect(target regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY jurisdiction ON %s '
        'USING (grid_code <@ (SELECT shapan_scope())) '
        'WITH CHECK (grid_code <@ (SELECT shapan_scope()))', target);
END
$$
"""

# Makes a partitioned table's partitions: the default one, this month and the months ahead.
# Runs as the owner, so that the jobs may call it. A partition needs its own policy: read
# directly, it ignores its parent's.
PARTITIONS = """
CREATE FUNCTION shapan_month_partitions(parent regclass, ahead int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    month date;
    child text;
    made int := 0;
    protected boolean := (SELECT relrowsecurity FROM pg_class WHERE oid = parent);
BEGIN
    IF to_regclass(format('public.%I', parent || '_default')) IS NULL THEN
        EXECUTE format('CREATE TABLE public.%I PARTITION OF %s DEFAULT', parent || '_default', parent);
        IF protected THEN
            PERFORM public.shapan_protect(format('public.%I', parent || '_default')::regclass);
        END IF;
    END IF;
    FOR step IN 0..ahead LOOP
        month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step);
        child := parent || to_char(month, '"_y"YYYY"m"MM');
        CONTINUE WHEN to_regclass(format('public.%I', child)) IS NOT NULL;
        EXECUTE format(
            'CREATE TABLE public.%I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
            child, parent, month || ' 00:00+00', month + interval '1 month' || '+00');
        IF protected THEN
            PERFORM public.shapan_protect(format('public.%I', child)::regclass);
        END IF;
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$
"""

# Refreshes a table's statistics after a load; without them the first queries are planned
# blindly until autovacuum comes. Runs as the owner, because only an owner may.
ANALYZE = """
CREATE FUNCTION shapan_analyze(target regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    EXECUTE format('ANALYZE %s', target);
END
$$
"""


def upgrade() -> None:
    """Create the functions and types that every table stands on."""
    for statement in (SOUND, CODE_RANGE, SCOPE, PROTECT, PARTITIONS, ANALYZE):
        op.execute(statement)
    op.execute("REVOKE ALL ON FUNCTION shapan_protect(regclass) FROM PUBLIC")
    op.execute("REVOKE ALL ON FUNCTION shapan_month_partitions(regclass, int) FROM PUBLIC")
