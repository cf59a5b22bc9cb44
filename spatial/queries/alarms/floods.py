"""Whether alarms flood whoever looks (告警洪水), and the groups that they form."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from spatial.queries.alarms.record import Alarm, some
from spatial.rules import floods
from spatial.rules.alarms import SEVERITIES


@dataclass(frozen=True)
class AlarmGroup:
    """Alarms that belong together and are not closed, within the jurisdiction.

    Attributes:
        id: of the group. first_out: its first alarm (首出), or the first that may be seen.
        count: alarms; unacknowledged: those that nobody has acknowledged. worst: severity.
        first_at, last_at: server's times of the first and the last one.
    """

    id: int
    first_out: Alarm
    count: int
    unacknowledged: int
    worst: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Flood:
    """How it is now: new alarms within ``floods.WINDOW``, whether they are a flood for one person, the groups."""

    on: bool
    new: int
    groups: list[AlarmGroup]


NEW = "SELECT count(*) FROM alarm WHERE received_at >= now() - %s"

# Rows: groups of two alarms or more of which one came lately, those with unacknowledged alarms and the worst first. A
# group spans no longer than ``floods.LONGEST``: one that has an alarm of lately is no older than twice as long.
# Parameters: severities from the worst on, how long ago, limit.
GROUPS = """
SELECT group_id, coalesce(min(id) FILTER (WHERE id = group_id), min(id)), count(*),
       count(*) FILTER (WHERE acknowledged_at IS NULL), min(array_position(%(severities)s::text[], severity)),
       min(received_at), max(received_at)
FROM alarm
WHERE closed_at IS NULL AND group_id IS NOT NULL AND received_at >= now() - 2 * %(lately)s
GROUP BY group_id HAVING count(*) >= 2 AND max(received_at) >= now() - %(lately)s
ORDER BY count(*) FILTER (WHERE acknowledged_at IS NULL) = 0,
         min(array_position(%(severities)s::text[], severity)), max(received_at) DESC, group_id
LIMIT %(limit)s
"""


def now(connection: psycopg.Connection, limit: int = 100) -> Flood:
    """Tell whether there is a flood for one person within the jurisdiction, and which groups alarms form."""
    new = connection.execute(NEW, (floods.WINDOW,)).fetchone()[0]
    rows = connection.execute(GROUPS, {
        "severities": list(SEVERITIES), "lately": floods.LONGEST, "limit": limit}).fetchall()
    first = {alarm.id: alarm for alarm in some(connection, [row[1] for row in rows])}
    return Flood(floods.flooding(new), new, [
        AlarmGroup(group, first[out], count, unacknowledged, SEVERITIES[worst - 1], first_at, last_at)
        for group, out, count, unacknowledged, worst, first_at, last_at in rows if out in first])
