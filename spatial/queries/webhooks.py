"""Webhooks (出站通知): who gets what, the message that is next, and how far the receiver has confirmed."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from spatial import outbox
from spatial.db import SET_SCOPE
from spatial.errors import NotFound, ShapanError
from spatial.queries import changes
from spatial.rules import webhooks as rules
from spatial.types import UNPLACED_AREA, UNPLACED_GRID, Scope

LOCK = 0x5348_4150_0023
"""Advisory lock of the one process that delivers."""

HOOKS_MOST = 100

BATCH_MOST = 100
BATCH_BYTES = 256 * 1024
"""Changes in one message, and bytes after which no further one is added."""

LAZY = 500
"""Numbers without anything for a webhook after which its cursor is written on."""


class TooManyWebhooks(ShapanError):
    """As many webhooks are on record as are allowed."""


@dataclass(frozen=True)
class Webhook:
    """A webhook as administrators see it; its secret is shown once, when it is made."""

    id: int
    url: str
    kinds: list[str]
    places: list[str]
    account: str
    created_at: datetime
    state: str
    cursor: int
    attempts: int
    next_at: datetime
    failing_since: datetime | None
    last_outcome: str | None
    delivered_at: datetime | None


COLUMNS = """
SELECT id, url, kinds, places, account, created_at, state, cursor, attempts, next_at, failing_since, last_outcome,
       delivered_at
FROM webhook
"""

# Only those whose places all lie in the jurisdiction: row security would show those that share a part of it.
ALL = COLUMNS + "WHERE shapan_within(places, (SELECT shapan_scope())) ORDER BY id"


def every(connection: psycopg.Connection) -> list[Webhook]:
    """List the webhooks that lie within the jurisdiction, by number."""
    with connection.cursor(row_factory=class_row(Webhook)) as cursor:
        return cursor.execute(ALL).fetchall()


def as_json(webhook: Webhook) -> dict[str, Any]:
    """Return a webhook as the interface sends it."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(webhook).items()}


# No row when there are enough. Two at once may make one too many, which does no harm.
MAKE = """
INSERT INTO webhook (url, kinds, secret_sealed, account, cursor, places, area_code, grid_code)
SELECT %s, %s, %s, %s, %s, %s, %s, %s WHERE (SELECT count(*) FROM webhook) < %s
RETURNING id
"""


def make(connection: psycopg.Connection, url: str, kinds: list[str], secret_sealed: bytes, account: str,
         scope: Scope, after: int | None) -> int:
    """Put a webhook on record and return its number.

    Args:
        connection: of the account that makes it; its jurisdiction must hold ``scope``.
        url: whose host is on the list.
        kinds: that the account may hear of.
        secret_sealed: by ``spatial/cipher.py``.
        account: who makes it.
        scope: whose changes it gets.
        after: number of the change after which it begins; None for those from now on.

    Raises:
        ChangesForgotten: changes after that number may be gone.
        TooManyWebhooks: there are enough.
    """
    if after is None:
        after = outbox.head(connection)
    else:
        changes.page(connection, after, kinds, 1)
    row = connection.execute(MAKE, (url, kinds, secret_sealed, account, after, scope.places(), UNPLACED_AREA,
                                    UNPLACED_GRID, HOOKS_MOST)).fetchone()
    if row is None:
        raise TooManyWebhooks(f"{HOOKS_MOST} webhooks are on record, as many as are allowed.", "Delete one.")
    return row[0]


DELETE = "DELETE FROM webhook WHERE id = %s AND shapan_within(places, (SELECT shapan_scope())) RETURNING id"


def delete(connection: psycopg.Connection, webhook_id: int) -> None:
    """Delete a webhook; a message that is under way may still arrive.

    Raises:
        NotFound: there is none, or none within the jurisdiction.
    """
    if connection.execute(DELETE, (webhook_id,)).fetchone() is None:
        raise NotFound(f"There is no webhook {webhook_id}.", "It may lie outside your area.")


ENABLE = """
UPDATE webhook SET state = 'active', attempts = 0, failing_since = NULL, next_at = now() WHERE id = %s RETURNING id
"""


def enable(connection: psycopg.Connection, webhook_id: int) -> None:
    """Switch a webhook on again, and have it tried at once.

    Raises:
        NotFound: there is none.
    """
    if connection.execute(ENABLE, (webhook_id,)).fetchone() is None:
        raise NotFound(f"There is no webhook {webhook_id}.", "List them with: shapan webhooks list")


# One row: address and sealed secret. Parameters: id.
SECRET = "SELECT url, secret_sealed FROM webhook WHERE id = %s"


def secret(connection: psycopg.Connection, webhook_id: int) -> tuple[str, bytes]:
    """Return a webhook's address and its sealed secret.

    Raises:
        NotFound: there is none.
    """
    row = connection.execute(SECRET, (webhook_id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no webhook {webhook_id}.", "List them with: shapan webhooks list")
    return row


@dataclass(frozen=True)
class Message:
    """What is sent next to a webhook; the same number and changes however often it is tried.

    ``upto``: number of the last change in it.
    """

    webhook: int
    url: str
    secret_sealed: bytes
    id: str
    upto: int
    body: bytes


# Rows: webhooks that may be tried now. Parameters: none.
DUE = "SELECT id, places FROM webhook WHERE state = 'active' AND next_at <= now() ORDER BY next_at, id"


def due(connection: psycopg.Connection) -> list[tuple[int, list[str]]]:
    """Return number and places of the webhooks that may be tried now."""
    return connection.execute(DUE).fetchall()


# One row. Parameters: id.
NEXT = "SELECT url, kinds, secret_sealed, cursor, pending_upto FROM webhook WHERE id = %s FOR UPDATE"

SET_PENDING = "UPDATE webhook SET pending_upto = %s WHERE id = %s"
SET_CURSOR = "UPDATE webhook SET cursor = %s WHERE id = %s"


def prepare(connection: psycopg.Connection, webhook_id: int, places: list[str]) -> Message | int:
    """Return what is to be sent to a webhook, and remember it before it is sent.

    The changes of a message are settled before the first attempt: whoever tries again after a crash sends the same
    ones under the same number, by which the receiver knows it.

    Args:
        connection: of the worker role, in a transaction of its own, which the caller commits.
        webhook_id, places: from :func:`due`; the transaction's jurisdiction becomes the webhook's.

    Returns:
        The message; or the number up to which nothing is for it, which may be less than the head.
    """
    connection.execute(SET_SCOPE, (Scope.of_places(places).literal(),))
    row = connection.execute(NEXT, (webhook_id,)).fetchone()
    if row is None:
        return outbox.head(connection)
    url, kinds, secret_sealed, cursor, pending = row
    head, floor = outbox.head(connection), outbox.floor(connection, kinds)
    # Behind the floor changes are gone; beyond the head the database was restored to an earlier state.
    begin = floor if cursor < floor else min(cursor, head)
    gap = begin != cursor
    upto = min(head, begin + changes.LOOKED_AT) if pending is None else pending
    found = changes.rows(connection, begin, upto, kinds, BATCH_MOST)
    if pending is None:
        found = _first(found)
        if not found and not gap:
            if upto - cursor >= LAZY:
                connection.execute(SET_CURSOR, (upto, webhook_id))
            return upto
        pending = found[-1].seq if found else upto
        connection.execute(SET_PENDING, (pending, webhook_id))
    body = {"type": "shapan.changes", **({"timestamp": found[-1].at.isoformat()} if found else {}),
            "data": {"changes": [changes.as_json(change) for change in found], "after": cursor, "next": pending,
                     "gap": gap}}
    return Message(webhook_id, url, bytes(secret_sealed), f"msg_{webhook_id}_{cursor}_{pending}", pending,
                   json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def _first(found: list[changes.Change]) -> list[changes.Change]:
    """Return as many changes as fit into one message, one at least."""
    size = 0
    for number, change in enumerate(found):
        size += len(json.dumps(change.payload))
        if number and size > BATCH_BYTES:
            return found[:number]
    return found


# Nothing where the webhook was deleted, or somebody else has confirmed the message.
CONFIRM = """
UPDATE webhook SET cursor = pending_upto, pending_upto = NULL, attempts = 0, failing_since = NULL, next_at = now(),
                   last_outcome = %s, delivered_at = now()
WHERE id = %s AND pending_upto = %s
"""

# One row: failures in a row, since when, and the time now; none where it was deleted.
FAIL = """
UPDATE webhook SET attempts = attempts + 1, failing_since = coalesce(failing_since, now()), last_outcome = %s
WHERE id = %s RETURNING attempts, failing_since, now()
"""

SET_NEXT = "UPDATE webhook SET next_at = now() + make_interval(secs => %s), state = %s WHERE id = %s"


def confirm(connection: psycopg.Connection, message: Message, outcome: str) -> None:
    """Record that a receiver has confirmed a message. The caller commits."""
    connection.execute(CONFIRM, (outcome, message.webhook, message.upto))


def fail(connection: psycopg.Connection, message: Message, outcome: str, chance: float, *, gone: bool) -> None:
    """Record that a receiver has not confirmed a message, and when it is tried again. The caller commits.

    Args:
        connection: of the worker role, jurisdiction everything.
        message: what was sent.
        outcome: why, in a few words.
        chance: from 0 to 1, see ``spatial/rules/webhooks.py``.
        gone: the receiver wants no more.
    """
    row = connection.execute(FAIL, (outcome, message.webhook)).fetchone()
    if row is not None:
        attempts, since, now = row
        state = "disabled" if gone or rules.given_up(since, now) else "active"
        connection.execute(SET_NEXT, (rules.pause_s(attempts, chance), state, message.webhook))
