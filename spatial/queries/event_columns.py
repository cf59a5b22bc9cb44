"""Events of a window as columns (事件列): what a page draws, filters and plays back without asking again."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import psycopg

from spatial.rules.events import ORIGINS, STATES

MOST = 250_000
"""Events that one answer holds: 8 MB, which a browser draws and sorts within a frame or two."""


@dataclass(frozen=True)
class Chosen:
    """Which events: those that occurred in a half-open window, and what more is asked of them.

    Attributes:
        classes: major (2 digits) and minor (4 digits) classes; empty for all.
        origins: some of :data:`spatial.rules.events.ORIGINS`; empty for all.
        finished: True for what is done or closed, False for the rest, None for both.
    """

    start: datetime
    end: datetime
    classes: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    finished: bool | None = None

    def values(self) -> dict[str, object]:
        """Return the parameters of :data:`CHOSEN`."""
        return {"start": self.start, "end": self.end, "classes": list(self.classes), "origins": list(self.origins),
                "finished": self.finished}

    def holds(self, class_code: str, origin: str, state: str) -> bool:
        """Tell whether an event of the window is asked for, as :data:`CHOSEN` does."""
        return ((not self.classes or class_code in self.classes or class_code[:2] in self.classes)
                and (not self.origins or origin in self.origins)
                and (self.finished is None or (state in ("done", "closed")) == self.finished))


CHOSEN = """
occurred_at >= %(start)s AND occurred_at < %(end)s
  AND (cardinality(%(classes)s::text[]) = 0 OR class_code = ANY(%(classes)s) OR left(class_code, 2) = ANY(%(classes)s))
  AND (cardinality(%(origins)s::text[]) = 0 OR origin = ANY(%(origins)s))
  AND (%(finished)s::boolean IS NULL OR (state IN ('done', 'closed')) = %(finished)s)
"""

# Rows: class, origin, state, and how many events of a window have them. Parameters: start, end.
_COUNTED = """
SELECT class_code, origin, state, count(*) FROM event
WHERE occurred_at >= %(start)s AND occurred_at < %(end)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

# One row: the events one after the other as _RECORD says, in no order; what is in none of the lists is -1. One text of
# bytes is a fraction of the work of as many rows, and numpy sorts them sooner than the database does, which would
# move whole rows. Parameters: as CHOSEN, and the lists by which codes are numbered.
_PACKED = f"""
SELECT string_agg(
    int8send(id) || float8send(extract(epoch FROM occurred_at)::float8 * 1000)
    || int4send(round(ST_X(geom) * 1e6)::int) || int4send(round(ST_Y(geom) * 1e6)::int)
    || int2send((coalesce(array_position(%(codes)s::text[], class_code), 0) - 1)::int2)
    || int2send((coalesce(array_position(%(origin_list)s::text[], origin), 0) - 1)::int2)
    || int2send((coalesce(array_position(%(state_list)s::text[], state), 0) - 1)::int2), ''::bytea)
FROM event WHERE {CHOSEN}
"""

_RECORD = np.dtype([("id", ">i8"), ("at", ">f8"), ("lon", ">i4"), ("lat", ">i4"), ("class", ">i2"), ("origin", ">i2"),
                    ("state", ">i2")])

TYPES = {"id": "<f8", "at": "<f8", "lon": "<i4", "lat": "<i4", "class": "<i2", "origin": "<i1", "state": "<i1"}
"""Columns and their types: ``at`` milliseconds since 1970, ``lon`` and ``lat`` millionths of degrees (EPSG:4490), the
last three positions in the lists beside them, -1 for what is in none. An ``id`` is exact up to 2⁵³."""


@dataclass(frozen=True)
class Columns:
    """Events of a window.

    Attributes:
        total: how many are in the window. matching: how many of them are asked for.
        classes: the codes that ``class`` counts in.
        counts: class, origin, state, and how many of the whole window have them.
        columns: by the names of :data:`TYPES`, in order of time; None where there would be more than the most.
    """

    total: int
    matching: int
    classes: list[str]
    counts: list[tuple[str, str, str, int]]
    columns: dict[str, np.ndarray] | None


def columns(connection: psycopg.Connection, chosen: Chosen, most: int = MOST) -> Columns:
    """Return the events of a window within the jurisdiction.

    Args:
        connection: inside a transaction. chosen: which.
        most: with more than this there are counts only.
    """
    values = chosen.values()
    counts = connection.execute(_COUNTED, values).fetchall()
    classes = list(Counter(code for code, *_ in counts))
    matching = sum(count for *words, count in counts if chosen.holds(*words))
    found = Columns(sum(count for *_, count in counts), matching, classes, counts, None)
    if matching > most:
        return found
    values |= {"codes": classes, "origin_list": list(ORIGINS), "state_list": list(STATES)}
    packed = connection.execute(_PACKED, values, binary=True).fetchone()[0] or b""
    records = np.frombuffer(packed, _RECORD)
    records = records[np.lexsort((records["id"], records["at"]))]
    return Columns(found.total, len(records), classes, counts,
                   {name: records[name].astype(form) for name, form in TYPES.items()})
