"""Surveys of keepers (网格员采集): versions of rooms, what was sent, photographs, and who was given which building.

Revision ID: 0035
Revises: 0034
"""

from alembic import op

from spatial.protection import protect

revision = "0035"
down_revision = "0034"

# A room's version grows with each change of what people may fill in, whoever makes it. That it goes with its building
# to another grid is none: what a form saw of it is still so.
VERSION = """
ALTER TABLE room ADD COLUMN version INTEGER DEFAULT 0 NOT NULL;
CREATE FUNCTION shapan_room_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER version BEFORE UPDATE ON room FOR EACH ROW
    WHEN ((OLD.unit_id, OLD.floor, OLD.number, OLD.use, OLD.tenure, OLD.area_m2, OLD.surveyed_at) IS DISTINCT FROM
          (NEW.unit_id, NEW.floor, NEW.number, NEW.use, NEW.tenure, NEW.area_m2, NEW.surveyed_at))
    EXECUTE FUNCTION shapan_room_version()
"""

EDIT = """
CREATE TABLE survey_edit (
    id UUID NOT NULL,
    keeper TEXT NOT NULL,
    account TEXT NOT NULL,
    room_id BIGINT,
    building_id BIGINT,
    place JSONB NOT NULL,
    base INTEGER,
    follows UUID,
    resolves UUID,
    said JSONB NOT NULL,
    theirs JSONB,
    done_at TIMESTAMP WITH TIME ZONE NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    lon DOUBLE PRECISION,
    lat DOUBLE PRECISION,
    accuracy_m DOUBLE PRECISION,
    outcome TEXT NOT NULL,
    reason TEXT,
    faults JSONB DEFAULT '[]' NOT NULL,
    version INTEGER,
    settled_by UUID,
    settled_at TIMESTAMP WITH TIME ZONE,
    area_code TEXT COLLATE "C" NOT NULL,
    grid_code TEXT COLLATE "C" NOT NULL,
    CONSTRAINT survey_edit_pkey PRIMARY KEY (id),
    CONSTRAINT survey_edit_place_key UNIQUE (id, area_code, grid_code),
    CONSTRAINT survey_edit_room_fkey FOREIGN KEY (room_id, building_id, area_code, grid_code)
        REFERENCES room (id, building_id, area_code, grid_code) ON DELETE SET NULL (room_id) ON UPDATE CASCADE,
    CONSTRAINT survey_edit_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT survey_edit_outcome_check CHECK (outcome IN ('applied', 'conflict', 'refused')),
    CONSTRAINT survey_edit_reason_check CHECK (reason IN ('changed', 'taken', 'redrawn', 'not_found', 'faulty')),
    CONSTRAINT survey_edit_lon_check CHECK (lon BETWEEN -180 AND 180),
    CONSTRAINT survey_edit_lat_check CHECK (lat BETWEEN -90 AND 90),
    CONSTRAINT survey_edit_settled_check CHECK ((settled_at IS NULL) = (settled_by IS NULL))
);
CREATE INDEX survey_edit_keeper_received_at_idx ON survey_edit (keeper, received_at);
CREATE INDEX survey_edit_room_id_idx ON survey_edit (room_id) WHERE room_id IS NOT NULL;
CREATE INDEX survey_edit_open_idx ON survey_edit (received_at, id) WHERE outcome = 'conflict' AND settled_at IS NULL
"""

PHOTO = """
CREATE TABLE survey_photo (
    id UUID NOT NULL,
    edit_id UUID NOT NULL,
    keeper TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    picture BYTEA NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    grid_code TEXT COLLATE "C" NOT NULL,
    CONSTRAINT survey_photo_pkey PRIMARY KEY (id),
    CONSTRAINT survey_photo_edit_fkey FOREIGN KEY (edit_id, area_code, grid_code)
        REFERENCES survey_edit (id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT survey_photo_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code)
);
CREATE INDEX survey_photo_edit_id_idx ON survey_photo (edit_id)
"""

GIVEN = """
CREATE TABLE survey_given (
    keeper TEXT NOT NULL,
    building_id BIGINT NOT NULL,
    given_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    area_code TEXT COLLATE "C" NOT NULL,
    grid_code TEXT COLLATE "C" NOT NULL,
    CONSTRAINT survey_given_pkey PRIMARY KEY (keeper, building_id),
    CONSTRAINT survey_given_building_fkey FOREIGN KEY (building_id, area_code, grid_code)
        REFERENCES building (id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT survey_given_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code)
);
CREATE INDEX survey_given_building_id_idx ON survey_given (building_id)
"""

# Where a room, or a building, lies now that was on a keeper's list and is in none of their grids any more. Runs as the
# owner: the place lies beyond the jurisdiction. It tells the place alone, and of nothing that was never on the list.
# The room's id comes back only where it is one of that building. The second says where forms of one keeper are.
MOVED = """
CREATE FUNCTION shapan_survey_moved(whose text, room bigint, building bigint)
RETURNS TABLE (room_id bigint, building_id bigint, area_code text, grid_code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT one.id, given.building_id, given.area_code, given.grid_code
    FROM public.survey_given AS given
    LEFT JOIN public.room AS one ON one.id = $2 AND one.building_id = given.building_id
    WHERE given.keeper = $1 AND given.building_id = $3 AND given.given_at > now() - interval '90 days'
      AND NOT given.grid_code <@ (SELECT public.shapan_scope())
$$;
CREATE FUNCTION shapan_survey_own(whose text, edits uuid[]) RETURNS TABLE (id uuid, grid_code text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT one.id, one.grid_code FROM public.survey_edit AS one WHERE one.keeper = $1 AND one.id = ANY ($2)
$$;
REVOKE ALL ON FUNCTION shapan_survey_moved(text, bigint, bigint), shapan_survey_own(text, uuid[]) FROM PUBLIC;
DO $$
DECLARE
    who text;
BEGIN
    -- Whoever may add edits may ask.
    FOR who IN
        SELECT DISTINCT quote_ident(pg_get_userbyid(right_.grantee)) FROM pg_class, aclexplode(relacl) AS right_
        WHERE oid = 'survey_edit'::regclass AND right_.privilege_type = 'INSERT' AND right_.grantee <> 0
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION shapan_survey_moved(text, bigint, bigint), '
                       'shapan_survey_own(text, uuid[]) TO %s', who);
    END LOOP;
END
$$
"""

# What was sent from the street stands in the log of what somebody may have to answer for: action, what came of it, and
# the edit's id as its words.
AUDIT = """
ALTER TABLE audit ALTER COLUMN resident_id DROP NOT NULL;
ALTER TABLE audit DROP CONSTRAINT audit_action_check, DROP CONSTRAINT audit_outcome_check;
ALTER TABLE audit
    ADD CONSTRAINT audit_action_check CHECK (action IN ('reveal', 'survey')),
    ADD CONSTRAINT audit_outcome_check CHECK (outcome IN ('done', 'not_permitted', 'too_many', 'not_found',
        'not_concerned', 'names_person', 'no_key', 'applied', 'conflict', 'refused')),
    ADD CONSTRAINT audit_resident_check CHECK ((action = 'reveal') = (resident_id IS NOT NULL))
"""

# The roll-up sums what is entered in one grid as soon as somebody surveyed there.
BY_GRID = "CREATE INDEX building_tally_grid_code_idx ON building_tally (grid_code)"


def upgrade() -> None:
    """Give rooms their versions, create the tables of surveys, and let the audit log hold what was sent."""
    for statement in (VERSION, EDIT, PHOTO, GIVEN, MOVED, AUDIT, BY_GRID):
        op.execute(statement)
    protect("survey_edit", "survey_photo", "survey_given")
