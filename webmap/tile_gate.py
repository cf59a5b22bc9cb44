"""Tiles before Flask: what is in memory, and what is built, needs no routing and no request object.

They cost more than a small tile. Everything else goes on to the application, which also says what is wrong.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from spatial.errors import DatabaseError, NotFound
from tiles import vector
from tiles.server import Asked
from webmap import guard, identity, tile_answer
from webmap.services import Services

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

PATH = re.compile(r"/tiles/([a-z_,]{1,500})/(\d{1,2})/(\d{1,8})/(\d{1,8})\.mvt", re.ASCII)


FAULT = "shapan.tile_fault"
"""Why a tile could not be built, in the environment of a request: the application answers as for any fault."""


class TileGate:
    """WSGI middleware that answers for tiles.

    Args:
        inner: the application behind.
        services: its parts.
    """

    def __init__(self, inner: Wsgi, services: Services) -> None:
        self._inner = inner
        self._services = services

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass the request on."""
        path = PATH.fullmatch(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if path is None or method not in ("GET", "HEAD") or environ.get("QUERY_STRING"):
            return self._inner(environ, start_response)
        asked = self._asked(path, environ)
        if asked is None:
            return self._inner(environ, start_response)
        tiles = self._services.tiles
        if tags := environ.get("HTTP_IF_NONE_MATCH"):
            etag = tiles.etag(asked)
            if etag is not None and tile_answer.matches(tags, etag):
                start_response("304 NOT MODIFIED", tile_answer.unchanged(etag))
                return ()
        try:
            answer = tiles.ask(asked)
        except Exception as error:
            environ[FAULT] = error
            return self._inner(environ, start_response)
        gzip = tile_answer.takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        status, head, body = tile_answer.head(answer, gzip=gzip)
        start_response(status, head)
        return () if method == "HEAD" else (body,)

    def _asked(self, path: re.Match[str], environ: Environ) -> Asked | None:
        """Return what is asked for; None where the application must say what is wrong."""
        settings = self._services.settings
        try:
            who = identity.of_environ(environ, settings, self._services.bearers.identity)
        except DatabaseError:
            return None
        if who is identity.NOBODY or not guard.answers_for(environ.get("HTTP_HOST", ""), settings):
            return None
        try:
            text, z, x, y = path.groups()
            if not permissions(text) <= who.permissions:
                return None
            return Asked(names(text), vector.Address(int(z), int(x), int(y)), who.field_class, who.scope)
        except NotFound:
            return None


@lru_cache(maxsize=256)
def names(text: str) -> tuple[str, ...]:
    """Return the names of layers joined by commas.

    Raises:
        NotFound: one is no layer, or stands twice.
    """
    return tuple(layer.name for layer in vector.checked(text.split(",")))


@lru_cache(maxsize=256)
def permissions(text: str) -> frozenset[str]:
    """Return what a role must hold to see layers joined by commas.

    Raises:
        NotFound: one is no layer, or stands twice.
    """
    return frozenset(layer.permission for layer in vector.checked(text.split(",")))
