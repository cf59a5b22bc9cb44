"""The audit log: rows are added, chained by hash, and never changed.

Revision ID: 0031
Revises: 0030
"""

from alembic import op

from spatial.protection import protect

revision = "0031"
down_revision = "0030"

AUDIT = """
CREATE TABLE audit (
    id BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    account TEXT NOT NULL,
    roles TEXT[] NOT NULL,
    address INET,
    resident_id BIGINT NOT NULL,
    fields TEXT[] NOT NULL,
    reason TEXT,
    words TEXT,
    alarm_id BIGINT,
    event_id BIGINT,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    grid_code TEXT COLLATE "C" NOT NULL,
    CONSTRAINT audit_pkey PRIMARY KEY (id, at),
    CONSTRAINT audit_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
                                        left(grid_code, 12) = area_code),
    CONSTRAINT audit_action_check CHECK (action IN ('reveal')),
    CONSTRAINT audit_outcome_check CHECK (outcome IN ('done', 'not_permitted', 'too_many', 'not_found', 'not_concerned',
                                                      'names_person', 'no_key')),
    CONSTRAINT audit_reason_check CHECK (reason IN ('alarm', 'event', 'emergency', 'visit', 'case', 'verify', 'other')),
    CONSTRAINT audit_fields_check CHECK (fields <@ ARRAY['name', 'phone', 'id_number']::text[]),
    CONSTRAINT audit_words_check CHECK (length(words) <= 200)
) PARTITION BY RANGE (at);
CREATE INDEX audit_account_at_idx ON audit (account, at);
CREATE TABLE audit_head (
    singleton BOOLEAN DEFAULT true NOT NULL,
    id BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT audit_head_pkey PRIMARY KEY (singleton),
    CONSTRAINT audit_head_singleton_check CHECK (singleton)
);
INSERT INTO audit_head (id, hash) VALUES (0, '');
"""

# The link of a row: SHA-256 over the one before and all its values. As JSON, because the row of a partition is of
# another type than the table's; in UTC, because that text must be the same whoever asks.
LINK = """
CREATE FUNCTION shapan_audit_link(previous bytea, one jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT sha256(previous || convert_to((one - 'previous' - 'hash')::text, 'UTF8'))
$$
"""

# Gives a row its number and its link. Runs as the owner, who alone may write the end of the chain; its lock has all
# writers take turns, of whom there are few.
CHAIN = """
CREATE FUNCTION shapan_audit_chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    SELECT id + 1, hash INTO STRICT NEW.id, NEW.previous FROM public.audit_head FOR UPDATE;
    NEW.at := now();
    NEW.hash := public.shapan_audit_link(NEW.previous, to_jsonb(NEW));
    UPDATE public.audit_head SET id = NEW.id, hash = NEW.hash;
    RETURN NEW;
END
$$;
CREATE TRIGGER chain BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION shapan_audit_chain()
"""

# Whoever could change rows all the same, by a right given later, changes none by mistake.
REFUSE = """
CREATE FUNCTION shapan_audit_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'the audit log only grows';
END
$$;
CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION shapan_audit_refuse()
"""

# One row: how many rows there are, the number of the first that does not follow from those before it, and whether the
# end is the one on record. Runs as the owner: the chain goes through all jurisdictions. It tells nothing of them.
VERIFY = """
CREATE FUNCTION shapan_audit_verify() RETURNS TABLE (total bigint, broken bigint, ended boolean, last_hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET timezone = 'UTC' AS $$
    WITH chain AS (
        SELECT id, hash, previous, public.shapan_audit_link(previous, to_jsonb(audit)) AS due,
               lag(hash, 1, ''::bytea) OVER (ORDER BY id) AS before, row_number() OVER (ORDER BY id) AS place
        FROM public.audit
    )
    SELECT chained.total, chained.broken, head.id = chained.total AND head.hash = chained.last, head.hash
    FROM (
        SELECT count(*) AS total, min(id) FILTER (WHERE hash <> due OR previous <> before OR id <> place) AS broken,
               coalesce((array_agg(hash ORDER BY id DESC))[1], '') AS last
        FROM chain
    ) AS chained, public.audit_head AS head
$$
"""

# As in 0001; and a partition gives no right that its table does not give. Otherwise each new one would have those that
# every new table has, and a row of the audit log could be changed in its partition.
PARTITIONS = """
CREATE OR REPLACE FUNCTION shapan_month_partitions(parent regclass, ahead int) RETURNS int
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
        PERFORM public.shapan_rights_of(format('public.%I', parent || '_default')::regclass, parent);
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
        PERFORM public.shapan_rights_of(format('public.%I', child)::regclass, parent);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$
"""

RIGHTS = """
CREATE FUNCTION shapan_rights_of(target regclass, model regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
DECLARE
    more record;
BEGIN
    FOR more IN
        SELECT given.grantee, given.privilege_type FROM pg_class, aclexplode(relacl) AS given
        WHERE oid = target AND given.grantee <> relowner
        EXCEPT SELECT given.grantee, given.privilege_type FROM pg_class, aclexplode(relacl) AS given WHERE oid = model
    LOOP
        EXECUTE format('REVOKE %s ON %s FROM %s', more.privilege_type, target,
                       CASE more.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(more.grantee)) END);
    END LOOP;
END
$$
"""

# What every new table lets the service do, taken back: of the log all but reading and adding, of its end everything.
# Who may only read, as a backup does, goes on reading.
GROWS = """
DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT oid::regclass AS target, right_.grantee, right_.privilege_type
        FROM pg_class, aclexplode(relacl) AS right_
        WHERE oid IN ('audit'::regclass, 'audit_head'::regclass) AND right_.grantee <> relowner
          AND NOT (oid = 'audit'::regclass AND right_.privilege_type IN ('SELECT', 'INSERT'))
          AND NOT (right_.privilege_type = 'SELECT' AND NOT EXISTS (
              SELECT FROM aclexplode(relacl) AS other
              WHERE other.grantee = right_.grantee AND other.privilege_type = 'INSERT'))
    LOOP
        EXECUTE format('REVOKE %s ON %s FROM %s', given.privilege_type, given.target,
                       CASE given.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(given.grantee)) END);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    """Create the log, its chain and its partitions."""
    for statement in (AUDIT, LINK, CHAIN, REFUSE, VERIFY, RIGHTS, PARTITIONS, GROWS):
        op.execute(statement)
    op.execute("REVOKE ALL ON FUNCTION shapan_audit_chain(), shapan_audit_verify(), "
               "shapan_rights_of(regclass, regclass) FROM PUBLIC")
    protect("audit")
    op.execute("SELECT shapan_month_partitions('audit', 2)")
