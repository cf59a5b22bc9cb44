"""Access links (访问链接) as administrators make, change, renew and revoke them. What they open: ``link_sessions.py``.

Link and session are random numbers of 256 bits. Only their SHA-256 is on record, so that whoever reads the database
opens nothing with it; nothing has to be slow about it, because nobody guesses such a number.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NoReturn

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from spatial.errors import InvalidInput, NotFound, ShapanError
from spatial.queries import link_audit
from spatial.queries.link_audit import By
from spatial.types import UNPLACED_AREA, UNPLACED_GRID, Scope

TOKEN_BYTES = 32
"""Bytes of a link and of a session: 43 characters in URLs (RFC 4648, base64url without padding)."""


class LinkUnusable(ShapanError):
    """A link that opens nothing any more.

    Attributes:
        members: ``reason``: ``used``, ``expired``, ``revoked`` or ``unknown``.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, "Ask an administrator for a new one: shapan links renew.")
        self.members = {"reason": reason}


@dataclass(frozen=True)
class AccessLink:
    """A link as administrators see it.

    Attributes:
        keeper: code of the keeper whose page it opens; None for a wall.
        places: prefixes of grid codes; the empty one is everything.
        state: ``waiting`` to be opened, ``open``, ``left`` by its browser, ``unopened`` in time, ``expired``,
            ``revoked``.
        seen_at: when its browser last asked for anything, to the minute; None before.
    """

    id: int
    kind: str
    name: str
    keeper: str | None
    places: list[str]
    display: dict[str, Any]
    account: str
    created_at: datetime
    link_expires_at: datetime
    opened_at: datetime | None
    expires_at: datetime
    seen_at: datetime | None
    revoked_at: datetime | None
    state: str


def as_json(link: AccessLink) -> dict[str, Any]:
    """Return a link as the interface sends it."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(link).items()}


_COLUMNS = """
SELECT link.id, link.kind, link.name, keeper.code AS keeper, link.places, link.display, link.account, link.created_at,
       link.link_expires_at, link.opened_at, link.expires_at, link.seen_at, link.revoked_at,
       CASE WHEN link.revoked_at IS NOT NULL THEN 'revoked' WHEN link.expires_at <= now() THEN 'expired'
            WHEN link.opened_at IS NULL AND link.link_expires_at > now() THEN 'waiting'
            WHEN link.opened_at IS NULL AND link.session_hash IS NULL THEN 'unopened'
            WHEN link.session_hash IS NULL THEN 'left' ELSE 'open' END AS state
FROM access_link AS link LEFT JOIN keeper ON keeper.id = link.keeper_id
"""
_EVERY = _COLUMNS + "ORDER BY link.id DESC"
_ONE = _COLUMNS + "WHERE link.id = %s"


def every(connection: psycopg.Connection) -> list[AccessLink]:
    """List the links whose places all lie within the jurisdiction, the newest first."""
    with connection.cursor(row_factory=class_row(AccessLink)) as cursor:
        return cursor.execute(_EVERY).fetchall()


def get(connection: psycopg.Connection, link_id: int) -> AccessLink:
    """Return one link.

    Raises:
        NotFound: there is none, or it goes beyond the jurisdiction.
    """
    with connection.cursor(row_factory=class_row(AccessLink)) as cursor:
        found = cursor.execute(_ONE, (link_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no access link {link_id}.", "It may go beyond your area.")
    return found


# Parameters: of the row; lengths of time as intervals.
_MAKE = """
INSERT INTO access_link (kind, name, keeper_id, display, account, link_hash, link_expires_at, expires_at, places,
                         area_code, grid_code)
VALUES (%(kind)s, %(name)s, %(keeper_id)s, %(display)s, %(account)s, %(link_hash)s, now() + %(link_lasts)s,
        now() + %(lasts)s, %(places)s, %(area_code)s, %(grid_code)s)
RETURNING id
"""
# Row: id and grid of a keeper.
_KEEPER = "SELECT id, grid_code FROM keeper WHERE code = %s"


@dataclass(frozen=True)
class Made:
    """A link that was just made or renewed. ``token``: told now, and never again."""

    link: AccessLink
    token: str


def make_kiosk(connection: psycopg.Connection, name: str, scope: Scope, *, by: By, link_lasts: timedelta,
               lasts: timedelta, display: dict[str, Any]) -> Made:
    """Make the link of a wall display.

    Args:
        connection: inside a transaction whose jurisdiction holds ``scope``.
        name: which wall it is.
        scope: what the wall shows.
        by: who makes it.
        link_lasts, lasts: how long the link waits to be opened, and how long the wall stays open, both from now.
        display: what the wall is told about itself, without faults (``spatial.rules.access_links``).
    """
    return _make(connection, kind="kiosk", name=name, keeper_id=None, display=Jsonb(display), by=by,
                 link_lasts=link_lasts, lasts=lasts, places=scope.places())


def make_keeper(connection: psycopg.Connection, code: str, *, by: By, link_lasts: timedelta,
                lasts: timedelta) -> Made:
    """Make the link of a keeper's page; other arguments as of :func:`make_kiosk`.

    Raises:
        NotFound: no keeper of this code is within the jurisdiction.
    """
    found = connection.execute(_KEEPER, (code,)).fetchone()
    if found is None:
        raise NotFound(f"There is no keeper {code!r}.", "See them with: shapan keepers")
    return _make(connection, kind="keeper", name=code, keeper_id=found[0], display=Jsonb({}), by=by,
                 link_lasts=link_lasts, lasts=lasts, places=[found[1]])


def _make(connection: psycopg.Connection, *, by: By, **values: Any) -> Made:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = connection.execute(_MAKE, {**values, "account": by.account, "link_hash": hashed(token),
                                      "area_code": UNPLACED_AREA, "grid_code": UNPLACED_GRID}).fetchone()[0]
    return Made(_noted(connection, made, "made", by), token)


def _noted(connection: psycopg.Connection, link_id: int, what: str, by: By, more: str = "") -> AccessLink:
    """Write down what was done to a link; return the link as it is now."""
    link = get(connection, link_id)
    link_audit.write(connection, what, link.kind, link.id, link.places, by, more)
    return link


def hashed(token: str) -> bytes:
    """Return what is on record of a link or a session."""
    return sha256(token.encode()).digest()


# The session goes on until the new link is opened: a wall does not go dark for it. It ends after the time that is said,
# sooner or later than it would have; or no sooner. A revoked link stays revoked.
_RENEW = """
UPDATE access_link SET link_hash = %(link_hash)s, link_expires_at = now() + %(link_lasts)s, opened_at = NULL,
       expires_at = greatest(CASE WHEN %(longer_only)s THEN expires_at END, now() + %(lasts)s)
WHERE id = %(id)s AND revoked_at IS NULL RETURNING id
"""


def renew(connection: psycopg.Connection, link_id: int, *, by: By, link_lasts: timedelta, lasts: timedelta,
          longer_only: bool) -> Made:
    """Give a wall or keeper a new link; what the old one opened ends when the new one is opened.

    Args:
        connection: inside a transaction.
        link_id: which.
        by: who renews it.
        link_lasts: how long the new link waits to be opened, from now.
        lasts: how long what it opens stays open, from now; what the old one opened ends then, too.
        longer_only: nothing ends sooner than it would have.

    Raises:
        NotFound: there is none within the jurisdiction.
        LinkUnusable: it was revoked.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"id": link_id, "link_hash": hashed(token), "link_lasts": link_lasts, "lasts": lasts,
              "longer_only": longer_only}
    if connection.execute(_RENEW, values).fetchone() is None:
        _refuse_revoked(connection, link_id)
    return Made(_noted(connection, link_id, "renewed", by), token)


def _refuse_revoked(connection: psycopg.Connection, link_id: int) -> NoReturn:
    get(connection, link_id)
    raise LinkUnusable("revoked", f"Access link {link_id} was revoked, which is for good; nothing was done.")


# Parameters: new name or null; members of `display`, null where one is taken away.
_CHANGE = """
UPDATE access_link SET name = coalesce(%(name)s, name), display = jsonb_strip_nulls(display || %(display)s)
WHERE id = %(id)s AND revoked_at IS NULL RETURNING id
"""


def change(connection: psycopg.Connection, link_id: int, *, by: By, name: str | None,
           display: dict[str, Any]) -> AccessLink:
    """Change what a wall is called, or what it is told about itself. Its page takes that up by itself.

    Args:
        connection: inside a transaction.
        link_id: which.
        by: who changes it.
        name: the new one; None for no other.
        display: members that are other ones now, without faults; None for one that goes away.

    Raises:
        NotFound: there is none within the jurisdiction.
        InvalidInput: it is a keeper's, whose page is told nothing.
        LinkUnusable: it was revoked.
    """
    if get(connection, link_id).kind != "kiosk":
        raise InvalidInput("Nothing was changed: only what a wall is told can be.",
                           [("display" if display else "name", "goes not with a link of kind keeper")])
    if connection.execute(_CHANGE, {"id": link_id, "name": name, "display": Jsonb(display)}).fetchone() is None:
        _refuse_revoked(connection, link_id)
    said = [*(["name"] if name else []), *(f"{member}={json.dumps(value)}" for member, value in display.items())]
    return _noted(connection, link_id, "changed", by, " ".join(said))


_REVOKE = "UPDATE access_link SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL RETURNING id"


def revoke(connection: psycopg.Connection, link_id: int, by: By) -> AccessLink:
    """End a link and what it opened, for good; one that was revoked stays as it is.

    Raises:
        NotFound: there is none within the jurisdiction.
    """
    if connection.execute(_REVOKE, (link_id,)).fetchone() is None:
        return get(connection, link_id)
    return _noted(connection, link_id, "revoked", by)
