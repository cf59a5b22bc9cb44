"""Changes of rows tell from the first zoom whose tiles show the rows, and no version is kept for coarser tiles.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"

# Table, its layer, the first zoom whose tiles show its rows, columns that no tile shows. Buildings and events are as
# migration 0012 left them: theirs began where their rows do, and of the sums above the job tells.
DRAWN = (
    ("area", "areas", 6, ()),
    ("grid", "grids", 11, ()),
    ("road", "roads", 9, ()),
    ("water", "water", 8, ()),
    ("green", "green", 10, ()),
    ("place", "places", 10, ()),
    ("unit", "units", 16, ()),
    ("organisation", "organisations", 15, ()),
    ("facility", "facilities", 15, ("department",)),
    ("device", "devices", 15, ("last_seen", "expected_interval_s", "stream_url", "unit_id", "room_id")),
)

# Tiles of these zooms are empty, whatever the rows are.
FORGET = "DELETE FROM tile_version WHERE layer = '{layer}' AND NOT whole AND z < {minzoom}"


def upgrade() -> None:
    """Have the tables tell from their layers' first zooms, and forget the versions of tiles that show none of them."""
    for table, layer, minzoom, quiet in DRAWN:
        op.execute(f"SELECT shapan_tells_tiles('{table}', '{layer}', {minzoom}, '{{{','.join(quiet)}}}')")
        op.execute(FORGET.format(layer=layer, minzoom=minzoom))
