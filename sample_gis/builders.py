"""The one table from the use of a block to the function that builds on it."""

from sample_gis import campus, civic, oldtown, residential, works

BUILDERS = {
    "slab5": (residential.slabs, 7.0),
    "slab6": (residential.slabs, 7.0),
    "slab11": (residential.slabs, 9.0),
    "tower": (residential.towers, 9.0),
    "villa": (residential.villas, 7.0),
    "lanes": (oldtown.lanes, 2.5),
    "primary": (campus.primary, 7.0),
    "middle": (campus.middle, 7.0),
    "college": (campus.college, 9.0),
    "hospital": (campus.hospital, 9.0),
    "market": (works.market, 5.0),
    "office": (works.office, 9.0),
    "business": (works.business, 8.0),
    "mall": (works.mall, 8.0),
    "factory": (works.factory, 8.0),
    "depot": (works.depot, 8.0),
    "site": (works.building_site, 5.0),
    "tech": (works.tech, 8.0),
    "creative": (works.creative, 7.0),
    "centre": (civic.neighbourhood, 7.0),
    "civic": (civic.civic, 8.0),
    "sports": (civic.sports, 9.0),
    "park": (civic.park, 6.0),
    "lake": (civic.lake_park, 9.0),
    "hill": (civic.hill, 12.0),
}
"""use → (builder, set-back from the sidewalk in metres)."""

DWELLINGS = {"slab5": 1.0, "slab6": 1.0, "slab11": 1.15, "tower": 1.5, "villa": 0.15, "lanes": 1.0}
"""use → how densely it is lived in, relative to slabs. Uses not named have no dwellings."""

GREEN_USES = {"park": "park", "lake": "park", "sports": "park", "hill": "woodland"}
"""Uses whose whole block is a park or a wood."""
