"""Active alarms go where their device goes (告警随设备): placed anew, or put on record at another place."""

from collections.abc import Sequence

import psycopg

from spatial.errors import DatabaseError
from spatial.queries.alarms.record import some, tell


class PlacedElsewhere(DatabaseError):
    """A device has an active alarm that lies where whoever speaks of the device may not look."""

    def __init__(self) -> None:
        super().__init__("A device was placed elsewhere while its messages were taken in; none was.",
                         "Send the batch again.")


# Parameters: device ids, types.
ACTIVE = "SELECT shapan_alarms_active(%b::bigint[], %b::text[])"


def check_seen(connection: psycopg.Connection, pairs: Sequence[tuple[int, str]]) -> None:
    """Make sure that devices and types of which the connection sees no active alarm have none.

    Args:
        connection: inside the transaction that holds their marks: nobody else raises or ends alarms of theirs.
        pairs: device id and type of each.

    Raises:
        PlacedElsewhere: one has an active alarm where its device was, or where that has gone meanwhile.
    """
    if pairs and connection.execute(ACTIVE, [list(column) for column in zip(*pairs, strict=True)]).fetchone()[0]:
        raise PlacedElsewhere


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
