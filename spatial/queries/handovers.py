"""Handovers (交接快照): made once, read by who holds all of their places, accepted once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from spatial.errors import NotFound, ShapanError
from spatial.types import UNPLACED_AREA, UNPLACED_GRID, Scope


class AlreadyAccepted(ShapanError):
    """Somebody else has accepted the handover."""


@dataclass(frozen=True)
class Handover:
    """A handover without its content and picture.

    Attributes:
        kind: ``alarm`` or ``picture``. alarm_id: None where it is a picture, or the alarm was deleted.
        account: who froze it. at: the server's time.
        view: query string of the page then. pictured: whether there is a picture.
    """

    id: int
    kind: str
    alarm_id: int | None
    account: str
    at: datetime
    note: str | None
    view: str
    pictured: bool
    accepted_by: str | None
    accepted_at: datetime | None


def as_json(handover: Handover) -> dict[str, Any]:
    """Return a handover as the interface sends it."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(handover).items()}


_COLUMNS = """
SELECT id, kind, alarm_id, account, at, note, view, picture IS NOT NULL AS pictured, accepted_by, accepted_at
FROM handover
"""

# Parameters: of the row.
_MAKE = """
INSERT INTO handover (kind, alarm_id, account, note, view, content, picture, places, area_code, grid_code)
VALUES (%(kind)s, %(alarm_id)s, %(account)s, %(note)s, %(view)s, %(content)s, %(picture)s, %(places)s,
        %(area_code)s, %(grid_code)s)
RETURNING id
"""


def make(connection: psycopg.Connection, scope: Scope, *, kind: str, account: str, content: dict[str, Any],
         view: str, alarm_id: int | None = None, note: str | None = None, picture: bytes | None = None) -> Handover:
    """Freeze something within a jurisdiction, which must be the transaction's own.

    Args:
        connection: inside a transaction.
        scope: the account's jurisdiction, over which the content goes.
        kind: ``alarm`` or ``picture``. account: who freezes it.
        content: what the server knows, without any whole name or telephone of a resident.
        view: query string of the page. alarm_id: of kind ``alarm``. note: in the person's own words.
        picture: what the browser drew.
    """
    values = {"kind": kind, "account": account, "content": Jsonb(content), "view": view, "alarm_id": alarm_id,
              "note": note, "picture": picture, "places": scope.places(), "area_code": UNPLACED_AREA,
              "grid_code": UNPLACED_GRID}
    made = connection.execute(_MAKE, values).fetchone()[0]
    return get(connection, made)


_ONE = _COLUMNS + "WHERE id = %s"


def get(connection: psycopg.Connection, handover_id: int) -> Handover:
    """Return one handover.

    Raises:
        NotFound: there is none, or it goes beyond the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Handover)) as cursor:
        found = cursor.execute(_ONE, (handover_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no handover {handover_id}.", "It may go beyond your area.")
    return found


# Row: the newest one. Parameters: alarm_id.
_OF_ALARM = _COLUMNS + "WHERE alarm_id = %s ORDER BY id DESC LIMIT 1"


def last_of_alarm(connection: psycopg.Connection, alarm_id: int) -> Handover | None:
    """Return the newest handover of an alarm within the jurisdiction; None where nobody has frozen it."""
    with connection.cursor(row_factory=class_row(Handover)) as cursor:
        return cursor.execute(_OF_ALARM, (alarm_id,)).fetchone()


# Row: content, picture. Parameters: id.
_CONTENT = "SELECT content, picture FROM handover WHERE id = %s"


def content(connection: psycopg.Connection, handover_id: int) -> tuple[dict[str, Any], bytes | None]:
    """Return what was frozen, and the picture.

    Raises:
        NotFound: as of :func:`get`.
    """
    found = connection.execute(_CONTENT, (handover_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no handover {handover_id}.", "It may go beyond your area.")
    return found


# Rows: the newest first. Parameters: before, since, until, limit.
_PAGE = _COLUMNS + """
WHERE id < coalesce(%s, 9223372036854775807) AND at >= %s AND at < %s ORDER BY id DESC LIMIT %s
"""


def page(connection: psycopg.Connection, since: datetime, until: datetime, before: int | None, limit: int,
         ) -> list[Handover]:
    """List the handovers of a stretch of time, the newest first.

    Args:
        connection: inside a transaction.
        since, until: half-open.
        before: id of the last one of the page before; None for the first page.
        limit: at most.
    """
    with connection.cursor(row_factory=class_row(Handover)) as cursor:
        return cursor.execute(_PAGE, (before, since, until, limit)).fetchall()


_ACCEPT = """
UPDATE handover SET accepted_by = %s, accepted_at = now() WHERE id = %s AND accepted_at IS NULL
"""


def accept(connection: psycopg.Connection, handover_id: int, account: str) -> Handover:
    """Note who takes a handover over; by the same account again it changes nothing.

    Raises:
        NotFound: as of :func:`get`.
        AlreadyAccepted: another account did.
    """
    connection.execute(_ACCEPT, (account, handover_id))
    found = get(connection, handover_id)
    if found.accepted_by != account:
        raise AlreadyAccepted(f"Handover {handover_id} was accepted by {found.accepted_by} at {found.accepted_at}.",
                              "Nothing was changed; ask them.")
    return found
