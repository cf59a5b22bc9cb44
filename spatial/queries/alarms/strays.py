"""Messages about devices that are not on record (游离告警): kept until they are, for a week."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

from spatial.rules.alarm_messages import Message

KEPT = timedelta(days=7)
"""How long a message waits for its device."""

WAITING_MOST = 10_000
"""Messages of one source that may wait: a gateway with a wrong list of devices must not fill the disk."""

ACCOUNT_MOST = 100_000
"""Messages of one account that may wait, whatever sources it names."""

TRIES_MOST = 5
"""How often a message is tried that cannot be taken in, for whatever reason."""

UNKNOWN = "unknown_device"

# Rows: source and event id of those that wait now. Parameters: account, reason, most of one source and of the account,
# messages.
KEEP = "SELECT source, event_id FROM shapan_keep_strays(%s, %s, %s, %s, %s::text[]::jsonb[])"


def keep(connection: psycopg.Connection, messages: Sequence[Message], account: str) -> set[tuple[str, str]]:
    """Keep messages about unknown devices, with the jurisdiction of the transaction.

    Returns:
        Source and event id of those that wait now; others found ``WAITING_MOST`` of their source, or ``ACCOUNT_MOST``
        of their account before them.
    """
    if not messages:
        return set()
    said = [json.dumps(asdict(message) | {"place": place}, default=datetime.isoformat, ensure_ascii=False)
            for place, message in enumerate(messages)]
    return set(connection.execute(KEEP, (account, UNKNOWN, WAITING_MOST, ACCOUNT_MOST, said)).fetchall())


@dataclass(frozen=True)
class Waiting:
    """How many messages wait for one device; times are the server's. ``given_up``: those not to be tried again."""

    device: str
    count: int
    given_up: int
    first_at: datetime
    last_at: datetime


# Rows: the newest first. Parameters: tries, limit.
WAITING = """
SELECT device, count(*) AS count, count(*) FILTER (WHERE tries >= %s) AS given_up,
       min(received_at) AS first_at, max(received_at) AS last_at
FROM alarm_stray GROUP BY device ORDER BY max(received_at) DESC, device LIMIT %s
"""


def waiting(connection: psycopg.Connection, limit: int) -> list[Waiting]:
    """List unknown devices of which there are messages; they have no place, and no narrower jurisdiction sees any."""
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return cursor.execute(WAITING, (TRIES_MOST, limit)).fetchall()


# Rows: messages whose device is on record now, where their sender may send it: those never tried first, then in the
# order in which they came. Parameters: tries, limit.
DUE = """
SELECT stray.message, stray.received_at, stray.account, stray.tries
FROM alarm_stray AS stray JOIN device ON device.code = stray.device
WHERE device.grid_code <@ stray.scope::code_multirange AND stray.tries < %s
ORDER BY stray.tries, stray.account, stray.received_at, (stray.message ->> 'place')::int, stray.source, stray.event_id
LIMIT %s FOR UPDATE OF stray SKIP LOCKED
"""

FORGET = "DELETE FROM alarm_stray WHERE source = %s AND event_id = %s"

TRIED = "UPDATE alarm_stray SET tries = tries + 1 WHERE source = %s AND event_id = %s"

EXPIRE = "DELETE FROM alarm_stray WHERE received_at < now() - %s"


@dataclass(frozen=True)
class Due:
    """A message that may be taken in now."""

    message: Message
    account: str
    tries: int


def due(connection: psycopg.Connection, limit: int) -> list[Due]:
    """Return messages whose device has appeared, locked: all of one account and with as many tries."""
    rows = connection.execute(DUE, (TRIES_MOST, limit)).fetchall()
    return [Due(_message(said, received_at), account, tries) for said, received_at, account, tries in rows
            if (account, tries) == (rows[0][2], rows[0][3])]


def _message(said: dict[str, Any], received_at: datetime) -> Message:
    known = {name: value for name, value in said.items() if name != "place"}
    return Message(**{**known, "occurred_at": datetime.fromisoformat(said["occurred_at"]), "received_at": received_at})


def forget(connection: psycopg.Connection, messages: Sequence[Message]) -> None:
    """Delete messages that were taken in."""
    with connection.cursor() as cursor:
        cursor.executemany(FORGET, [(message.source, message.event_id) for message in messages])


def tried(connection: psycopg.Connection, messages: Sequence[Message]) -> None:
    """Count that messages could not be taken in."""
    with connection.cursor() as cursor:
        cursor.executemany(TRIED, [(message.source, message.event_id) for message in messages])


def expire(connection: psycopg.Connection) -> int:
    """Delete the messages that have waited for ``KEPT``; return how many."""
    return connection.execute(EXPIRE, (KEPT,)).rowcount
