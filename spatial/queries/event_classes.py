"""Classes of events (事件分类): major and minor ones with their deadlines; data that an administrator replaces."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import psycopg
from psycopg.rows import class_row

from spatial.errors import InvalidInput
from spatial.rules.events import CLASS_KINDS

LONGEST_S = 365 * 86_400
"""Longest deadline, seconds."""

LONGEST_NAME = 100


@dataclass(frozen=True)
class EventClass:
    """One class. ``code``: two digits a major class, four a minor one.

    ``respond_s``, ``resolve_s``: seconds from taking an event in until it is to be accepted and finished; ``dispatch``:
    whether it goes to the grid's keeper by itself. None in a minor class: as its major class says.
    """

    code: str
    name: str
    name_en: str
    kind: str
    respond_s: int | None
    resolve_s: int | None
    dispatch: bool | None


ALL = "SELECT code, name, name_en, kind, respond_s, resolve_s, dispatch FROM event_class ORDER BY code"


def classes(connection: psycopg.Connection) -> list[EventClass]:
    """Return every class, by code."""
    with connection.cursor(row_factory=class_row(EventClass)) as cursor:
        return cursor.execute(ALL).fetchall()


FORGET = "DELETE FROM event_class"

# Parameters: columns of equal length.
PUT = """
INSERT INTO event_class (code, name, name_en, kind, respond_s, resolve_s, dispatch)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::int[], %s::boolean[])
"""


def replace(connection: psycopg.Connection, new: Sequence[EventClass]) -> None:
    """Put other classes in the place of all that there are. Events keep their codes and their deadlines.

    Args:
        connection: inside the caller's transaction.
        new: at least one.

    Raises:
        InvalidInput: every fault of every class; place is ``row N``, counted from 1.
    """
    faults = [(f"row {number}", fault) for number, one in enumerate(new, 1) for fault in _faults(one)]
    known = {one.code for one in new}
    seen: set[str] = set()
    for number, one in enumerate(new, 1):
        if one.code in seen:
            faults.append((f"row {number}", f"code {one.code} stands twice"))
        seen.add(one.code)
        if len(one.code) == 4 and one.code[:2] not in known:
            faults.append((f"row {number}", f"its major class {one.code[:2]} is missing"))
    if not new:
        faults.append(("row 1", "there is no class at all"))
    if faults:
        raise InvalidInput("The classes were not replaced.", faults, "Correct the table and send it again.")
    connection.execute(FORGET)
    connection.execute(PUT, [list(column) for column in zip(*map(astuple, new), strict=True)])


def _faults(one: EventClass) -> list[str]:
    found = []
    if not (one.code.isascii() and one.code.isdigit() and len(one.code) in (2, 4)):
        found.append(f"code {one.code!r} is neither 2 nor 4 digits")
    for field in ("name", "name_en"):
        text = getattr(one, field)
        if not 1 <= len(text) <= LONGEST_NAME or not text.isprintable():
            found.append(f"{field} must have 1 to {LONGEST_NAME} printable characters")
    if one.kind not in CLASS_KINDS:
        found.append(f"kind {one.kind!r} is none of {', '.join(CLASS_KINDS)}")
    for field in ("respond_s", "resolve_s"):
        seconds = getattr(one, field)
        if seconds is not None and not 1 <= seconds <= LONGEST_S:
            found.append(f"{field} {seconds} is not from 1 to {LONGEST_S} seconds")
    if len(one.code) == 2 and None in (one.respond_s, one.resolve_s):
        found.append("a major class needs respond_s and resolve_s")
    return found
