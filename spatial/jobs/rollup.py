"""Keeps the roll-up (态势汇总) within a second of each change, and tells the feed of each grid whose counts changed."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

import psycopg
import structlog

from spatial import outbox
from spatial.queries import rollup
from spatial.queries.measures import FAMILIES

log = structlog.get_logger()

LOCK = 0x5348_4150_0122
"""Advisory lock of the one job that rolls up."""

PAUSE_S = 0.2
IDLE = 3.0
"""Seconds between two rounds at least, and times as long as the last round took: a quarter of one core at most."""

CHANGES = 20_000
"""Changes of the feed looked at in one round."""

WHOLE_S = 600.0
"""Seconds after which all is counted anew, whatever the feed said."""

MOVED_S = 30.0
"""Seconds between two such counts at least, when rows may have got another grid: of those the feed does not tell."""

MOVING = ("areas", "grids", "buildings", "devices", "events")
"""Layers whose tables give, or get, another grid without a change of their own: through a foreign key, an import,
``shapan place``. Each write to them is in the feed as a change of tiles."""

FOLLOWED = tuple(family for family in FAMILIES if family.kept in ("live", "entered"))

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"

# Rows: kind, and the grids of its changes in a stretch of the feed; of tiles, those that may have moved objects.
# Parameters: after, up to, kinds, kinds that move, layers.
CHANGED = """
SELECT kind, array_agg(DISTINCT grid_code) FROM outbox
WHERE seq > %(after)s AND seq <= %(upto)s
  AND (kind = ANY(%(kinds)s) OR kind = %(placed)s OR kind = %(tiles)s AND object = ANY(%(moving)s))
GROUP BY kind
"""

NOW = "SELECT now()"


@dataclass
class Progress:
    """How far the job is.

    Attributes:
        seq: number of the last change that is counted.
        at: server time of the last round.
        whole_at: monotonic time of the last count of everything; None before the first.
        moved: rows may have got another grid since then.
    """

    seq: int = 0
    at: datetime | None = None
    whole_at: float | None = None
    moved: bool = False
    kinds: list[str] = field(default_factory=lambda: sorted({kind for family in FOLLOWED for kind in family.kinds}))


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Roll up until told to stop, or until the connection breaks. Whoever begins counts everything once.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
    """
    while not stop.is_set():
        if connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
            break
        stop.wait(1.0)
    progress = Progress()
    while not stop.is_set():
        started = time.monotonic()
        follow(connection, progress)
        stop.wait(max(PAUSE_S, IDLE * (time.monotonic() - started)))


def follow(connection: psycopg.Connection, progress: Progress) -> int:
    """Count the grids of the next changes anew, write down how far that was, and tell of what changed, all at once.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        progress: how far the job is; moved on when the round is committed.

    Returns:
        How many grids have other counts now.
    """
    head = outbox.head(connection)
    with connection.transaction():
        now = connection.execute(NOW).fetchone()[0]
        whole = _whole_due(progress, time.monotonic())
        upto = head if progress.whole_at is None else min(head, progress.seq + CHANGES)
        told = {} if progress.whole_at is None else _told(connection, progress, upto)
        changed: set[str] = set()
        for family in FOLLOWED:
            grids = None if whole else {grid for kind in family.kinds for grid in told.get(kind, ())}
            if grids is not None and family.turns:
                grids.update(grid for grid, in connection.execute(family.turns, {"since": progress.at, "now": now}))
            changed |= rollup.recount(connection, family, grids)
        if whole:
            rollup.forget(connection)
        if upto > progress.seq or whole:
            rollup.set_state(connection, upto)
        outbox.append_all(connection, [(outbox.KPI, grid["code"], grid["code"][:12], grid["code"], grid)
                                       for grid in rollup.grids(connection, changed)])
    if whole and changed:
        log.info("counted everything anew", grids_corrected=len(changed), first=progress.whole_at is None)
    progress.moved = not whole and (progress.moved or outbox.PLACED in told or outbox.TILES in told)
    progress.seq, progress.at = upto, now
    progress.whole_at = time.monotonic() if whole else progress.whole_at
    return len(changed)


def _whole_due(progress: Progress, now: float) -> bool:
    """Tell whether everything is to be counted: at first, every ten minutes, and soon after objects have moved."""
    if progress.whole_at is None:
        return True
    return now - progress.whole_at >= (MOVED_S if progress.moved else WHOLE_S)


def _told(connection: psycopg.Connection, progress: Progress, upto: int) -> dict[str, list[str]]:
    if upto == progress.seq:
        return {}
    return dict(connection.execute(CHANGED, {
        "after": progress.seq, "upto": upto, "kinds": progress.kinds, "placed": outbox.PLACED, "tiles": outbox.TILES,
        "moving": list(MOVING)}).fetchall())
