"""Disaster warnings (灾害预警): what is in force, and the clock that begins and ends them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from spatial import outbox
from spatial.errors import NotFound
from spatial.rules import warnings as rules

KIND = "warning"
"""Kind of change in the feed."""

LOCK = 0x5348_4150_0021
"""Advisory lock under which fates are worked out: warnings are rare, and two messages of one thread are not."""

CLOCK = "clock"
"""Who begins and ends warnings at their times, in their steps."""


@dataclass(frozen=True)
class Warning_:
    """A warning on record. ``outline``: GeoJSON, EPSG:4490. ``seen_at``: the database's time when it was read."""

    id: int
    sender: str
    identifier: str
    sent: datetime
    status: str
    msg_type: str
    categories: list[str]
    event: str
    urgency: str
    severity: str
    certainty: str
    colour: dict[str, str] | None
    language: str
    headline: str | None
    description: str | None
    instruction: str | None
    texts: list[dict[str, Any]]
    area_desc: str | None
    begins_at: datetime
    ends_at: datetime
    fate: str
    fated_by: str | None
    fated_at: datetime | None
    received_at: datetime
    places: list[str]
    outline: dict[str, Any]
    seen_at: datetime

    @property
    def state(self) -> str:
        """The word of ``spatial.rules.warnings.state``."""
        return rules.state(self.fate, self.begins_at, self.ends_at, self.seen_at)

    @property
    def key(self) -> str:
        """How messages refer to it."""
        return f"{self.sender},{self.identifier}"


TEXTS = ("description", "instruction", "texts")
"""What is asked for by number: the feed carries everything else."""


def as_json(warning: Warning_, *, texts: bool = True) -> dict[str, Any]:
    """Return a warning as the interface sends it, and without its long texts as the feed does.

    ``real`` is false for exercises and tests, which no page may show as a warning.
    """
    left_out = {"fate", "seen_at", "outline", *(() if texts else TEXTS)}
    found = {name: value.isoformat() if isinstance(value, datetime) else value
             for name, value in vars(warning).items() if name not in left_out}
    return {**found, "state": warning.state, "real": warning.status == "Actual", "geometry": warning.outline}


COLUMNS = """
SELECT warning.id, sender, identifier, sent, status, msg_type, categories, event, urgency, warning.severity, certainty,
       CASE WHEN colour.code IS NOT NULL
            THEN jsonb_build_object('code', colour.code, 'name', colour.name, 'name_en', colour.name_en) END AS colour,
       language, headline, description, instruction, texts, area_desc, begins_at, ends_at, fate, fated_by, fated_at,
       received_at, places, outline, now() AS seen_at
FROM warning LEFT JOIN warning_colour AS colour ON colour.severity = warning.severity
"""

ONE = COLUMNS + "WHERE warning.id = %s"


def get(connection: psycopg.Connection, warning_id: int) -> Warning_:
    """Return one warning.

    Raises:
        NotFound: there is none, or none that touches the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(Warning_)) as cursor:
        found = cursor.execute(ONE, (warning_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no warning {warning_id}.", "It may lie outside your area.")
    return found


# Rows: by id. Parameters: statuses, id after which, limit; of a window its end and its beginning.
IN_FORCE = COLUMNS + """
WHERE ends_at > now() AND begins_at <= now() AND fate = 'standing' AND status = ANY(%s) AND warning.id > %s
ORDER BY warning.id LIMIT %s
"""
UPCOMING = COLUMNS + """
WHERE ends_at > now() AND begins_at > now() AND fate = 'standing' AND status = ANY(%s) AND warning.id > %s
ORDER BY warning.id LIMIT %s
"""
IN_WINDOW = COLUMNS + """
WHERE begins_at < %s AND ends_at > %s AND status = ANY(%s) AND warning.id > %s
ORDER BY warning.id LIMIT %s
"""


def in_state(connection: psycopg.Connection, state: str, statuses: list[str], after: int, limit: int) -> list[Warning_]:
    """List the warnings that are ``in_force`` or ``upcoming`` now, by number."""
    with connection.cursor(row_factory=class_row(Warning_)) as cursor:
        return cursor.execute(IN_FORCE if state == "in_force" else UPCOMING, (statuses, after, limit)).fetchall()


def in_window(connection: psycopg.Connection, start: datetime, end: datetime, statuses: list[str], after: int,
              limit: int) -> list[Warning_]:
    """List the warnings whose times overlap a half-open window, whatever became of them, by number."""
    with connection.cursor(row_factory=class_row(Warning_)) as cursor:
        return cursor.execute(IN_WINDOW, (end, start, statuses, after, limit)).fetchall()


TAKE_LOCK = "SELECT pg_advisory_xact_lock(%s)"

SET_DUE = "UPDATE warning SET due_at = %s WHERE id = %s"

STEP = """
INSERT INTO warning_step (warning_id, step, account, note, places, area_code, grid_code)
SELECT id, %s, %s, %s, places, area_code, grid_code FROM warning WHERE id = %s
"""


def tell(connection: psycopg.Connection, warning: Warning_) -> None:
    """Append a warning as it is now to the change feed; everybody responsible for a part of its area hears of it."""
    outbox.append_widely(connection, KIND, str(warning.id), warning.places, as_json(warning, texts=False))


# Rows: warnings whose time has come. Parameters: limit.
DUE = "SELECT id FROM warning WHERE due_at <= now() ORDER BY due_at, id LIMIT %s FOR UPDATE"


def pass_time(connection: psycopg.Connection, batch: int = 100) -> int:
    """Begin and end the warnings whose time has come, and tell the change feed. The caller commits.

    Returns:
        How many there were; fewer than ``batch`` when none is left.
    """
    connection.execute(TAKE_LOCK, (LOCK,))
    ids = [row[0] for row in connection.execute(DUE, (batch,))]
    for warning_id in ids:
        warning = get(connection, warning_id)
        due = rules.due(warning.fate, warning.begins_at, warning.ends_at, warning.seen_at)
        connection.execute(SET_DUE, (due, warning_id))
        connection.execute(STEP, ("ended" if due is None else "begun", CLOCK, None, warning_id))
        tell(connection, warning)
    return len(ids)


# One row: seconds until the next warning begins or ends; null when none will.
NEXT_DUE = "SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 FROM warning WHERE due_at IS NOT NULL"


def next_due_s(connection: psycopg.Connection) -> float | None:
    """Return in how many seconds the next warning begins or ends; None when none will."""
    return connection.execute(NEXT_DUE).fetchone()[0]
