"""Active alarms go where their device goes (告警随设备): placed anew, or put on record at another place."""

from collections.abc import Sequence

import psycopg

from spatial.queries.alarms.record import some, tell

# Rows: alarms that had another place than their device. Parameters: device ids, null for all.
FOLLOW = "SELECT shapan_alarms_follow(%b::bigint[])"


def follow(connection: psycopg.Connection, device_ids: Sequence[int] | None = None) -> int:
    """Give active alarms the place of their device, whoever may see them, and tell the change feed.

    Args:
        connection: inside the transaction that has moved the devices.
        device_ids: whose alarms; None for all.

    Returns:
        How many alarms had another place.
    """
    moved = [row[0] for row in connection.execute(FOLLOW, (None if device_ids is None else list(device_ids),))]
    if moved:
        tell(connection, some(connection, moved))
    return len(moved)
