"""Sessions that access links were exchanged for (访问链接的会话), as each request brings them: a cookie.

Who comes with one is looked up in the database, and believed for some seconds: this stands before every cached tile.
A browser whose session is over is nobody, and never falls back to an account that it could have had.
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from flask import Response, request

from spatial.db import Database
from spatial.queries import link_sessions as queries
from spatial.queries.link_sessions import Bearer, Session
from spatial.rules.access_links import ROLES
from spatial.types import Scope
from webmap import guard
from webmap.identity import NOBODY, Identity

COOKIE = "shapan_link"
"""Where the way is encrypted it has the prefix ``__Host-``, with which no other host of a domain can set it; there the
name without it counts for nothing."""

PREFIX = "__Host-"

BELIEVED_S = 3.0
"""How long an answer of the database counts. A link that was revoked is over after that."""

KEPT_MOST = 4096
"""Answers that are kept, unknown sessions among them: those asked for longest ago are forgotten first."""

# A pattern and no parser of cookies: see demo_role.
_NAMED = {encrypted: re.compile(rf"(?:^|[; ]){PREFIX if encrypted else ''}{COOKIE}=([^;]*)")
          for encrypted in (True, False)}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Bearers:
    """Who comes with which session, of one process.

    Args:
        database: the service's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, tuple[float, Bearer | None]] = OrderedDict()

    def identity(self, environ: Mapping[str, Any]) -> Identity | None:
        """Return whose request this is by its cookie: nobody's where its session is over; None without a cookie.

        Raises:
            DatabaseError: it has to be looked up and the database does not answer. Nobody is let in on trust.
        """
        token = _named(environ)
        if token is None:
            return None
        bearer = self._bearer(token)
        return NOBODY if bearer is None else Identity(f"{bearer.kind}:{bearer.id}", (ROLES[bearer.kind],), bearer.scope,
                                                      bearer.keeper)

    def bearer(self, environ: Mapping[str, Any]) -> Bearer | None:
        """Return who comes with the cookie of a request; None without one in force.

        Raises:
            DatabaseError: as of :meth:`identity`.
        """
        token = _named(environ)
        return None if token is None else self._bearer(token)

    def forget(self) -> None:
        """Look up every session anew, because one was revoked, or is told something else."""
        with self._lock:
            self._known.clear()

    def _bearer(self, token: str) -> Bearer | None:
        if not _TOKEN.fullmatch(token):
            return None
        # The token itself is kept nowhere, not even in memory.
        key, now = sha256(token.encode()).digest(), time.monotonic()
        known = self._known.get(key)
        if known is not None and now < known[0]:
            return known[1]
        with self._database.transaction(Scope.everything()) as connection:
            found = queries.bearer(connection, token)
        with self._lock:
            self._known[key] = (now + BELIEVED_S, found)
            self._known.move_to_end(key)
            while len(self._known) > KEPT_MOST:
                self._known.popitem(last=False)
        return found


def _named(environ: Mapping[str, Any]) -> str | None:
    cookies = environ.get("HTTP_COOKIE")
    if not cookies or COOKIE not in cookies:
        return None
    found = _NAMED[_encrypted(environ)].search(cookies)
    return found[1] if found else None


def _encrypted(environ: Mapping[str, Any]) -> bool:
    """Tell whether a browser came by an encrypted way: beyond loopback, ``shapan serve`` allows no other.

    Behind a proxy every request has come so (``webmap/public.py``), whatever its heads say.
    """
    return environ.get("wsgi.url_scheme") == "https" or not guard.is_loopback_name(environ.get("HTTP_HOST", ""))


def comes_with_one(environ: Mapping[str, Any]) -> bool:
    """Tell whether a request comes with a session, in force or not."""
    return _named(environ) is not None


def token_of(environ: Mapping[str, Any]) -> str | None:
    """Return the session of a request, in force or not; None where it has none, or one that nobody was given."""
    token = _named(environ)
    return token if token is not None and _TOKEN.fullmatch(token) else None


def keep(response: Response, session: Session) -> None:
    """Have the browser come with a session until it ends."""
    response.set_cookie(_name(), session.token, max_age=int((session.expires_at - datetime.now(UTC)).total_seconds()),
                        **_options())


def leave(response: Response) -> None:
    """Have the browser forget its session."""
    response.delete_cookie(_name(), **_options())


def _name() -> str:
    return f"{PREFIX}{COOKIE}" if _encrypted(request.environ) else COOKIE


def _options() -> dict[str, Any]:
    # Not for scripts, and not sent with what another site's page asks for.
    return {"path": "/", "httponly": True, "samesite": "Strict", "secure": _encrypted(request.environ)}
