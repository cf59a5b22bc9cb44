"""What a wall says of alarms, and where it goes by itself.

Revision ID: 0034
Revises: 0033
"""

from alembic import op

from spatial.protection import protect

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


WALL_TOUR = """
CREATE TABLE wall_tour (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    stops jsonb NOT NULL,
    version integer DEFAULT '1' NOT NULL,
    account text NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    places text[] COLLATE "C" NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT wall_tour_pkey PRIMARY KEY (id),
    CONSTRAINT wall_tour_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT wall_tour_places_check CHECK (cardinality(places) > 0),
    CONSTRAINT wall_tour_name_check CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT wall_tour_stops_check CHECK (jsonb_typeof(stops) = 'array'),
    CONSTRAINT wall_tour_version_check CHECK (version > 0)
)
"""

# A tour goes over all of its places: who holds only a part of them neither reads nor changes it (decision 19).
ALL_OF_IT = """
ALTER POLICY jurisdiction ON wall_tour USING (shapan_within(places, (SELECT shapan_scope())))
"""


def upgrade() -> None:
    """Complete the last changes of alarms; create the table of tours, seen by who holds all of their places."""
    op.execute(COMPLETE)
    op.execute(WALL_TOUR)
    protect("wall_tour")
    op.execute(ALL_OF_IT)
