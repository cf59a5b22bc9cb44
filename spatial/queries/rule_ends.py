"""How alarms of rules ended: by the rule itself, or by somebody else while the value may still be wrong."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import psycopg

ACCOUNT = "rules"
"""Who takes the steps of alarms that rules raise and clear."""


@dataclass(frozen=True)
class End:
    """What is known of the alarms of one device and type.

    Attributes:
        stands: one is active.
        cleared_to: the device's time up to which what was raised is over.
        by_others: the last one was ended by a person, by its type's time, or by a gateway.
    """

    stands: bool
    cleared_to: datetime | None
    by_others: bool


# Rows: device, type, whether an alarm is active, up to when what was raised is over, whether somebody else than rules
# ended the last one. Each look is one at an index. Parameters: account of rules, device ids, types.
ENDS = """
SELECT given.device_id, given.type,
       EXISTS (SELECT FROM alarm WHERE alarm.device_id = given.device_id AND alarm.type = given.type AND alarm.active),
       mark.cleared_to,
       coalesce((SELECT step.account <> %s FROM alarm_step AS step
                 WHERE step.alarm_id = mark.ended_alarm_id AND step.step = 'cleared'
                 ORDER BY step.at DESC, step.id DESC LIMIT 1), false)
FROM unnest(%s::bigint[], %s::text[]) AS given (device_id, type)
LEFT JOIN alarm_mark AS mark ON mark.device_id = given.device_id AND mark.type = given.type
"""


def ends(connection: psycopg.Connection, pairs: Collection[tuple[int, str]]) -> dict[tuple[int, str], End]:
    """Return how it stands with the alarms of some devices and types: (device id, type) → end."""
    if not pairs:
        return {}
    device_ids, types = map(list, zip(*sorted(pairs), strict=True))
    rows = connection.execute(ENDS, (ACCOUNT, device_ids, types))
    return {(device_id, type_): End(*said) for device_id, type_, *said in rows}
