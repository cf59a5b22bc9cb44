"""Today is the command centre's day; access links (访问链接) say when they were last seen, and are in the audit log.

Revision ID: 0037
Revises: 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"

# Connections say the zone (`spatial.server`); whoever says none, at psql for one, has the session's. Instants go on to
# leave the house in UTC, which is why the session's own zone is left alone.
TODAY = """
CREATE FUNCTION shapan_day(instant timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (instant AT TIME ZONE coalesce(nullif(current_setting('shapan.time_zone', true), ''),
                                          current_setting('TimeZone')))::date
$$;
CREATE FUNCTION shapan_today() RETURNS date LANGUAGE sql STABLE AS 'SELECT public.shapan_day(now())'
"""

# As in migration 0030, by that day.
DECLARED = """
CREATE OR REPLACE FUNCTION shapan_count_declared(buildings bigint[]) RETURNS void
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
        SELECT basis, value FROM expected WHERE building_id = one.id AND kind = 'housing' AND as_of <= shapan_today()
        ORDER BY as_of DESC, expected.id DESC LIMIT 1
    ) AS latest ON true
    LEFT JOIN LATERAL (
        SELECT min(as_of) AS day FROM expected
        WHERE building_id = one.id AND kind = 'housing' AND as_of > shapan_today()
    ) AS next ON true
    WHERE tally.building_id = one.id;
END
$$
"""

SEEN = "ALTER TABLE access_link ADD COLUMN seen_at TIMESTAMP WITH TIME ZONE"

# Words are added to those that are allowed by now, whichever these are.
AUDIT = """
CREATE FUNCTION pg_temp.allow_too(name text, subject text, words text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    SELECT array(SELECT match[1] FROM regexp_matches(pg_get_constraintdef(oid), '''([a-z_]+)''', 'g') AS match) || words
    INTO STRICT words FROM pg_constraint WHERE conrelid = 'audit'::regclass AND conname = name;
    EXECUTE format('ALTER TABLE audit DROP CONSTRAINT %I', name);
    EXECUTE format('ALTER TABLE audit ADD CONSTRAINT %I CHECK (%I IN (%s))', name, subject,
                   (SELECT string_agg(quote_literal(word), ', ') FROM unnest(words) AS word));
END
$$;
SELECT pg_temp.allow_too('audit_action_check', 'action', '{link}'),
       pg_temp.allow_too('audit_outcome_check', 'outcome', '{made,renewed,changed,revoked,opened,left}')
"""


def upgrade() -> None:
    """Have SQL know the centre's day, links when they were seen, and the audit log what happens to links."""
    for statement in (TODAY, DECLARED, SEEN, AUDIT):
        op.execute(statement)
