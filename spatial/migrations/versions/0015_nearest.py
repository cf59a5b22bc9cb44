"""What is nearest, and keepers: classes of facilities, indexes for the nearest of a kind, duty, forgetting of tracks.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"

FACILITY_CLASS = """
CREATE TABLE facility_class (
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    role text,
    CONSTRAINT facility_class_pkey PRIMARY KEY (code),
    CONSTRAINT facility_class_code_check CHECK (code ~ '^[0-9]{4}$'),
    CONSTRAINT facility_class_role_check CHECK (role IN ('hydrant', 'shelter'))
)
"""

# The classes of the sample city; a city puts its own in their place.
CLASSES = (
    ("0101", "上水井盖", "Water manhole", None), ("0102", "污水井盖", "Sewage manhole", None),
    ("0103", "雨水井盖", "Rainwater manhole", None), ("0113", "消火栓", "Fire hydrant", "hydrant"),
    ("0118", "路灯", "Street lamp", None), ("0119", "充电桩", "Charging point", None),
    ("0203", "公交站亭", "Bus shelter", None), ("0210", "交通信号灯", "Traffic light", None),
    ("0214", "隔离护栏", "Guard rail", None), ("0301", "公共厕所", "Public toilet", None),
    ("0305", "垃圾箱", "Litter bin", None), ("0401", "古树名木", "Old or notable tree", None),
    ("0501", "应急避难场所", "Emergency shelter", "shelter"), ("0502", "人防工程", "Civil defence shelter", None),
    ("0503", "自动体外除颤器", "Defibrillator", None),
)

# One kind is a thousandth of all: an index of places alone is walked for seconds until the third is found.
INDEXES = """
CREATE INDEX facility_class_code_geom_web_idx ON facility USING gist (class_code, geom_web);
CREATE INDEX device_camera_idx ON device USING gist (geom_web) WHERE kind = 'camera';
CREATE INDEX alarm_device_id_received_at_idx ON alarm (device_id, received_at);
DROP INDEX alarm_device_id_idx
"""

# A keeper's row is written with each position: room in its page keeps the new version there, and the indexes as they
# are.
KEEPER = """
ALTER TABLE keeper ADD COLUMN duty_since timestamptz;
ALTER TABLE keeper SET (fillfactor = 50);
ALTER TABLE keeper_track ADD COLUMN reported_at timestamptz
"""

# Drops the months of keepers' tracks that ended before an instant. Runs as the owner, so that the job may call it; what
# is younger than 30 days it leaves, whoever asks.
FORGET = """
CREATE FUNCTION shapan_forget_tracks(before timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    child regclass;
    dropped int := 0;
BEGIN
    FOR child IN
        SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'public.keeper_track'::regclass AND relname ~ '_y[0-9]{4}m[0-9]{2}$'
          AND (to_date(right(relname, 7), 'YYYY"m"MM') + interval '1 month') AT TIME ZONE 'UTC'
              <= least(before, now() - interval '30 days')
        ORDER BY relname
    LOOP
        EXECUTE format('DROP TABLE %s', child);
        dropped := dropped + 1;
    END LOOP;
    DELETE FROM public.keeper_track_default WHERE received_at < least(before, now() - interval '30 days');
    RETURN dropped;
END
$$
"""


def upgrade() -> None:
    """Create the table and its rows, the indexes, the columns and the function."""
    op.execute(FACILITY_CLASS)
    for code, name, name_en, role in CLASSES:
        told = "NULL" if role is None else f"'{role}'"
        op.execute(f"INSERT INTO facility_class (code, name, name_en, role) "
                   f"VALUES ('{code}', '{name}', '{name_en}', {told})")
    op.execute(INDEXES)
    op.execute(KEEPER)
    op.execute(FORGET)
    op.execute("REVOKE ALL ON FUNCTION shapan_forget_tracks(timestamptz) FROM PUBLIC")
