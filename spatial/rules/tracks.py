"""A keeper's track (轨迹): what of it is believed, where it paused, what it says nothing of, how long it is.

Positions come from telephones: each is some metres off, now and then one lies in another town. Whoever stands still
for an hour has not walked the sum of a thousand such errors.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from spatial.rules import ellipsoid

FASTEST_M_S = 150 / 3.6
"""Nobody keeps a grid at more than 150 km/h."""

SLACK_M = 50.0
"""A jump so short is an error of positions, not of belief: two of 30 m within a second would be 200 km/h."""

AGREE = 3
"""So many positions in a row that agree with one another are believed, however far they lie from those before."""

GAP_S = 600.0
"""Longer without a position: nobody knows where the keeper was."""

STOP_M = 30.0
STOP_S = 180.0
"""Within so many metres for so many seconds is a stop."""

DETAIL_M = 10.0
"""Turns smaller than this, metres, are errors of positions: the length is that of the track without them."""

DRAWN_MOST = 5000
"""Vertices of a track that is drawn."""


@dataclass(frozen=True)
class Track:
    """Positions in the order of their time: degrees, EPSG:4490; ``at``: seconds since 1970, each greater than the
    one before. Float arrays of one length."""

    lon: np.ndarray
    lat: np.ndarray
    at: np.ndarray

    def __len__(self) -> int:
        return len(self.at)

    def of(self, chosen: np.ndarray) -> "Track":
        """Return some of the positions."""
        return Track(self.lon[chosen], self.lat[chosen], self.at[chosen])

    def steps(self) -> np.ndarray:
        """Return the metres from each position to the next."""
        return ellipsoid.metres(self.lon[:-1], self.lat[:-1], self.lon[1:], self.lat[1:])


@dataclass(frozen=True)
class Stop:
    """A pause: where, degrees, and from when until when, seconds since 1970."""

    lon: float
    lat: float
    begin: float
    end: float


@dataclass(frozen=True)
class Gap:
    """A time without positions, seconds since 1970, and the metres between its two ends."""

    begin: float
    end: float
    metres: float


@dataclass(frozen=True)
class Walk:
    """What a track says.

    Attributes:
        believed: boolean array, one for each position.
        pieces: of the believed ones, those without gap or jump between them; a stop is one position.
        stops, gaps: in the order of time.
        metres: walked; nothing for stops, gaps and what is not believed.
    """

    believed: np.ndarray
    pieces: tuple[Track, ...]
    stops: tuple[Stop, ...]
    gaps: tuple[Gap, ...]
    metres: float


def believed(track: Track) -> np.ndarray:
    """Return which positions are believed: those that can be reached from the last believed one at 150 km/h.

    ``AGREE`` in a row that agree with one another are believed as well; one alone before them is then the doubtful one.
    """
    count = len(track)
    fine = np.ones(count, bool)
    if (track.steps() <= SLACK_M + FASTEST_M_S * np.diff(track.at)).all():
        return fine
    lon, lat, at = track.lon.tolist(), track.lat.tolist(), track.at.tolist()

    def reached(one: int, other: int) -> bool:
        far = float(ellipsoid.metres(lon[one], lat[one], lon[other], lat[other]))
        return far <= SLACK_M + FASTEST_M_S * (at[other] - at[one])

    anchor, first, strangers = 0, True, []
    for index in range(1, count):
        if reached(anchor, index):
            anchor, first, strangers = index, False, []
            continue
        fine[index] = False
        if strangers and not reached(strangers[-1], index):
            strangers = []
        strangers.append(index)
        if len(strangers) == AGREE:
            fine[strangers] = True
            fine[anchor] &= not first
            anchor, first, strangers = index, False, []
    return fine


def walk(track: Track) -> Walk:
    """Return what a track says: see :class:`Walk`."""
    fine = believed(track)
    trusted = track.of(fine)
    if len(trusted) == 0:
        return Walk(fine, (), (), (), 0.0)
    pause, steps = np.diff(trusted.at), trusted.steps()
    silent, jumped = pause > GAP_S, steps > SLACK_M + FASTEST_M_S * pause
    gaps = tuple(Gap(float(trusted.at[i]), float(trusted.at[i + 1]), float(steps[i])) for i in np.flatnonzero(silent))
    pieces, stops = [], []
    for part in np.split(np.arange(len(trusted)), np.flatnonzero(silent | jumped) + 1):
        piece, paused = _without_stops(trusted.of(part))
        pieces.append(piece)
        stops += paused
    return Walk(fine, tuple(pieces), tuple(stops), gaps, sum(length(piece) for piece in pieces))


def _without_stops(piece: Track) -> tuple[Track, list[Stop]]:
    """Return a piece with each stop as one position at its middle, and the stops."""
    xy = ellipsoid.local(piece.lon, piece.lat, float(piece.lon[0]), float(piece.lat[0]))
    x, y, at = xy[:, 0].tolist(), xy[:, 1].tolist(), piece.at.tolist()
    kept, stops, index, count = [], [], 0, len(at)
    while index < count:
        after = _end_of_stop(x, y, at, index)
        if after - index > 1 and at[after - 1] - at[index] >= STOP_S:
            members = slice(index, after)
            lon, lat = float(piece.lon[members].mean()), float(piece.lat[members].mean())
            stops.append(Stop(lon, lat, at[index], at[after - 1]))
            kept.append((lon, lat, (at[index] + at[after - 1]) / 2))
            index = after
        else:
            kept.append((float(piece.lon[index]), float(piece.lat[index]), at[index]))
            index += 1
    return Track(*np.array(kept).T), stops


def _end_of_stop(x: list[float], y: list[float], at: list[float], index: int) -> int:
    """Return the index after the last position that may belong to a stop beginning at one.

    Until it is a stop, positions must lie near the first one: a middle would follow whoever walks slowly. One alone
    that lies further off is an error, and two in a row are the way on.
    """
    sx, sy, members, after, away = x[index], y[index], 1, index + 1, 0
    while after < len(at) and away < 2:
        sure = at[after - 1] - at[index] >= STOP_S
        cx, cy = (sx / members, sy / members) if sure else (x[index], y[index])
        if (x[after] - cx) ** 2 + (y[after] - cy) ** 2 > STOP_M**2:
            away += 1
        else:
            sx, sy, members, away = sx + x[after], sy + y[after], members + 1, 0
        after += 1
    return after - away


def length(piece: Track) -> float:
    """Return the length of a piece without its smallest turns, metres."""
    return float(outlined(piece, DETAIL_M).steps().sum())


def drawn(track: Track, most: int = DRAWN_MOST) -> Track:
    """Return a track of so many positions at most: those that its shape needs, each with its time."""
    tolerance, line = 0.5, track
    while len(line) > most:
        tolerance *= 2
        line = outlined(track, tolerance)
    return line


def outlined(track: Track, tolerance_m: float) -> Track:
    """Return the positions of a track that Douglas and Peucker's rule keeps at a tolerance, metres."""
    if len(track) < 3:
        return track
    xy = ellipsoid.local(track.lon, track.lat, float(track.lon[0]), float(track.lat[0]))
    line = shapely.linestrings(np.column_stack([xy, np.arange(len(track))]))
    kept = shapely.simplify(line, tolerance_m, preserve_topology=False)
    return track.of(shapely.get_coordinates(kept, include_z=True)[:, 2].astype(int))
