"""Entry rate: declared totals, required fields; and what moving a building needs.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

from spatial.protection import protect

revision = "0009"
down_revision = "0008"

EXPECTED = """
CREATE TABLE expected (
    id bigint GENERATED ALWAYS AS IDENTITY,
    building_id bigint,
    kind text NOT NULL,
    basis text DEFAULT 'total' NOT NULL,
    value bigint NOT NULL,
    declared_by text NOT NULL,
    as_of date NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    source text NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    CONSTRAINT expected_pkey PRIMARY KEY (id),
    CONSTRAINT expected_building_fkey FOREIGN KEY(building_id, area_code, grid_code) REFERENCES building
        (id, area_code, grid_code) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT expected_source_source_key_key UNIQUE (source, source_key),
    CONSTRAINT expected_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT expected_kind_check CHECK (kind IN ('population', 'housing', 'legal_entities', 'geography')),
    CONSTRAINT expected_basis_check CHECK (basis IN ('total', 'rooms_per_floor')),
    CONSTRAINT expected_basis_of_check CHECK (basis = 'total' OR kind = 'housing' AND building_id IS NOT NULL),
    CONSTRAINT expected_value_check CHECK (value >= 0)
);
CREATE INDEX expected_building_id_idx ON expected (building_id);
CREATE INDEX expected_grid_code_idx ON expected (grid_code)
"""

ENTRY_REQUIREMENT = """
CREATE TABLE entry_requirement (
    kind text NOT NULL,
    field text NOT NULL,
    CONSTRAINT entry_requirement_pkey PRIMARY KEY (kind, field),
    CONSTRAINT entry_requirement_kind_check CHECK (kind IN ('population', 'housing', 'legal_entities', 'geography'))
)
"""

# What counts as entered until an administrator says otherwise.
REQUIREMENTS = """
INSERT INTO entry_requirement (kind, field) VALUES
    ('population', 'name_sealed'), ('population', 'id_number_sealed'), ('population', 'sex'),
    ('population', 'birth_year'), ('population', 'registration'),
    ('housing', 'use'), ('housing', 'tenure'), ('housing', 'area_m2'),
    ('legal_entities', 'code'), ('legal_entities', 'name'), ('legal_entities', 'industry'),
    ('geography', 'name'), ('geography', 'use'), ('geography', 'floors_above')
"""

# A building that moves or goes looks for what is in it; without these it reads both tables whole each time.
FOLLOWERS = """
CREATE INDEX organisation_building_id_idx ON organisation (building_id);
CREATE INDEX event_building_id_idx ON event (building_id)
"""


def upgrade() -> None:
    """Create the tables, their row security, the first requirements, and the two indexes."""
    op.execute(EXPECTED)
    protect("expected")
    for statement in (ENTRY_REQUIREMENT, REQUIREMENTS, FOLLOWERS):
        op.execute(statement)
