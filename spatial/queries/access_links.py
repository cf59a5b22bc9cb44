"""Access links (访问链接): made by an administrator, exchanged once for a session, looked up with each request.

Link and session are random numbers of 256 bits. Only their SHA-256 is on record, so that whoever reads the database
opens nothing with it; nothing has to be slow about it, because nobody guesses such a number.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from spatial.errors import NotFound, ShapanError
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
    revoked_at: datetime | None
    state: str


def as_json(link: AccessLink) -> dict[str, Any]:
    """Return a link as the interface sends it."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in vars(link).items()}


_COLUMNS = """
SELECT link.id, link.kind, link.name, keeper.code AS keeper, link.places, link.display, link.account, link.created_at,
       link.link_expires_at, link.opened_at, link.expires_at, link.revoked_at,
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


def make_kiosk(connection: psycopg.Connection, name: str, scope: Scope, *, account: str, link_lasts: timedelta,
               lasts: timedelta, display: dict[str, Any]) -> Made:
    """Make the link of a wall display.

    Args:
        connection: inside a transaction whose jurisdiction holds ``scope``.
        name: which wall it is.
        scope: what the wall shows.
        account: who makes it.
        link_lasts, lasts: how long the link waits to be opened, and how long the wall stays open, both from now.
        display: what the wall is told about itself, without faults (``spatial.rules.access_links``).
    """
    return _make(connection, kind="kiosk", name=name, keeper_id=None, display=Jsonb(display), account=account,
                 link_lasts=link_lasts, lasts=lasts, places=scope.places())


def make_keeper(connection: psycopg.Connection, code: str, *, account: str, link_lasts: timedelta,
                lasts: timedelta) -> Made:
    """Make the link of a keeper's page; other arguments as of :func:`make_kiosk`.

    Raises:
        NotFound: no keeper of this code is within the jurisdiction.
    """
    found = connection.execute(_KEEPER, (code,)).fetchone()
    if found is None:
        raise NotFound(f"There is no keeper {code!r}.", "See them with: shapan keepers")
    return _make(connection, kind="keeper", name=code, keeper_id=found[0], display=Jsonb({}), account=account,
                 link_lasts=link_lasts, lasts=lasts, places=[found[1]])


def _make(connection: psycopg.Connection, **values: Any) -> Made:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = connection.execute(_MAKE, {**values, "link_hash": _hash(token), "area_code": UNPLACED_AREA,
                                      "grid_code": UNPLACED_GRID}).fetchone()[0]
    return Made(get(connection, made), token)


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


# The session goes on until the new link is opened: a wall does not go dark for it. A revoked link stays revoked.
_RENEW = """
UPDATE access_link SET link_hash = %(link_hash)s, link_expires_at = now() + %(link_lasts)s, opened_at = NULL,
       expires_at = greatest(expires_at, now() + %(lasts)s)
WHERE id = %(id)s AND revoked_at IS NULL RETURNING id
"""


def renew(connection: psycopg.Connection, link_id: int, *, link_lasts: timedelta, lasts: timedelta) -> Made:
    """Give a wall or keeper a new link; what the old one opened ends when the new one is opened.

    Raises:
        NotFound: there is none within the jurisdiction.
        LinkUnusable: it was revoked.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"id": link_id, "link_hash": _hash(token), "link_lasts": link_lasts, "lasts": lasts}
    if connection.execute(_RENEW, values).fetchone() is None:
        get(connection, link_id)
        raise LinkUnusable("revoked", f"Access link {link_id} was revoked, which is for good; nothing was done.")
    return Made(get(connection, link_id), token)


_REVOKE = "UPDATE access_link SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL"


def revoke(connection: psycopg.Connection, link_id: int) -> AccessLink:
    """End a link and what it opened, for good; one that was revoked stays as it is.

    Raises:
        NotFound: there is none within the jurisdiction.
    """
    connection.execute(_REVOKE, (link_id,))
    return get(connection, link_id)


_LEAVE = "UPDATE access_link SET session_hash = NULL WHERE session_hash = %s RETURNING kind, id"


def leave(connection: psycopg.Connection, token: str) -> str | None:
    """End a session; its link opens no other one, and can be renewed.

    Args:
        connection: inside a transaction without limits of jurisdiction.
        token: of the session.

    Returns:
        The account that it was, such as ``kiosk:3``; None where it is over already.
    """
    found = connection.execute(_LEAVE, (_hash(token),)).fetchone()
    return f"{found[0]}:{found[1]}" if found else None


# Of two that open a link at once, one waits for the other and then finds it opened.
_OPEN = """
UPDATE access_link SET opened_at = now(), session_hash = %(session_hash)s
WHERE link_hash = %(link_hash)s AND opened_at IS NULL AND revoked_at IS NULL AND link_expires_at > now()
  AND expires_at > now()
RETURNING kind, expires_at
"""
# Row: why not.
_WHY = "SELECT revoked_at IS NOT NULL, opened_at IS NOT NULL FROM access_link WHERE link_hash = %s"


@dataclass(frozen=True)
class Session:
    """What a link was exchanged for. ``token``: told to the browser only. ``expires_at``: until when it lasts."""

    token: str
    kind: str
    expires_at: datetime


def exchange(connection: psycopg.Connection, token: str) -> Session:
    """Exchange a link for a session, once.

    Args:
        connection: inside a transaction without limits of jurisdiction: nobody is known yet.
        token: of the link.

    Raises:
        LinkUnusable: the link is unknown, was opened before, waited for too long, or was revoked.
    """
    session = secrets.token_urlsafe(TOKEN_BYTES)
    link_hash = _hash(token)
    opened = connection.execute(_OPEN, {"link_hash": link_hash, "session_hash": _hash(session)}).fetchone()
    if opened is None:
        found = connection.execute(_WHY, (link_hash,)).fetchone()
        if found is None:
            raise LinkUnusable("unknown", "This link is not on record. It may have been copied without its end.")
        revoked, used = found
        if revoked:
            raise LinkUnusable("revoked", "This link was revoked.")
        if used:
            raise LinkUnusable("used", "This link was opened before; each opens once.")
        raise LinkUnusable("expired", "This link waited for too long.")
    return Session(session, *opened)


# Row: who comes with a session, as long as it lasts. A keeper whose row names no grid sees nothing.
_WHO = """
SELECT link.id, link.kind, link.name, link.display, keeper.code AS keeper,
       CASE WHEN link.kind = 'kiosk' THEN link.places WHEN right(keeper.grid_code, 3) = '000' THEN '{}'
            ELSE ARRAY[keeper.grid_code] END AS places
FROM access_link AS link LEFT JOIN keeper ON keeper.id = link.keeper_id
WHERE link.session_hash = %s AND link.revoked_at IS NULL AND link.expires_at > now()
"""


@dataclass(frozen=True)
class Bearer:
    """Who comes with a session: a wall, or a keeper by code."""

    id: int
    kind: str
    name: str
    display: dict[str, Any]
    keeper: str | None
    places: Sequence[str]

    @property
    def scope(self) -> Scope:
        """Jurisdiction: a wall's places, or the grid that the keeper keeps now."""
        return Scope.of_places(self.places)


def bearer(connection: psycopg.Connection, token: str) -> Bearer | None:
    """Return who comes with a session; None where it is unknown, expired or revoked.

    Args:
        connection: inside a transaction without limits of jurisdiction.
        token: of the session.
    """
    with connection.cursor(row_factory=class_row(Bearer)) as cursor:
        return cursor.execute(_WHO, (_hash(token),)).fetchone()
