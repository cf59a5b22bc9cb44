"""The change feed for other platforms (变更订阅): pages of it by number, and when a reader is too late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from spatial import outbox
from spatial.db import SET_SCOPE
from spatial.errors import ShapanError
from spatial.types import Scope

LOOKED_AT = 20_000
"""Numbers that one page looks at: however rare the kinds asked for are, a page is quick, and the next goes on."""


class ChangesForgotten(ShapanError):
    """A reader asks for changes that are no longer kept, or for such as the database does not know of."""


@dataclass(frozen=True)
class Change:
    """One change as other platforms get it; ``places``: prefixes of grid codes that it concerns."""

    seq: int
    kind: str
    object: str
    places: list[str]
    at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Changes in order; ``next``: the number after which to ask next; ``head``: the last number given out."""

    changes: list[Change]
    next: int
    head: int


# Rows: changes of some kinds after a number and up to one, in order. Parameters: both numbers, kinds, limit.
PAGE = """
SELECT seq, kind, object, coalesce(places, ARRAY[grid_code]) AS places, at, payload FROM outbox
WHERE seq > %s AND seq <= %s AND kind = ANY(%s) ORDER BY seq LIMIT %s
"""


def page(connection: psycopg.Connection, after: int, kinds: Sequence[str], limit: int) -> Page:
    """Return the changes of some kinds after a number, within the connection's jurisdiction.

    A reader that asks with ``next`` each time gets each change once. The head is read first: the sequencer moves it
    in the transaction that numbers the changes, so that all up to it can be seen.

    Args:
        connection: of the reader's jurisdiction, which changes of tiles do not ask for: they belong to no place.
        after: number that the reader has everything up to; 0 is the beginning.
        kinds: see ``webmap/kinds.py``.
        limit: changes at most.

    Raises:
        ChangesForgotten: changes after that number may be gone; or it was not given out yet, as after the
            database was restored to an earlier state.
    """
    head = outbox.head(connection)
    if after > head:
        raise ChangesForgotten(f"No change has the number {after} yet; the last one is {head}.", _cure(head))
    upto = min(head, after + LOOKED_AT)
    placed = [kind for kind in kinds if kind != outbox.TILES]
    found = rows(connection, after, upto, placed, limit)
    if outbox.TILES in kinds:
        # By the same connection: readers that each hold one and wait for another would wait for each other. What the
        # transaction may see is again what it was, when it goes back to where this block began.
        with connection.transaction(force_rollback=True):
            connection.execute(SET_SCOPE, (Scope.everything().literal(),))
            found += rows(connection, after, upto, [outbox.TILES], limit)
        found = sorted(found, key=lambda change: change.seq)[:limit]
    # Asked last: what is forgotten while the rows are read would be missing in them.
    if after < (floor := outbox.floor(connection, kinds)):
        raise ChangesForgotten(f"Changes up to number {floor} are no longer kept, and you have those up to {after}.",
                               _cure(head))
    return Page(found, found[-1].seq if len(found) == limit else upto, head)


def rows(connection: psycopg.Connection, after: int, upto: int, kinds: Sequence[str], limit: int) -> list[Change]:
    """Return changes of some kinds after a number and up to one, in order; :func:`page` tells what is gone."""
    with connection.cursor(row_factory=class_row(Change)) as cursor:
        return cursor.execute(PAGE, (after, upto, list(kinds), limit)).fetchall()


def _cure(head: int) -> str:
    return f"Read the lists anew (/api/alarms, /api/warnings …), then go on with after={head}."


def as_json(change: Change) -> dict[str, Any]:
    """Return a change as the interface and webhooks send it."""
    return {**vars(change), "at": change.at.isoformat()}
