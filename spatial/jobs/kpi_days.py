"""Takes down the figures of each day (每日指标), hour by hour, and keeps those sums that no feed tells of."""

import threading
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import structlog

from spatial import outbox
from spatial.queries import kpi, past, past_events, rollup
from spatial.queries.measures import FAMILIES, KEPT, MEASURES
from spatial.rules import days
from spatial.rules.days import LAST
from spatial.settings import load

log = structlog.get_logger()

LOCK = 0x5348_4150_0123
"""Advisory lock of the one job that takes figures down."""

PAUSE_S = 2.0
"""Seconds between two looks at the clock."""

STANDING_S = 600.0
"""Seconds after which buildings, residents and what is entered are counted anew."""

CHANGED_S = 60.0
"""Seconds between two such counts when tiles of buildings have changed, and at least ``IDLE`` times as long as one
takes."""
IDLE = 20.0

CLOSING_S = 300.0
"""Seconds after midnight in which what is counted now is still taken for the state at the end of the day."""

BACK_DAYS = 400
"""Days without figures that are filled from what has history of its own, at most."""

DAYS_AT_ONCE = 5
"""Days that are filled between two looks at the clock: each takes some tenths of a second."""

HOURS_DAYS = 62
"""Days for which figures by the hour are kept: two months, so that any week has the one a month before it."""

STANDING = tuple(family for family in FAMILIES if family.kept == "standing")
PAST = tuple(name for name, measure in MEASURES.items() if measure.history)

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"
NOW = "SELECT now()"

# Parameters: number after which and up to which, kind, layers.
CHANGED = """
SELECT EXISTS (SELECT FROM outbox WHERE seq > %s AND seq <= %s AND kind = %s AND object = ANY(%s))
"""


@dataclass
class Progress:
    """When what was last done.

    Attributes:
        counted_at: monotonic time of the last count of what stands. took_s: how long it took.
        seq: number of the last change that was looked at. changed: buildings have changed since the last count.
        filled: the day on which days without figures were last looked for.
    """

    counted_at: float | None = None
    took_s: float = 0.0
    seq: int = 0
    changed: bool = False
    filled: date | None = None


def run(connection: psycopg.Connection, stop: threading.Event) -> None:
    """Count what stands and take figures down until told to stop, or until the connection breaks.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
    """
    while not stop.is_set():
        if connection.execute(TRY_LOCK, (LOCK,)).fetchone()[0]:
            break
        stop.wait(1.0)
    zone, progress = ZoneInfo(load().time_zone), Progress()
    while not stop.is_set():
        stand(connection, progress)
        # Without one round of the roll-up every figure would be 0.
        if rollup.state(connection) is not None:
            now = connection.execute(NOW).fetchone()[0]
            take(connection, now, zone)
            today, _ = days.day_and_hour(now, zone)
            if progress.filled != today and not fill(connection, now, zone):
                progress.filled = today
        stop.wait(PAUSE_S)


def stand(connection: psycopg.Connection, progress: Progress) -> bool:
    """Count buildings, residents and what is entered, where it is time; return whether it was."""
    started, head = time.monotonic(), outbox.head(connection)
    # Each change is looked at once: there are many, and few of them change buildings.
    progress.changed = progress.counted_at is None or progress.changed or connection.execute(
        CHANGED, (progress.seq, head, outbox.TILES, ["buildings", "organisations"])).fetchone()[0]
    progress.seq = head
    pause = CHANGED_S if progress.changed else STANDING_S
    if progress.counted_at is not None and started - progress.counted_at < max(pause, IDLE * progress.took_s):
        return False
    for family in STANDING:
        with connection.transaction():
            rollup.recount(connection, family, None)
    progress.counted_at = time.monotonic()
    progress.took_s, progress.changed = progress.counted_at - started, False
    return True


def take(connection: psycopg.Connection, now: datetime, zone: ZoneInfo) -> None:
    """Take down this hour's figures, and those of the end of the day before, unless that was done.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        now: server time.
        zone: of the command centre.
    """
    day, hour = days.day_and_hour(now, zone)
    yesterday = day - timedelta(days=1)
    done = kpi.taken(connection, yesterday, day)
    midnight = days.bounds(day, zone)[0]
    # A day that was never looked at has no end to take down.
    if ((yesterday, LAST) not in done and any(one == yesterday for one, _ in done)
            and (now - midnight).total_seconds() <= CLOSING_S):
        _put(connection, yesterday, LAST, zone)
    if (day, hour) not in done:
        _put(connection, day, hour, zone)
        with connection.transaction():
            kpi.forget_hours(connection, day - timedelta(days=HOURS_DAYS))


def _put(connection: psycopg.Connection, day: date, hour: int, zone: ZoneInfo) -> None:
    with connection.transaction():
        places = kpi.by_place(kpi.of_grids(connection, *days.bounds(day, zone), MEASURES))
        kpi.put(connection, day, hour, MEASURES, places)


def fill(connection: psycopg.Connection, now: datetime, zone: ZoneInfo, most: int = DAYS_AT_ONCE) -> int:
    """Take down, for days that ended unseen, what can be counted for any instant; the rest of them stays unknown.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        now: server time.
        zone: of the command centre.
        most: days at once, the oldest first.

    Returns:
        How many days were filled; 0 when none is left.
    """
    missing = unseen(connection, now, zone)[:most]
    for day in missing:
        start, end = days.bounds(day, zone)
        with connection.transaction():
            grids = kpi.of_grids(connection, start, end, set(PAST) - set(KEPT))
            grids += [*past.alarm_counts(connection, end).items(), *past_events.counts(connection, end).items()]
            kpi.put(connection, day, LAST, PAST, kpi.by_place(grids))
    if missing:
        log.info("filled figures of days that ended unseen", days=len(missing), measures=len(PAST))
    return len(missing)


def unseen(connection: psycopg.Connection, now: datetime, zone: ZoneInfo) -> list[date]:
    """Return the days that ended without their figures being taken down, since the first alarm or event came in."""
    today, _ = days.day_and_hour(now, zone)
    known = [day for day in (kpi.first_day(connection),) if day]
    known += [days.day_and_hour(at, zone)[0] for at in (kpi.first_record(connection),) if at]
    if not known:
        return []
    first = max(min(known), today - timedelta(days=BACK_DAYS))
    done = {day for day, hour in kpi.taken(connection, first, today) if hour == LAST}
    return [day for day in days.before(today, (today - first).days + 1)[:-1] if day not in done]
