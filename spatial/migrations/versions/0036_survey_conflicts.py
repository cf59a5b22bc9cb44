"""How conflicts of surveys end (采集核对), who looks at photographs, and what is forgotten of surveys.

Revision ID: 0036
Revises: 0035
"""

from alembic import op

revision = "0036"
down_revision = "0035"

# A conflict ends by another form, by somebody who takes the keeper's values (which is a form as well), or by somebody
# who lets the record stand. So far each ended by a form.
ENDS = """
ALTER TABLE survey_edit DROP CONSTRAINT survey_edit_settled_check,
    ADD COLUMN settled_how TEXT, ADD COLUMN settled_who TEXT, ADD COLUMN remark TEXT;
UPDATE survey_edit AS ended SET settled_how = 'form', settled_who = ending.keeper
FROM survey_edit AS ending WHERE ending.id = ended.settled_by;
UPDATE survey_edit SET settled_how = 'form' WHERE settled_at IS NOT NULL AND settled_how IS NULL;
ALTER TABLE survey_edit
    ADD CONSTRAINT survey_edit_settled_check CHECK ((settled_at IS NULL) = (settled_how IS NULL)),
    ADD CONSTRAINT survey_edit_settled_by_check CHECK
        (coalesce(settled_how <> 'kept', false) = (settled_by IS NOT NULL)),
    ADD CONSTRAINT survey_edit_settled_how_check CHECK (settled_how IN ('form', 'applied', 'kept')),
    ADD CONSTRAINT survey_edit_remark_check CHECK (length(remark) <= 200);
CREATE INDEX survey_edit_settled_idx ON survey_edit (settled_at) WHERE settled_at IS NOT NULL AND outcome = 'conflict'
"""

# What is old enough is found without reading the tables.
OLD = """
CREATE INDEX survey_edit_positions_idx ON survey_edit (received_at) WHERE lon IS NOT NULL OR lat IS NOT NULL;
CREATE INDEX survey_edit_received_at_idx ON survey_edit (received_at);
CREATE INDEX survey_photo_received_at_idx ON survey_photo (received_at);
CREATE INDEX survey_photo_keeper_received_at_idx ON survey_photo (keeper, received_at)
"""

# What a keeper has sent of late, in all grids: forms of redrawn ones lie beyond the keeper's jurisdiction, and count.
# The first says how many seconds ago the form came that is the so-manieth newest of the hour; null where there are
# fewer. The second how many bytes of photographs came in the last day, and how many seconds ago the first of them.
SPENT = """
CREATE FUNCTION shapan_survey_forms_age(whose text, most int) RETURNS double precision
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT extract(epoch FROM now() - received_at)::float8 FROM public.survey_edit
    WHERE keeper = $1 AND received_at > now() - interval '1 hour' ORDER BY received_at DESC OFFSET $2 - 1 LIMIT 1
$$;
CREATE FUNCTION shapan_survey_photo_bytes(whose text) RETURNS TABLE (bytes bigint, oldest_s double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(sum(octet_length(picture)), 0), extract(epoch FROM now() - min(received_at))::float8
    FROM public.survey_photo WHERE keeper = $1 AND received_at > now() - interval '1 day'
$$;
REVOKE ALL ON FUNCTION shapan_survey_forms_age(text, int), shapan_survey_photo_bytes(text) FROM PUBLIC;
DO $$
DECLARE
    who text;
BEGIN
    -- Whoever may add forms may ask.
    FOR who IN
        SELECT DISTINCT quote_ident(pg_get_userbyid(right_.grantee)) FROM pg_class, aclexplode(relacl) AS right_
        WHERE oid = 'survey_edit'::regclass AND right_.privilege_type = 'INSERT' AND right_.grantee <> 0
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION shapan_survey_forms_age(text, int), '
                       'shapan_survey_photo_bytes(text) TO %s', who);
    END LOOP;
END
$$
"""

# Conflicts that somebody settled, and photographs that somebody looked at, stand in the log: their words are ids.
AUDIT = """
ALTER TABLE audit DROP CONSTRAINT audit_action_check, DROP CONSTRAINT audit_outcome_check;
ALTER TABLE audit
    ADD CONSTRAINT audit_action_check CHECK (action IN ('reveal', 'survey', 'settle', 'photo')),
    ADD CONSTRAINT audit_outcome_check CHECK (outcome IN ('done', 'not_permitted', 'too_many', 'not_found',
        'not_concerned', 'names_person', 'no_key', 'applied', 'conflict', 'refused', 'kept'))
"""


def upgrade() -> None:
    """Let conflicts end in all three ways, find what is old, and have the log hold who settled and who looked."""
    for statement in (ENDS, OLD, SPENT, AUDIT):
        op.execute(statement)
