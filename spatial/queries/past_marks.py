"""When something came in (时间刻度): marks by which one finds an instant of the past to look at."""

from datetime import datetime

import psycopg

# Rows: number of a part of the stretch of time, counted from 0, and how many came in then. Parameters: start, end,
# seconds of a part.
_ALARMS = """
SELECT floor(extract(epoch FROM received_at - %(start)s) / %(part)s)::int AS part, count(*)
FROM alarm WHERE received_at >= %(start)s AND received_at < %(end)s GROUP BY 1
"""
_EVENTS = _ALARMS.replace("FROM alarm", "FROM event")


def marks(connection: psycopg.Connection, start: datetime, end: datetime, part_s: int) -> dict[str, list[int]]:
    """Count the alarms and events that came in, by equal parts of a stretch of the server's time.

    Args:
        connection: inside a transaction.
        start, end: half-open. part_s: length of a part, seconds.

    Returns:
        ``alarms`` and ``events``: a number for each part.
    """
    values = {"start": start, "end": end, "part": part_s}
    parts = -int((start - end).total_seconds() // part_s)
    found = {}
    for name, statement in (("alarms", _ALARMS), ("events", _EVENTS)):
        counts = dict(connection.execute(statement, values).fetchall())
        found[name] = [counts.get(part, 0) for part in range(parts)]
    return found
