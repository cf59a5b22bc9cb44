"""Mending of broken outlines (修复), only where a person asked for it, in a process that can be killed.

GEOS's ``structure`` method takes rings for what they enclose. On a scribble it may work for minutes
and hears no signal meanwhile, so it works in a child process with a limit of time for each outline
and of memory for all. A mended outline whose area is another one is no repair but a guess: it is
refused.
"""

import multiprocessing
import resource
from multiprocessing.connection import Connection
from types import TracebackType

import numpy as np
import shapely

from spatial import crs

LIMIT_S = 5.0
"""Wall-clock seconds for one outline."""

STARTING_S = 60.0
"""Wall-clock seconds for the child process to begin; it loads GEOS."""

MOST_KILLS = 10
"""Outlines that ran out of time after which no further one is tried."""

MEMORY_BYTES = 4 << 30

DEGREE_M = 111_320.0
"""Length of a degree of latitude, metres, on a sphere: for areas in messages, good to 1 %."""


class Mender:
    """Mends outlines one by one.

    Args:
        share: largest change of area, as a share of the larger one, before and after.
        limit_s: seconds for one outline.

    Use as a context manager, or call ``close()``. The child process begins with the first outline.
    """

    def __init__(self, share: float, limit_s: float = LIMIT_S) -> None:
        self._share, self._limit_s = share, limit_s
        self._process: multiprocessing.Process | None = None
        self._pipe: Connection | None = None
        self._kills = 0

    def __enter__(self) -> "Mender":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def mend(self, outline: shapely.Geometry, reference: crs.Reference) -> tuple[shapely.Geometry | None, str]:
        """Mend one polygon.

        Args:
            outline: not valid; coordinates of its source.
            reference: their system, for the areas in words.

        Returns:
            The mended outline, or None where there is none; and what was done, or why not, in words.
        """
        if not isinstance(outline, shapely.Polygon | shapely.MultiPolygon):
            return None, f"a {outline.geom_type} is not mended"
        if self._kills >= MOST_KILLS:
            return None, f"not mended: {MOST_KILLS} others have run out of time"
        answer = self._ask(shapely.to_wkb(outline))
        if answer is None:
            return None, f"not mended within {self._limit_s:g} s"
        mended = shapely.from_wkb(answer)
        if not isinstance(mended, shapely.Polygon | shapely.MultiPolygon) or mended.is_empty or not mended.is_valid:
            return None, "not mended: no area is left"
        before, after = outline.area, mended.area
        change = abs(after - before) / max(after, before)
        unit = _square_metres(outline, reference)
        words = f"area {before * unit:,.1f} → {after * unit:,.1f} m² ({change:.2%})"
        if change > self._share:
            return None, f"not mended: that would change its {words}, more than {self._share:.2%}"
        return mended, f"mended: {words}"

    def close(self) -> None:
        """End the child process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._pipe.close()
            self._process = self._pipe = None

    def _ask(self, wkb: bytes) -> bytes | None:
        if self._process is None:
            # Not forked: a thread of ours may hold a lock at that moment.
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
            if not self._pipe.poll(STARTING_S):
                self.close()
                return None
            self._pipe.recv_bytes()
        try:
            self._pipe.send_bytes(wkb)
            if self._pipe.poll(self._limit_s):
                return self._pipe.recv_bytes()
        except (EOFError, OSError):
            pass  # it ran out of memory or crashed; another one is started for the next outline
        self._kills += 1
        self.close()
        return None


def _serve(pipe: Connection) -> None:
    """Mend what comes through the pipe until it is closed."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    pipe.send_bytes(b"ready")
    while True:
        try:
            wkb = pipe.recv_bytes()
        except EOFError:
            return
        try:
            mended = shapely.make_valid(shapely.from_wkb(wkb), method="structure", keep_collapsed=False)
        except shapely.errors.GEOSException:
            mended = shapely.Polygon()
        pipe.send_bytes(shapely.to_wkb(mended))


def _square_metres(outline: shapely.Geometry, reference: crs.Reference) -> float:
    """Return how many square metres a unit of area is where an outline lies; projected ones are in metres."""
    if not reference.geographic:
        return 1.0
    latitude = shapely.bounds(outline)[[1, 3]].mean()
    return DEGREE_M**2 * float(np.cos(np.radians(latitude)))
