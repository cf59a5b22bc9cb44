"""Words of values (数值含义): what 1 and 0, open and closed mean of a quantity that is no measure.

Revision ID: 0032
Revises: 0031
"""

import json

from alembic import op

revision = "0032"
down_revision = "0031"

YES = {"1": ["是", "Yes"], "0": ["否", "No"]}
DOOR = {"open": ["开", "Open"], "closed": ["关", "Closed"]}

# kind, quantity, its words by value.
WORDS = (
    ("camera", "online", YES),
    ("elevator", "trapped", {"1": ["有人被困", "Trapped"], "0": ["无", "Nobody"]}),
    ("elevator", "fault", {"1": ["有故障", "Fault"], "0": ["无", "None"]}),
    ("elevator", "door", DOOR),
    ("access_control", "door", DOOR),
    ("smoke", "smoke", {"1": ["有烟", "Smoke"], "0": ["无", "None"]}),
    ("manhole", "open", YES),
)

# The words become the fourth part, after unit and names. Where somebody has described the kind otherwise, that stays.
DESCRIBE = """
UPDATE device_kind SET quantities = jsonb_set(quantities, ARRAY[%(quantity)s, '3'], %(words)s::jsonb, true)
WHERE kind = %(kind)s AND jsonb_array_length(quantities -> %(quantity)s) = 3
"""

FORGET = """
UPDATE device_kind SET quantities = quantities #- ARRAY[%(quantity)s, '3']
WHERE kind = %(kind)s AND jsonb_array_length(quantities -> %(quantity)s) = 4
"""


def _run(statement: str) -> None:
    for kind, quantity, words in WORDS:
        op.get_bind().exec_driver_sql(
            statement, {"kind": kind, "quantity": quantity, "words": json.dumps(words, ensure_ascii=False)})


def upgrade() -> None:
    """Add the words."""
    _run(DESCRIBE)


def downgrade() -> None:
    """Take the words away."""
    _run(FORGET)
