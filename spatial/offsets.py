"""The shifted coordinates of public Chinese maps: GCJ-02 (火星坐标, Mars) and BD-09 (Baidu).

GCJ-02 is WGS 84 moved by some hundred metres, a different way at each place; BD-09 is GCJ-02 moved
once more. The formulas are public since 2013 (wgtochina_lb, EvilTransform); the constants are those
of every implementation: Krassovsky's axis and squared eccentricity. No official text exists, so the
accuracy that we state is that of the formulas against each other, not of a map's own drawing; what a
public service answers for 664 Chinese cities lies within 0.74 m of them.

Every function takes and returns a float array (n, 2), longitude and latitude, degrees, and works on
whole columns. Outside ``BOX`` nothing is shifted, in either system and either direction: that is the
rule of the public formula. Its edges lie abroad or at sea, but the box also holds Hong Kong, Macao,
Taiwan and parts of the neighbours, whose maps may not be shifted: name their files' true system.

Errors, measured over the mainland (73.5–135° E, 18–53.5° N) and kept by tests: each function undoes
its counterpart within a millimetre for GCJ-02 and 3 mm for BD-09. A position less than a kilometre
outside the box's edge cannot be told from a shifted one, and may come back moved.
"""

from collections.abc import Callable

import numpy as np

from spatial.types import Box

BOX = Box(72.004, 0.8293, 137.8347, 55.8271)
"""Where positions are shifted, WGS 84 longitude and latitude, degrees; the edge itself is."""

GCJ02_INVERSE_M = 0.001
"""How far ``wgs84_from_gcj02`` is off at most, metres: three steps leave 0.2 mm."""

BD09_INVERSE_M = 0.003
"""How far ``gcj02_from_bd09`` and ``wgs84_from_bd09`` are off at most, metres: one step leaves 1.7 mm."""

_AXIS = 6_378_245.0
_SQUARED_ECCENTRICITY = 0.006_693_421_622_965_943_23
_BAIDU = np.pi * 3000 / 180
_BAIDU_SHIFT = np.array([0.0065, 0.006])
# What comes back to the very edge of the box may end a hair outside; 1e-7 degrees are a centimetre.
_EDGE = 1e-7
_GCJ02_STEPS = 3
_BD09_STEPS = 1


def gcj02_from_wgs84(points: np.ndarray) -> np.ndarray:
    """Shift WGS 84 to GCJ-02: at most 720 m, 410 m on average."""
    return np.where(_inside(points), points + _shift(points), points)


def wgs84_from_gcj02(points: np.ndarray) -> np.ndarray:
    """Take the shift of GCJ-02 back, within ``GCJ02_INVERSE_M``.

    A fixed point: the shift at the last estimate is subtracted. Subtracting the shift at the shifted
    position, as most programs do, is one step and up to 4.9 m off.
    """
    estimate = points
    for _ in range(_GCJ02_STEPS):
        estimate = points - _shift(estimate)
    return np.where(_inside(estimate, _EDGE), estimate, points)


def bd09_from_gcj02(points: np.ndarray) -> np.ndarray:
    """Shift GCJ-02 to BD-09: some 900 m to the north-east."""
    return np.where(_inside(wgs84_from_gcj02(points), _EDGE), _baidu(points), points)


def gcj02_from_bd09(points: np.ndarray) -> np.ndarray:
    """Take Baidu's shift back, within ``BD09_INVERSE_M``.

    The closed form that every program uses takes the shift's angle at the shifted position and is up
    to 23 cm off; one step of a fixed point after it mends that.
    """
    x, y = (points - _BAIDU_SHIFT).T
    estimate = _turned(x, y, -1)
    for _ in range(_BD09_STEPS):
        estimate = estimate + points - _baidu(estimate)
    return np.where(_inside(wgs84_from_gcj02(estimate), _EDGE), estimate, points)


def bd09_from_wgs84(points: np.ndarray) -> np.ndarray:
    """Shift WGS 84 to BD-09: at most 1,530 m, 1,100 m on average."""
    return bd09_from_gcj02(gcj02_from_wgs84(points))


def wgs84_from_bd09(points: np.ndarray) -> np.ndarray:
    """Take both shifts of BD-09 back, within ``BD09_INVERSE_M``."""
    return wgs84_from_gcj02(gcj02_from_bd09(points))


TO_WGS84: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "gcj02": ("GCJ-02", wgs84_from_gcj02),
    "bd09": ("BD-09", wgs84_from_bd09),
}
"""What a person types after ``--crs`` → its name, and the way back to WGS 84."""


def _inside(points: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Return a mask (n, 1): the WGS 84 position is shifted. Not so where a coordinate is no number."""
    with np.errstate(invalid="ignore"):
        longitude, latitude = points.T
        return ((longitude >= BOX.west - margin) & (longitude <= BOX.east + margin)
                & (latitude >= BOX.south - margin) & (latitude <= BOX.north + margin))[:, np.newaxis]


def _shift(points: np.ndarray) -> np.ndarray:
    """Return the shift of GCJ-02 at WGS 84 positions, degrees, whether or not the box holds them."""
    with np.errstate(invalid="ignore"):
        longitude, latitude = points.T
        x, y = longitude - 105.0, latitude - 35.0
        root, product = np.sqrt(np.abs(x)), x * y
        fast = _wave(20, 6 * x) + _wave(20, 2 * x)
        east = (300 + x + 2 * y + 0.1 * x**2 + 0.1 * product + 0.1 * root + fast
                + _wave(20, x) + _wave(40, x / 3) + _wave(150, x / 12) + _wave(300, x / 30))
        north = (-100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * product + 0.2 * root + fast
                 + _wave(20, y) + _wave(40, y / 3) + _wave(160, y / 12) + _wave(320, y / 30))
        angle = np.radians(latitude)
        curve = 1 - _SQUARED_ECCENTRICITY * np.sin(angle) ** 2
        across = _AXIS / np.sqrt(curve) * np.cos(angle)
        along = _AXIS * (1 - _SQUARED_ECCENTRICITY) / curve**1.5
        return np.degrees(np.column_stack([east / across, north / along]))


def _wave(amplitude: float, half_turns: np.ndarray) -> np.ndarray:
    return amplitude * np.sin(np.pi * half_turns) * 2 / 3


def _baidu(points: np.ndarray) -> np.ndarray:
    return _turned(points[:, 0], points[:, 1], 1) + _BAIDU_SHIFT


def _turned(x: np.ndarray, y: np.ndarray, sign: int) -> np.ndarray:
    """Turn and stretch positions about (0, 0) by Baidu's waves; ``sign`` −1 is the closed form back."""
    with np.errstate(invalid="ignore"):
        radius = np.hypot(x, y) + sign * 2e-5 * np.sin(y * _BAIDU)
        angle = np.arctan2(y, x) + sign * 3e-6 * np.cos(x * _BAIDU)
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


__all__ = [
    "BD09_INVERSE_M", "BOX", "GCJ02_INVERSE_M", "TO_WGS84", "bd09_from_gcj02", "bd09_from_wgs84", "gcj02_from_bd09",
    "gcj02_from_wgs84", "wgs84_from_bd09", "wgs84_from_gcj02",
]
