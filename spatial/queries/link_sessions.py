"""Sessions that access links (访问链接) open: exchanged once, looked up with each request, left by their browser."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from spatial.queries import link_audit
from spatial.queries.access_links import TOKEN_BYTES, LinkUnusable, hashed
from spatial.queries.link_audit import By
from spatial.rules import access_links as rules
from spatial.types import Scope

_LEAVE = "UPDATE access_link SET session_hash = NULL WHERE session_hash = %s RETURNING kind, id, places"


def leave(connection: psycopg.Connection, token: str, address: str | None) -> str | None:
    """End a session; its link opens no other one, and can be renewed.

    Args:
        connection: inside a transaction without limits of jurisdiction.
        token: of the session.
        address: where the browser is.

    Returns:
        The account that it was, such as ``kiosk:3``; None where it is over already.
    """
    found = connection.execute(_LEAVE, (hashed(token),)).fetchone()
    return _noted(connection, "left", found, address).account if found else None


def _noted(connection: psycopg.Connection, what: str, link: tuple[str, int, list[str]], address: str | None) -> By:
    """Write down what the browser of a link did, under the account that it is there."""
    kind, link_id, places = link
    by = By(f"{kind}:{link_id}", (rules.ROLES[kind],), address)
    link_audit.write(connection, what, kind, link_id, places, by)
    return by


# Of two that open a link at once, one waits for the other and then finds it opened.
_OPEN = """
UPDATE access_link SET opened_at = now(), session_hash = %(session_hash)s
WHERE link_hash = %(link_hash)s AND opened_at IS NULL AND revoked_at IS NULL AND link_expires_at > now()
  AND expires_at > now()
RETURNING kind, id, places, expires_at
"""
# Row: why not.
_WHY = "SELECT revoked_at IS NOT NULL, opened_at IS NOT NULL FROM access_link WHERE link_hash = %s"


@dataclass(frozen=True)
class Session:
    """What a link was exchanged for. ``token``: told to the browser only. ``expires_at``: until when it lasts."""

    token: str
    kind: str
    expires_at: datetime


def exchange(connection: psycopg.Connection, token: str, address: str | None) -> Session:
    """Exchange a link for a session, once.

    Args:
        connection: inside a transaction without limits of jurisdiction: nobody is known yet.
        token: of the link.
        address: where the browser is.

    Raises:
        LinkUnusable: the link is unknown, was opened before, waited for too long, or was revoked.
    """
    session = secrets.token_urlsafe(TOKEN_BYTES)
    link_hash = hashed(token)
    opened = connection.execute(_OPEN, {"link_hash": link_hash, "session_hash": hashed(session)}).fetchone()
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
    *link, expires_at = opened
    _noted(connection, "opened", link, address)
    return Session(session, link[0], expires_at)


# Row: who comes with a session, as long as it lasts, and whether it is a while since that was written down. A keeper
# whose row names no grid sees nothing.
_WHO = """
SELECT link.id, link.kind, link.name, link.display, keeper.code AS keeper,
       CASE WHEN link.kind = 'kiosk' THEN link.places WHEN right(keeper.grid_code, 3) = '000' THEN '{}'
            ELSE ARRAY[keeper.grid_code] END AS places,
       coalesce(link.seen_at < now() - interval '1 minute', true) AS unseen
FROM access_link AS link LEFT JOIN keeper ON keeper.id = link.keeper_id
WHERE link.session_hash = %s AND link.revoked_at IS NULL AND link.expires_at > now()
"""
# Nobody waits for it: where somebody else has the row, they say as much, or it is said a few seconds later.
_SEEN = """
UPDATE access_link SET seen_at = now()
WHERE id = (SELECT id FROM access_link WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)
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
    """Return who comes with a session; None where it is unknown, expired or revoked. Once a minute that is on record.

    Args:
        connection: inside a transaction without limits of jurisdiction.
        token: of the session.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_WHO, (hashed(token),)).fetchone()
    if found is None:
        return None
    if found.pop("unseen"):
        connection.execute(_SEEN, (found["id"],))
    return Bearer(**found)
