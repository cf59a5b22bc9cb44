"""Counts by which the health of alarms is judged (``spatial/rules/alarm_health.py``)."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from spatial.queries.alarms.steps import SYSTEM
from spatial.rules import alarm_health as rules
from spatial.rules.alarms import SEVERITIES


@dataclass(frozen=True)
class Bad:
    """A device and type: its alarms and raises (alarms and repeats) within a window, and its share of all alarms."""

    device_code: str | None
    device_name: str | None
    type: str
    alarms: int
    raises: int
    share: float


@dataclass(frozen=True)
class Health:
    """What was counted, and the ten devices and types with the most alarms."""

    counted: rules.Counted
    top: list[Bad]


# Rows: number of the window and new alarms in it, of windows that have any. Parameters: start, end, window.
NEW = """
SELECT floor(extract(epoch FROM received_at - %(start)s) / extract(epoch FROM %(window)s::interval))::int, count(*)
FROM alarm WHERE received_at >= %(start)s AND received_at < %(end)s GROUP BY 1
"""

# One row: operators, and raises that counted with alarms which had ended. What people do and no message does; a message
# may clear, and a job may bring back from the shelf.
STEPS = """
SELECT count(DISTINCT account) FILTER (
           WHERE account <> %(system)s AND step IN ('acknowledged', 'assigned', 'commented', 'shelved', 'closed')),
       count(*) FILTER (WHERE step IN ('repeated', 'escalated') AND detail ? 'late')
FROM alarm_step WHERE at >= %(start)s AND at < %(end)s
"""

STANDING = """
SELECT count(*), count(*) FILTER (WHERE received_at < now() - %(stale)s)
FROM alarm WHERE active AND closed_at IS NULL
"""

SEVERE = """
SELECT severity, count(*), sum(extract(epoch FROM acknowledged_at - received_at)), count(acknowledged_at)
FROM alarm WHERE received_at >= %(start)s AND received_at < %(end)s GROUP BY severity
"""

# One row: devices and types of which so many raises came within so long, of alarms that came within the window. Times
# are the server's: a late raise counts when it came. Only of alarms with repeats are the steps read.
CHATTERING = """
SELECT count(*) FROM (
    SELECT device_id, type FROM (
        SELECT device_id, type, at - lag(at, %(raises)s - 1) OVER (PARTITION BY device_id, type ORDER BY at) AS span
        FROM (
            SELECT device_id, type, received_at AS at FROM alarm
            WHERE received_at >= %(start)s AND received_at < %(end)s AND device_id IS NOT NULL
            UNION ALL
            SELECT alarm.device_id, alarm.type, step.at
            FROM alarm JOIN alarm_step AS step ON step.alarm_id = alarm.id
            WHERE alarm.received_at >= %(start)s AND alarm.received_at < %(end)s AND alarm.repeats > 0
              AND alarm.device_id IS NOT NULL AND step.step IN ('repeated', 'escalated') AND step.at >= %(start)s
        ) AS heard
    ) AS raised WHERE span <= %(within)s GROUP BY device_id, type
) AS chattering
"""

# Rows: the devices and types with the most alarms. Parameters: start, end, limit.
TOP = """
SELECT device.code, device.name, worst.type, worst.alarms, worst.raises FROM (
    SELECT device_id, type, count(*) AS alarms, count(*) + sum(repeats) AS raises
    FROM alarm WHERE received_at >= %(start)s AND received_at < %(end)s
    GROUP BY device_id, type ORDER BY 3 DESC, 4 DESC, 1, 2 LIMIT %(top)s
) AS worst LEFT JOIN device ON device.id = worst.device_id
ORDER BY worst.alarms DESC, worst.raises DESC, device.code, worst.type
"""


LONGEST_MS = 20_000
"""How long one of these statements may take: half a million alarms of a month are read in two seconds."""

PATIENCE = "SELECT set_config('statement_timeout', %s, true)"


def between(connection: psycopg.Connection, start: datetime, end: datetime) -> Health:
    """Count what came within a half-open window of the server's time, within the jurisdiction.

    Standing and stale alarms are those of now. For the rest of the transaction statements may take ``LONGEST_MS``.
    """
    values = {
        "start": start, "end": end, "window": rules.WINDOW, "system": SYSTEM, "stale": rules.STALE,
        "raises": rules.CHATTER_RAISES, "within": rules.CHATTER_WITHIN, "top": rules.TOP,
    }
    connection.execute(PATIENCE, (str(LONGEST_MS),))
    new = [0] * rules.windows(start, end)
    for number, count in connection.execute(NEW, values):
        new[number] = count
    operators, late = connection.execute(STEPS, values).fetchone()
    standing, stale = connection.execute(STANDING, values).fetchone()
    severe = {severity: (count, float(seconds or 0), acknowledged)
              for severity, count, seconds, acknowledged in connection.execute(SEVERE, values)}
    acknowledged = sum(row[2] for row in severe.values())
    seconds = sum(row[1] for row in severe.values())
    total = sum(new)
    top = [Bad(code, name, type_, alarms, int(raises), alarms / total)
           for code, name, type_, alarms, raises in connection.execute(TOP, values)]
    chattering = connection.execute(CHATTERING, values).fetchone()[0]
    return Health(rules.Counted(
        new, operators, standing, stale, chattering, late, sum(bad.alarms for bad in top),
        {severity: severe.get(severity, (0,))[0] for severity in SEVERITIES},
        seconds / acknowledged if acknowledged else None), top)
