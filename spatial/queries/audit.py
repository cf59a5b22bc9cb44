"""The audit log as it is read: page by page, and whether its chain is whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

# Rows: the newest first. Parameters: account, outcome, resident (each or null), window, end of the page before, limit.
LISTED = """
SELECT id, at, action, outcome, account, roles, host(address) AS address, resident_id, fields, reason, words, alarm_id,
       event_id, area_code, grid_code
FROM audit
WHERE (%(account)s::text IS NULL OR account = %(account)s) AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
  AND (%(resident)s::int8 IS NULL OR resident_id = %(resident)s)
  AND at >= %(start)s AND at < %(end)s AND (at, id) < (%(at)s, %(id)s)
ORDER BY at DESC, id DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class Wanted:
    """Which rows: of an account, an outcome, a resident (None for all), in a half-open window, older than ``after``."""

    account: str | None
    outcome: str | None
    resident: int | None
    start: datetime
    end: datetime
    after: tuple[datetime, int] | None = None


LAST = 2**63 - 1


def listed(connection: psycopg.Connection, wanted: Wanted, most: int) -> list[dict[str, Any]]:
    """Return rows of the audit log within the jurisdiction, the newest first."""
    at, number = wanted.after or (wanted.end, LAST)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(LISTED, {
            **vars(wanted), "at": at, "id": number, "most": most}).fetchall()


@dataclass(frozen=True)
class Chain:
    """Whether the log is whole.

    Attributes:
        total: rows.
        broken: number of the first that does not follow from those before it; None where all do.
        ended: the last row is the one that was written last.
        last_hash: link of the last row: what is noted elsewhere proves later that nothing before it was changed.
    """

    total: int
    broken: int | None
    ended: bool
    last_hash: bytes

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, taken out or added past the chain."""
        return self.broken is None and self.ended


def verify(connection: psycopg.Connection) -> Chain:
    """Follow the chain from its first row to its last, through all jurisdictions."""
    return Chain(*connection.execute("SELECT * FROM shapan_audit_verify()").fetchone())
