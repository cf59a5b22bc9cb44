"""Open conflicts of surveys (采集核对) about rooms that are not on record follow their building.

Revision ID: 0038
Revises: 0037
"""

from alembic import op

revision = "0038"
down_revision = "0037"

OPEN = "room_id IS NULL AND outcome = 'conflict' AND settled_at IS NULL"

# A room's forms move with it, by their key (0035). Of a room that is not on record there is none to move with, and when
# grids were redrawn its conflict stayed with a keeper who has the building no more. Runs as the owner: where the
# building lies afterwards may be beyond the jurisdiction of whoever redraws, as it is for a key that cascades.
FOLLOW = f"""
CREATE INDEX survey_edit_unrecorded_idx ON survey_edit (building_id) WHERE {OPEN};
CREATE FUNCTION shapan_survey_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.survey_edit SET area_code = NEW.area_code, grid_code = NEW.grid_code
    WHERE building_id = NEW.id AND {OPEN} AND grid_code <> NEW.grid_code;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION shapan_survey_follow() FROM PUBLIC;
CREATE TRIGGER surveys_follow AFTER UPDATE ON building FOR EACH ROW
    WHEN (OLD.grid_code IS DISTINCT FROM NEW.grid_code) EXECUTE FUNCTION shapan_survey_follow();
UPDATE survey_edit SET area_code = building.area_code, grid_code = building.grid_code
FROM building WHERE building.id = building_id AND {OPEN} AND survey_edit.grid_code <> building.grid_code
"""


def upgrade() -> None:
    """Have open conflicts move with their building, and move those whose building went before."""
    op.execute(FOLLOW)
