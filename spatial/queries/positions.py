"""Keepers' positions, taken in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import psycopg

from spatial import outbox
from spatial.rules import keepers as rules
from spatial.rules import tracks


@dataclass(frozen=True)
class Position:
    """Where a keeper was: degrees, EPSG:4490; ``at``: the device's time."""

    keeper: str
    lon: float
    lat: float
    at: datetime


@dataclass(frozen=True)
class Taken:
    """What became of some positions, as their indexes in the batch.

    Attributes:
        taken: new ones. known: those on record already, or twice in the batch.
        unknown: of keepers who are not on record within the jurisdiction.
        doubtful: of the new ones, those that nobody can have reached; kept, and not believed.
        clock: of the new ones, those of a clock that is ahead, whose time is not believed.
    """

    taken: tuple[int, ...]
    known: tuple[int, ...]
    unknown: tuple[int, ...]
    doubtful: tuple[int, ...]
    clock: tuple[int, ...]


# Rows: keepers of some codes. Locked in the order of their ids, so that batches take turns and none waits in a ring.
# Parameters: array of codes.
LOCK = """
SELECT id, code, ST_X(position), ST_Y(position), position_at, duty_since, area_code, grid_code
FROM keeper WHERE code = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""

# Rows: number within the arrays of each position that was not on record. One whose time was not believed is known by
# the time that the device said; it can be no older than a day, which is read once for each keeper with such a clock.
# LATERAL with LIMIT, and not NOT EXISTS: however few rows a month has when this is planned, each position is looked up
# by the key, and the month is never read whole.
# Parameters: arrays of keepers, times, times as reported, longitudes, latitudes.
ADD = """
WITH new AS (
    SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::float8[])
        WITH ORDINALITY AS new (keeper_id, at, reported_at, lon, lat, n)
), said AS MATERIALIZED (
    SELECT DISTINCT t.keeper_id, t.reported_at
    FROM (SELECT DISTINCT keeper_id FROM new WHERE reported_at IS NOT NULL) AS ahead, LATERAL (
        SELECT t.keeper_id, t.reported_at FROM keeper_track AS t
        WHERE t.keeper_id = ahead.keeper_id AND t.at > now() - interval '1 day' AND t.reported_at IS NOT NULL OFFSET 0
    ) AS t
), missing AS (
    SELECT new.* FROM new
    LEFT JOIN LATERAL (
        SELECT true AS known FROM keeper_track AS t WHERE t.keeper_id = new.keeper_id AND t.at = new.at LIMIT 1
    ) AS same ON true
    LEFT JOIN said USING (keeper_id, reported_at)
    WHERE same.known IS NULL AND said.keeper_id IS NULL
), added AS (
    INSERT INTO keeper_track (keeper_id, at, reported_at, position, area_code, grid_code)
    SELECT missing.keeper_id, at, reported_at, ST_SetSRID(ST_MakePoint(lon, lat), 4490), area_code, grid_code
    FROM missing JOIN keeper ON keeper.id = missing.keeper_id
)
SELECT n FROM missing
"""

# Rows: the newest positions after the last one that was believed; what a few of them say is enough to believe them.
# Parameters: array of keepers.
PENDING = """
SELECT keeper.id, t.at, ST_X(t.position), ST_Y(t.position)
FROM keeper CROSS JOIN LATERAL (
    SELECT at, position FROM keeper_track
    WHERE keeper_track.keeper_id = keeper.id AND keeper_track.at > keeper.position_at ORDER BY at DESC LIMIT 20
) AS t
WHERE keeper.id = ANY(%s)
"""

# Parameters: arrays of keepers, times, longitudes, latitudes, times since when they are on duty.
MOVE = """
UPDATE keeper SET position = ST_SetSRID(ST_MakePoint(new.lon, new.lat), 4490), position_at = new.at,
       duty_since = new.since
FROM unnest(%s::bigint[], %s::timestamptz[], %s::float8[], %s::float8[], %s::timestamptz[])
     AS new (id, at, lon, lat, since)
WHERE keeper.id = new.id
"""


@dataclass
class _Known:
    """A keeper as locked: the last believed position, and whose it is."""

    id: int
    code: str
    lon: float | None
    lat: float | None
    at: datetime | None
    since: datetime | None
    area_code: str
    grid_code: str


def move_all(connection: psycopg.Connection, positions: Sequence[Position], now: datetime) -> Taken:
    """Take in positions, in any order, and tell the change feed of each keeper who moved, once.

    Six statements, however many positions. Each position counts once, by keeper and time.

    Args:
        connection: inside the caller's transaction.
        positions: of any keepers.
        now: the server's time.
    """
    codes = sorted({position.keeper for position in positions})
    keepers = {row[1]: _Known(*row) for row in connection.execute(LOCK, (codes,))}
    by_keeper: dict[str, list[int]] = defaultdict(list)
    for index, position in enumerate(positions):
        by_keeper[position.keeper].append(index)
    times = {}
    for code in keepers:
        indexes = by_keeper[code]
        believed = rules.believed_times([positions[index].at for index in indexes], now)
        times.update(zip(indexes, believed, strict=True))
    # Of two in the batch with one keeper and time, the first counts.
    first: dict[tuple[str, datetime], int] = {}
    for index, at in times.items():
        first.setdefault((positions[index].keeper, at), index)
    sent = sorted(first.values())
    added = connection.execute(ADD, (
        [keepers[positions[i].keeper].id for i in sent], [times[i] for i in sent],
        [positions[i].at if positions[i].at != times[i] else None for i in sent],
        [positions[i].lon for i in sent], [positions[i].lat for i in sent])).fetchall() if sent else []
    new = sorted(sent[n - 1] for (n,) in added)
    doubtful = _moved(connection, keepers, positions, times, new)
    return Taken(
        tuple(new), tuple(sorted(times.keys() - set(new))),
        tuple(index for index, position in enumerate(positions) if position.keeper not in keepers),
        tuple(sorted(doubtful)), tuple(index for index in new if positions[index].at != times[index]))


def _moved(connection: psycopg.Connection, keepers: dict[str, _Known], positions: Sequence[Position],
           times: dict[int, datetime], new: list[int]) -> list[int]:
    """Move the keepers of new positions to the last believed ones, tell of it, and return which are doubtful."""
    ids = {keepers[positions[index].keeper].id for index in new}
    pending: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
    for keeper_id, at, lon, lat in connection.execute(PENDING, (sorted(ids),)) if ids else ():
        pending[keeper_id].append((at.timestamp(), lon, lat))
    mine: dict[str, list[int]] = defaultdict(list)
    for index in new:
        mine[positions[index].keeper].append(index)
    doubtful, moves = [], []
    for code, indexes in mine.items():
        keeper = keepers[code]
        known = {times[index].timestamp(): index for index in indexes}
        fixes = {at: (lon, lat) for at, lon, lat in pending[keeper.id]}
        # Without a last position nothing is pending by definition, and all that came is new.
        fixes |= {at: (positions[index].lon, positions[index].lat) for at, index in known.items()
                  if keeper.at is None or at > keeper.at.timestamp()}
        if keeper.at is not None:
            fixes[keeper.at.timestamp()] = keeper.lon, keeper.lat
        ordered = sorted(fixes)
        track = tracks.Track(*np.array([fixes[at] for at in ordered]).T, np.array(ordered))
        fine = tracks.believed(track)
        doubtful += [known[at] for at, is_fine in zip(ordered, fine, strict=True) if not is_fine and at in known]
        last = ordered[int(np.flatnonzero(fine)[-1])]
        if last in known:
            since = rules.duty_since(keeper.since, keeper.at, [times[index] for index in indexes])
            moves.append((keeper, times[known[last]], *fixes[last], since))
    if moves:
        moves.sort(key=lambda move: move[0].id)
        connection.execute(MOVE, ([keeper.id for keeper, *_ in moves], *(list(column) for column in
                                                                        list(zip(*moves, strict=True))[1:])))
        ids = [keeper.id for keeper, *_ in moves]
        outbox.append_all(connection, [
            (outbox.KEEPER, code, area_code, grid_code, told(code, grid_code, *rest))
            for code, area_code, grid_code, *rest in connection.execute(MOVED, {**_STOP, "ids": ids})])
    return doubtful


def told(code: str, grid_code: str, at: datetime, lon: float, lat: float, since: datetime | None,
         outside: bool | None, still: bool) -> dict[str, object]:
    """Return a keeper as the change feed tells it: whoever may hear it knows the name by the code."""
    return {"code": code, "lon": lon, "lat": lat, "at": at.isoformat(), "grid_code": grid_code,
            "on_duty_since": since and since.isoformat(), "outside": outside, "still": still}


# Rows: keepers, where they were last, and what they did there. Outside is who is more than a telephone's error away
# from the grid that is kept; null without a grid. Still is who was nowhere else in the time of a stop: since the last
# position before it, where there is one within a gap's time, or keepers who are heard of rarely would always stand.
# Parameters: seconds of a stop and a gap, metres of a stop and outside.
_TOLD = """
SELECT keeper.code, keeper.area_code, keeper.grid_code, position_at, ST_X(keeper.position), ST_Y(keeper.position),
       duty_since,
       CASE WHEN ST_Covers(grid.geom, keeper.position) THEN false
            ELSE ST_Distance(grid.geom::geography, keeper.position::geography) > %(outside_m)s END AS outside,
       NOT EXISTS (
           SELECT FROM keeper_track AS t
           WHERE t.keeper_id = keeper.id AND t.at <= position_at AND t.at >= coalesce(
               (SELECT max(before.at) FROM keeper_track AS before
                WHERE before.keeper_id = keeper.id AND before.at >= position_at - make_interval(secs => %(gap_s)s)
                  AND before.at <= position_at - make_interval(secs => %(stop_s)s)),
               position_at - make_interval(secs => %(stop_s)s))
             AND ST_Distance(t.position::geography, keeper.position::geography) > %(stop_m)s
       ) AS still
FROM keeper LEFT JOIN grid ON grid.code = keeper.grid_code AND grid.valid_to IS NULL
WHERE {which} ORDER BY keeper.{order}
"""
_STOP = {"stop_s": tracks.STOP_S, "gap_s": tracks.GAP_S, "stop_m": tracks.STOP_M, "outside_m": rules.OUTSIDE_M}

# Parameters: also ids.
MOVED = _TOLD.format(which="keeper.id = ANY(%(ids)s)", order="id")

# An imported place without a time was never a sighting.
LATEST = _TOLD.format(which="keeper.position IS NOT NULL AND position_at IS NOT NULL", order="code")


def latest(connection: psycopg.Connection) -> list[dict[str, object]]:
    """Return where each keeper within the jurisdiction was seen last, as the change feed tells it."""
    return [told(code, *rest) for code, _, *rest in connection.execute(LATEST, _STOP)]
