"""Messages about disaster warnings (灾害预警): taking them in, and what each does to the others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import shapely
from psycopg.types.json import Jsonb

from spatial.errors import InvalidInput, ShapanError
from spatial.queries import warning_places, warnings
from spatial.queries.warnings import Warning_
from spatial.rules import danger_areas
from spatial.rules import warnings as rules
from spatial.types import UNPLACED_AREA, UNPLACED_GRID


class BeyondJurisdiction(ShapanError):
    """A message refers to a warning that its sender's account may not end."""


@dataclass(frozen=True)
class Content:
    """What a warning says, and where.

    Attributes:
        categories, urgency, severity, certainty: words of CAP.
        texts: its words in other languages.
        begins_at, ends_at: in force from the one on, until before the other; None where the message does not say.
        shapes: polygons, EPSG:4490.
        codes: codes of areas or grids on record, by their place in the message; their outlines join the shapes.
    """

    categories: list[str]
    event: str
    urgency: str
    severity: str
    certainty: str
    language: str
    headline: str | None
    description: str | None
    instruction: str | None
    texts: list[dict[str, Any]]
    area_desc: str | None
    begins_at: datetime | None
    ends_at: datetime | None
    shapes: list[shapely.Polygon]
    codes: dict[str, str]


@dataclass(frozen=True)
class Notice:
    """A message as it comes in. ``content``: None for a cancellation."""

    sender: str
    identifier: str
    sent: datetime
    status: str
    msg_type: str
    refers_to: frozenset[str]
    content: Content | None

    @property
    def key(self) -> str:
        """How others refer to it."""
        return f"{self.sender},{self.identifier}"


@dataclass(frozen=True)
class Outcome:
    """What became of a message: whether it was new, the warning it is, and what is to be said about it."""

    new: bool
    warning: Warning_ | None
    notes: list[str]


# No row for a message that was taken before.
ACCEPT = """
INSERT INTO warning_message (sender, identifier, sent, status, msg_type, refers_to)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING true
"""

PUT = """
INSERT INTO warning (sender, identifier, sent, status, msg_type, categories, event, urgency, severity, certainty,
                     language, headline, description, instruction, texts, area_desc, begins_at, ends_at, due_at,
                     account, outline, geom, places, area_code, grid_code)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
        ST_GeomFromWKB(%s, 4490), %s, %s, %s)
RETURNING id
"""

ID_OF = "SELECT id FROM warning WHERE sender = %s AND identifier = %s"

# Rows: all messages that hang together with one through references, directly or not, and the warning each is: key,
# time of sending, status, type, references, id, fate, and whether this account may change it; it may not where it sees
# none. Parameters: key.
THREAD = """
WITH RECURSIVE thread (key) AS (
    SELECT %s::text COLLATE "C"
    UNION
    SELECT other.key FROM thread, LATERAL (
        SELECT unnest(refers_to) AS key FROM warning_message
        WHERE sender = split_part(thread.key, ',', 1) AND identifier = split_part(thread.key, ',', 2)
        UNION ALL
        SELECT (sender || ',' || identifier) FROM warning_message WHERE refers_to @> ARRAY[thread.key]
    ) AS other
)
SELECT thread.key, message.sent, message.status, message.msg_type, message.refers_to,
       warning.id, warning.fate, warning.fated_by,
       warning.id IS NOT NULL AND shapan_within(warning.places, shapan_scope())
FROM thread
JOIN warning_message AS message
  ON message.sender = split_part(thread.key, ',', 1) AND message.identifier = split_part(thread.key, ',', 2)
LEFT JOIN warning ON warning.sender = message.sender AND warning.identifier = message.identifier
ORDER BY warning.id
"""

# One row. Parameters: fate, by whom, id.
SET_FATE = """
UPDATE warning SET fate = %s, fated_by = %s, fated_at = now() WHERE id = %s RETURNING begins_at, ends_at, now()
"""


def take(connection: psycopg.Connection, notice: Notice, account: str) -> Outcome:
    """Take in one message, work out what it does to others, and tell the change feed.

    A message that was taken before changes nothing. The caller commits.

    Raises:
        InvalidInput: its area is nowhere on record within the jurisdiction, or a code of it is unknown.
        BeyondJurisdiction: it refers to a warning that reaches beyond the jurisdiction.
    """
    connection.execute(warnings.TAKE_LOCK, (warnings.LOCK,))
    key = (notice.sender, notice.identifier)
    notes = []
    now = connection.execute("SELECT now()").fetchone()[0]
    sent = notice.sent
    if sent > now + rules.CLOCK_AHEAD:
        notes.append(f"sent ({sent.isoformat()}) lies in the future; the time of arrival stands for it.")
        sent = now
    message = (*key, sent, notice.status, notice.msg_type, sorted(notice.refers_to))
    if connection.execute(ACCEPT, message).fetchone() is None:
        row = connection.execute(ID_OF, key).fetchone()
        return Outcome(False, warnings.get(connection, row[0]) if row else None, ["This message was taken before."])
    new = None
    if notice.content is not None:
        new = _put(connection, notice, notice.content, sent, now, account)
        connection.execute(warnings.STEP, ("taken", account, None, new))
    notes += _settle(connection, notice, new, account)
    if new is None:
        return Outcome(True, None, notes)
    warning = warnings.get(connection, new)
    warnings.tell(connection, warning)
    return Outcome(True, warning, notes)


def _put(connection: psycopg.Connection, notice: Notice, content: Content, sent: datetime, now: datetime,
         account: str) -> int:
    area = warning_places.area(connection, content.shapes, content.codes)
    places = warning_places.touched(connection, area)
    if not places:
        turned = danger_areas.swapped(area)
        doubt = turned is not None and warning_places.touched(connection, turned)
        message = ("lies outside every area on record, and inside one when latitude and longitude change places; "
                   "CAP writes latitude first" if doubt else "touches no community or grid on record in your area")
        raise InvalidInput("The warning's area is nowhere on record; nothing was done.", [("info.area", message)],
                           "Correct the polygon at its source." if doubt else "See GET /api/counts for what is.")
    begins_at, ends_at = rules.life(content.begins_at, content.ends_at, notice.sent, now)
    due = rules.due(rules.STANDING, begins_at, ends_at, now)
    values = (
        notice.sender, notice.identifier, sent, notice.status, notice.msg_type, content.categories, content.event,
        content.urgency, content.severity, content.certainty, content.language, content.headline, content.description,
        content.instruction, Jsonb(content.texts), content.area_desc, begins_at, ends_at, due, account,
        Jsonb(danger_areas.outline(area)), shapely.to_wkb(area), places, UNPLACED_AREA, UNPLACED_GRID,
    )
    return connection.execute(PUT, values).fetchone()[0]


def _settle(connection: psycopg.Connection, notice: Notice, new: int | None, account: str) -> list[str]:
    """Give each warning of the thread the fate that all its messages make; return what is to be said."""
    rows = connection.execute(THREAD, (notice.key,)).fetchall()
    messages = {key: rules.Message(sent, status, kind, frozenset(refers_to))
                for key, sent, status, kind, refers_to, *_ in rows}
    fates = rules.fates(messages)
    for key, _, _, kind, _, warning_id, fate, by, writable in rows:
        found = fates[key]
        if key in notice.refers_to and kind != "Cancel" and not writable:
            raise BeyondJurisdiction(f"The message refers to {key}, a warning that reaches beyond your area.",
                                     "Have it sent by an account that is responsible for all of it.")
        if warning_id is None or not writable or (found.word, found.by) == (fate, by):
            continue
        begins_at, ends_at, now = connection.execute(SET_FATE, (found.word, found.by, warning_id)).fetchone()
        connection.execute(warnings.SET_DUE, (rules.due(found.word, begins_at, ends_at, now), warning_id))
        connection.execute(warnings.STEP, (found.word, account, found.by, warning_id))
        if warning_id != new:
            warnings.tell(connection, warnings.get(connection, warning_id))
    return _said(notice, messages, fates)


def _said(notice: Notice, messages: dict[str, rules.Message], fates: dict[str, rules.Fate]) -> list[str]:
    fate, notes = fates[notice.key], []
    if fate.word == rules.VOID:
        notes.append(f"It was sent before {fate.by}, which it refers to, and has no effect.")
    elif fate.word != rules.STANDING:
        notes.append(f"It is {fate.word} already by {fate.by}.")
    for key in sorted(notice.refers_to):
        if key not in messages:
            notes.append(f"Nothing is on record of {key}, which it refers to; should it come, this message counts.")
        elif messages[key].status != notice.status:
            notes.append(f"{key} is {messages[key].status} and not {notice.status}: it is left as it is.")
        elif fate.word != rules.VOID:
            notes += [f"{key} was replaced by {other} already, which stays in force: refer to that as well."
                      for other, message in messages.items() if other != notice.key and message.msg_type == "Update"
                      and key in message.refers_to and fates[other].word == rules.STANDING]
    return notes
