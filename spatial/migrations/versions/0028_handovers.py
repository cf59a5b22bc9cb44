"""What a shift freezes for the next one.

Revision ID: 0028
Revises: 0027
"""

from alembic import op

from spatial.protection import protect

revision = "0028"
down_revision = "0027"

HANDOVER = """
CREATE TABLE handover (
    id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    alarm_id bigint,
    account text NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    note text,
    view text NOT NULL,
    content jsonb NOT NULL,
    picture bytea,
    accepted_by text,
    accepted_at timestamptz,
    places text[] COLLATE "C" NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT handover_pkey PRIMARY KEY (id),
    CONSTRAINT handover_alarm_id_fkey FOREIGN KEY(alarm_id) REFERENCES alarm (id) ON DELETE SET NULL,
    CONSTRAINT handover_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT handover_places_check CHECK (cardinality(places) > 0),
    CONSTRAINT handover_kind_check CHECK (kind IN ('alarm', 'picture')),
    CONSTRAINT handover_accepted_check CHECK ((accepted_by IS NULL) = (accepted_at IS NULL))
);
CREATE INDEX handover_at_idx ON handover (at);
CREATE INDEX handover_alarm_id_idx ON handover (alarm_id)
"""

# Figures of a handover go over all of its places: who holds only a part of them must not read them. Other rows of
# several places are seen by whoever holds a part (decision 18).
ALL_OF_IT = """
ALTER POLICY jurisdiction ON handover USING (shapan_within(places, (SELECT shapan_scope())))
"""

# Frozen is frozen: only that it was accepted is added, once. (Its alarm may be deleted.)
FROZEN = """
CREATE FUNCTION shapan_handover_frozen() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.kind, NEW.account, NEW.at, NEW.note, NEW.view, NEW.content, NEW.picture, NEW.places, NEW.area_code,
        NEW.grid_code) IS DISTINCT FROM
       (OLD.id, OLD.kind, OLD.account, OLD.at, OLD.note, OLD.view, OLD.content, OLD.picture, OLD.places, OLD.area_code,
        OLD.grid_code)
       OR OLD.accepted_at IS NOT NULL AND
          (NEW.accepted_by, NEW.accepted_at) IS DISTINCT FROM (OLD.accepted_by, OLD.accepted_at) THEN
        RAISE EXCEPTION 'handover % is frozen', OLD.id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER handover_frozen BEFORE UPDATE ON handover FOR EACH ROW EXECUTE FUNCTION shapan_handover_frozen()
"""


def upgrade() -> None:
    """Create the table, seen by who holds all of its places, and frozen."""
    op.execute(HANDOVER)
    protect("handover")
    op.execute(ALL_OF_IT)
    op.execute(FROZEN)
