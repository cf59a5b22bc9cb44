"""How many buildings on record lie in each class of a legend, within a jurisdiction (各级楼栋数).

One statement reads every building: a second for a million. An answer is therefore kept for twenty times as long as it
took, two seconds at least, and says how old it is: who heard of a later change asks again.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any

import psycopg

from spatial.db import Database
from spatial.errors import NotFound
from spatial.types import Scope
from tiles.declaration import Field
from tiles.layers import layer
from tiles.legend import Legend

KEPT_S = 2.0
KEPT_FACTOR = 20.0
"""Seconds for which an answer is kept at least, and how many times what it took to make: 5 % of a core at most."""

MOST_KEPT = 256
"""Answers in memory: those asked for longest ago go first."""

# Rows: number of a class (from 0; null without a value) and how many objects are in it. {…}: from the declaration.
# Parameters: breaks between the classes, or the values of kinds.
_OF_RANGES = """
SELECT width_bucket({value}, %(breaks)s::float8[]), count(*) FROM {source} GROUP BY 1
"""
_OF_KINDS = """
SELECT array_position(%(breaks)s::text[], {value}) - 1, count(*) FROM {source} GROUP BY 1
"""


@dataclass(frozen=True)
class Counts:
    """Buildings in each class of a legend, in its order; ``none``: those without a value."""

    classes: tuple[int, ...]
    none: int


def count(connection: psycopg.Connection, legend: Legend, field_class: str) -> Counts:
    """Count the objects of a legend's layer by class, within the jurisdiction.

    Args:
        connection: inside a transaction.
        legend: of objects, not of cells, and not live.
        field_class: ``exact`` or ``classed``; in classes, nothing else is counted than what tiles say.

    Raises:
        NotFound: the legend is of live state, which is not in the tiles.
    """
    if legend.live:
        raise NotFound(f"Buildings are not counted by {legend.metric} here.", "The live stream tells it: /api/live.")
    declared = layer(legend.layer)
    field = next(field for field in declared.fields if field.name == legend.field)
    statement = (_OF_KINDS if legend.categorical else _OF_RANGES).format(
        value=_value(field, field_class, legend), source=declared.source)
    lines = legend.classes
    breaks = [line.value for line in lines] if legend.categorical else [line.low for line in lines[1:]]
    found = dict(connection.execute(statement, {"breaks": breaks}).fetchall())
    return Counts(tuple(found.get(number, 0) for number in range(len(lines))), found.get(None, 0))


def _value(field: Field, field_class: str, legend: Legend) -> str:
    value = field.sql_for(field_class)
    return value if legend.categorical else f"({value})::float8"


class ClassCounts:
    """Counts for all who ask, made once for those who may see the same. Many threads may ask at once.

    Args:
        database: the service's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._kept: dict[tuple[Any, ...], _Kept] = {}

    def ask(self, legend: Legend, field_class: str, scope: Scope) -> tuple[Counts, float, float]:
        """Return the counts of a legend within a jurisdiction, how old they are and how long they are kept, seconds.

        Raises:
            DatabaseError: they could not be read.
        """
        key = (legend.layer, legend.metric, field_class, scope.literal())
        with self._lock:
            kept = self._kept.pop(key, None) or _Kept()
            self._kept[key] = kept
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        with kept.lock:
            now = time.monotonic()
            if kept.counts is None or now - kept.begun >= kept.keep_s:
                with self._database.transaction(scope) as connection:
                    counts = count(connection, legend, field_class)
                took = time.monotonic() - now
                kept.counts, kept.begun, kept.keep_s = counts, now, max(KEPT_S, KEPT_FACTOR * took)
                return counts, 0.0, kept.keep_s
            return kept.counts, now - kept.begun, kept.keep_s


class _Kept:
    """One answer; its lock is held while it is made, and who asks meanwhile waits for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: Counts | None = None
        self.begun = 0.0
        self.keep_s = 0.0
