"""Plans of grids, their faces, operations, exceptions and steps.

Revision ID: 0039
Revises: 0038
"""

from alembic import op

from spatial.protection import protect

revision = "0039"
down_revision = "0038"

GRID_PLAN = """
CREATE TABLE grid_plan (
    id bigint GENERATED ALWAYS AS IDENTITY,
    title text NOT NULL,
    profile text NOT NULL,
    state text DEFAULT 'draft' NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    outline geometry(MultiPolygon,4490) NOT NULL,
    next_face integer DEFAULT 1 NOT NULL,
    head integer DEFAULT 0 NOT NULL,
    origin text NOT NULL,
    based_on bigint,
    created_by text NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz DEFAULT now() NOT NULL,
    submitted_by text,
    submitted_at timestamptz,
    approved_by text,
    approved_at timestamptz,
    publish_at timestamptz,
    published_by text,
    published_at timestamptz,
    remark text,
    trouble text,
    lease_by text,
    lease_until timestamptz,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT grid_plan_pkey PRIMARY KEY (id),
    CONSTRAINT grid_plan_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND left(grid_code,
        12) = area_code),
    CONSTRAINT grid_plan_whole_check CHECK (right(grid_code, 3) = '000'),
    CONSTRAINT grid_plan_title_check CHECK (length(title) BETWEEN 1 AND 200),
    CONSTRAINT grid_plan_lease_check CHECK ((lease_by IS NULL) = (lease_until IS NULL)),
    CONSTRAINT grid_plan_scheduled_check CHECK ((state = 'scheduled') = (publish_at IS NOT NULL)),
    CONSTRAINT grid_plan_published_check CHECK (state NOT IN ('published', 'superseded') OR published_at IS NOT NULL),
    CONSTRAINT grid_plan_origin_check CHECK (origin IN ('published', 'empty', 'plan', 'file', 'record')),
    CONSTRAINT grid_plan_state_check CHECK (state IN ('draft', 'submitted', 'approved', 'scheduled', 'published',
        'superseded', 'withdrawn')),
    CONSTRAINT grid_plan_based_on_fkey FOREIGN KEY(based_on) REFERENCES grid_plan (id) ON DELETE SET NULL
);
CREATE INDEX grid_plan_area_code_idx ON grid_plan (area_code, created_at);
CREATE UNIQUE INDEX grid_plan_open_idx ON grid_plan (area_code)
    WHERE state IN ('draft', 'submitted', 'approved', 'scheduled')
"""

PLAN_FACE = """
CREATE TABLE plan_face (
    plan_id bigint NOT NULL,
    face integer NOT NULL,
    code text,
    name text NOT NULL,
    kind text DEFAULT 'basic' NOT NULL,
    keeper_id bigint,
    revision integer NOT NULL,
    geom geometry(MultiPolygon,4490) NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT plan_face_pkey PRIMARY KEY (plan_id, face),
    CONSTRAINT plan_face_plan_id_fkey FOREIGN KEY(plan_id) REFERENCES grid_plan (id) ON DELETE CASCADE,
    CONSTRAINT plan_face_keeper_id_fkey FOREIGN KEY(keeper_id) REFERENCES keeper (id) ON DELETE SET NULL,
    CONSTRAINT plan_face_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND left(grid_code,
        12) = area_code),
    CONSTRAINT plan_face_kind_check CHECK (kind IN ('basic', 'special')),
    CONSTRAINT plan_face_name_check CHECK (length(name) BETWEEN 1 AND 200)
);
CREATE INDEX plan_face_keeper_id_idx ON plan_face (keeper_id)
"""

PLAN_OPERATION = """
CREATE TABLE plan_operation (
    plan_id bigint NOT NULL,
    seq integer NOT NULL,
    kind text NOT NULL,
    args jsonb NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    summary jsonb NOT NULL,
    account text NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT plan_operation_pkey PRIMARY KEY (plan_id, seq),
    CONSTRAINT plan_operation_plan_id_fkey FOREIGN KEY(plan_id) REFERENCES grid_plan (id) ON DELETE CASCADE,
    CONSTRAINT plan_operation_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code)
)
"""

PLAN_EXCEPTION = """
CREATE TABLE plan_exception (
    plan_id bigint NOT NULL,
    violation text NOT NULL,
    rule text NOT NULL,
    reason text NOT NULL,
    account text NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT plan_exception_pkey PRIMARY KEY (plan_id, violation),
    CONSTRAINT plan_exception_plan_id_fkey FOREIGN KEY(plan_id) REFERENCES grid_plan (id) ON DELETE CASCADE,
    CONSTRAINT plan_exception_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND
        left(grid_code, 12) = area_code),
    CONSTRAINT plan_exception_reason_check CHECK (length(reason) BETWEEN 1 AND 500)
)
"""

PLAN_STEP = """
CREATE TABLE plan_step (
    id bigint GENERATED ALWAYS AS IDENTITY,
    plan_id bigint NOT NULL,
    kind text NOT NULL,
    revision integer NOT NULL,
    account text NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    remark text,
    area_code text COLLATE "C" NOT NULL,
    grid_code text COLLATE "C" NOT NULL,
    CONSTRAINT plan_step_pkey PRIMARY KEY (id),
    CONSTRAINT plan_step_plan_id_fkey FOREIGN KEY(plan_id) REFERENCES grid_plan (id) ON DELETE CASCADE,
    CONSTRAINT plan_step_place_check CHECK (length(area_code) = 12 AND length(grid_code) = 15 AND left(grid_code,
        12) = area_code)
);
CREATE INDEX plan_step_plan_id_idx ON plan_step (plan_id, id)
"""


def upgrade() -> None:
    """Create the tables."""
    for statement in (GRID_PLAN, PLAN_FACE, PLAN_OPERATION, PLAN_EXCEPTION, PLAN_STEP):
        op.execute(statement)
    protect("grid_plan", "plan_face", "plan_operation", "plan_exception", "plan_step")
