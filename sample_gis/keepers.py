"""Grid keepers (网格员), one for each grid, and where they walked on the last day."""

import numpy as np
import shapely

from sample_gis import chance, codes, frame, names
from sample_gis.blocks import Built
from sample_gis.clock import Clock
from sample_gis.grids import Division
from sample_gis.layer import Layer, text

STEP_S = 120
"""Seconds between two reported positions."""

PACE = 0.9
"""Metres per second of a round, stops included."""

SHIFT = (8.5, 17.5)
"""Start and end of the round, hours of the local day."""


def keep(built: Built, division: Division, seed: int, clock: Clock) -> tuple[Layer, Layer]:
    """Return ``keepers`` (Point, last position) and ``keeper_tracks`` (Point, ``at`` ISO 8601).

    Args:
        clock: its last whole day is the day of the tracks; a round that has not ended
            at ``clock.until`` stops there.
    Notes:
        A round follows the sidewalks of the grid's blocks, so it crosses no house.
    """
    rng = chance.stream(seed, "keepers")
    count = len(division.shapes)
    order = np.argsort(division.grid_codes)
    male = rng.random(count) < 0.42
    year = rng.integers(1966, 1999, count)
    name = names.people(rng, names.surnames(rng, count), male, year)
    phone = codes.phones(chance.stream(seed, "keeper phones"), count)
    seconds = np.arange(SHIFT[0] * 3600, SHIFT[1] * 3600, STEP_S)
    tracks, last = [], []
    for serial, grid in enumerate(order):
        path = _round(built, division, int(grid), rng)
        start = rng.uniform(0, path.length)
        pause = rng.random(len(seconds)) < 0.35
        walked = start + np.cumsum(np.where(pause, 0.1, 1.0) * PACE * STEP_S * rng.uniform(0.5, 1.3, len(seconds)))
        points = shapely.line_interpolate_point(path, walked % path.length)
        at = clock.today(seconds + rng.integers(0, 40, len(seconds)))
        seen = at <= clock.until
        tracks.append((np.full(int(seen.sum()), serial), at[seen], points[seen]))
        last.append(points[seen][-1] if seen.any() else points[0])
    code = [f"K{division.grid_codes[grid][-6:]}" for grid in order]
    keepers = Layer("keepers", {
        "code": text(code), "name": name.astype(object), "phone": phone.astype(object),
        "grid_code": text(division.grid_codes[grid] for grid in order),
    }, frame.geometries_to_degrees(division.keep_inside(last)), "Point")
    who, at, points = (np.concatenate(column) for column in zip(*tracks, strict=True))
    return keepers, Layer("keeper_tracks", {
        "keeper_code": text(code)[who], "at": clock.iso(at),
    }, frame.geometries_to_degrees(points), "Point")


def _round(built, division, grid, rng):
    """Return the line that a keeper walks, metres: around the blocks of the grid."""
    blocks = [site.geom for site in built.sites if site.grid == grid]
    if not blocks:
        return division.shapes[grid].buffer(-15).boundary
    coords = []
    for block in sorted(blocks, key=lambda g: g.centroid.x):
        ring = shapely.get_coordinates(block.exterior.simplify(0.5))
        if coords:
            near = np.argmin(np.hypot(*(ring - coords[-1][-1]).T))
            ring = np.roll(ring[:-1], -near, axis=0)
            ring = np.vstack([ring, ring[:1]])
        coords.append(ring)
    coords = np.vstack(coords)
    return shapely.LineString(np.vstack([coords, coords[:1]]))
