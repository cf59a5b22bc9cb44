"""Materials of the ground: colour and grain of each, for the painted picture."""

from enum import IntEnum

import numpy as np


class Material(IntEnum):
    """What lies at a pixel."""

    FIELD = 0
    PAVED = 1
    PAVING = 2
    YARD = 3
    SOIL = 4
    LAWN = 5
    PARK = 6
    WOOD = 7
    STONE = 8
    SHALLOW = 9
    WATER = 10
    DEEP = 11
    SIDEWALK = 12
    ASPHALT = 13
    MARKING = 14
    DRIVE = 15
    TRACK = 16
    PITCH = 17
    COURT = 18
    COURT_INNER = 19
    PLAZA = 20
    PARKING = 21


_LOOK = {
    Material.FIELD: ((140, 156, 98), 9),
    Material.PAVED: ((168, 166, 156), 6),
    Material.PAVING: ((184, 178, 166), 6),
    Material.YARD: ((164, 160, 152), 8),
    Material.SOIL: ((182, 154, 116), 15),
    Material.LAWN: ((116, 144, 84), 11),
    Material.PARK: ((106, 140, 78), 13),
    Material.WOOD: ((66, 102, 58), 15),
    Material.STONE: ((176, 170, 152), 6),
    Material.SHALLOW: ((104, 142, 142), 4),
    Material.WATER: ((82, 124, 134), 4),
    Material.DEEP: ((68, 110, 126), 4),
    Material.SIDEWALK: ((190, 184, 172), 5),
    Material.ASPHALT: ((118, 118, 120), 5),
    Material.MARKING: ((206, 204, 190), 3),
    Material.DRIVE: ((156, 154, 148), 5),
    Material.TRACK: ((176, 96, 78), 5),
    Material.PITCH: ((98, 150, 76), 6),
    Material.COURT: ((104, 148, 116), 4),
    Material.COURT_INNER: ((92, 124, 164), 4),
    Material.PLAZA: ((206, 196, 178), 5),
    Material.PARKING: ((138, 138, 138), 5),
}

PALETTE = np.array([_LOOK[kind][0] for kind in Material], "float32")
"""Red, green, blue of each material, 0 to 255."""

GRAIN = np.array([_LOOK[kind][1] for kind in Material], "float32")
"""How much each material varies, in the same units."""
