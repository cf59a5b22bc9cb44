"""What a wall says of alarms, and where it goes by itself.

Revision ID: 0034
Revises: 0033
"""

from alembic import op

revision = "0034"
down_revision = "0033"

# Changes of before lack what a brief is made of. A stream that was open during the upgrade goes on after its last
# number, of so many changes at most.
COMPLETE = """
UPDATE outbox SET payload = outbox.payload || jsonb_build_object(
    'type_name', alarm_type.name, 'grid_name', grid.name,
    'building_lon', ST_X(ST_PointOnSurface(building.footprint)),
    'building_lat', ST_Y(ST_PointOnSurface(building.footprint)))
FROM outbox AS told
LEFT JOIN alarm_type ON alarm_type.type = told.payload ->> 'type'
LEFT JOIN grid ON grid.code = told.payload ->> 'grid_code' AND grid.valid_to IS NULL
LEFT JOIN building ON building.id = (told.payload ->> 'building_id')::bigint
WHERE outbox.id = told.id AND outbox.at = told.at AND told.kind = 'alarm'
  AND (told.seq IS NULL OR told.seq > (SELECT seq - 1000 FROM outbox_head))
"""


def upgrade() -> None:
    """Complete the last changes of alarms."""
    op.execute(COMPLETE)
