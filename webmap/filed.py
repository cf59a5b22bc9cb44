"""What the routes of imagery, terrain and 3D models have in common."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from flask import Response, request

from spatial.errors import NotFound
from spatial.queries.filed import Filed, Raster, SourceUnavailable
from tiles import filed
from tiles.matrix import Address
from tiles.raster_server import Asked, Kind
from webmap.services import services, transaction

Source = TypeVar("Source", bound=Filed)

Find = Callable[[psycopg.Connection, str], Source | None]

KEPT = "private, no-cache"
"""A browser keeps the answer and asks each time whether it is still the one of now."""


def source(find: Find[Source], what: str, name: str) -> Source:
    """Return a source on record.

    Args:
        find: of ``spatial/queries``.
        what: what it is called to people.
        name: its name.

    Raises:
        NotFound: there is none.
    """
    found = None
    if "\0" not in name:  # which no text of PostgreSQL can hold
        with transaction() as connection:
            found = find(connection, name)
    if found is None:
        raise NotFound(f"There is no {what} {name!r}.", f"See /{ROUTES[what]}.json for what is on record.")
    return found


ROUTES = {"imagery": "raster", "terrain": "terrain", "3D model": "models"}
"""What a source is called to people → where its answers lie."""


def tile(kind: Kind, find: Find[Raster], what: str, name: str, address: Address, size: int, form: str) -> Response:
    """Answer for a tile of a raster source.

    A file that has just been replaced is not the one that the row named: the row is read once more.

    Args:
        kind: see ``Asked``. find, what, name: see ``source``. address, size, form: see ``Asked``.

    Raises:
        NotFound: no such source. SourceUnavailable, Overloaded: see ``RasterServer.ask``.
    """
    found = source(find, what, name)
    try:
        return _tile(Asked(kind, found, address, size, form))
    except SourceUnavailable:
        again = source(find, what, name)
        if again.path == found.path:
            raise
        return _tile(Asked(kind, again, address, size, form))


def _tile(asked: Asked) -> Response:
    if not filed.shows(asked.source, asked.address):
        return _nothing("OUTSIDE")
    if request.if_none_match.contains(asked.etag):
        response = Response(status=304)
        response.headers["X-Cache"] = "REVALIDATED"
    else:
        drawn = services().rasters.ask(asked)
        if not drawn.body:
            return _nothing(drawn.how)
        response = Response(drawn.body, mimetype=f"image/{asked.form}")
        response.headers["X-Cache"] = drawn.how
        response.headers["Server-Timing"] = f"draw;dur={drawn.seconds * 1000:.2f}"
    response.set_etag(asked.etag)
    response.headers["Cache-Control"] = KEPT
    return response


def _nothing(how: str) -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    response.headers["X-Cache"] = how
    response.headers["Cache-Control"] = KEPT
    return response


def listed(sources: list[Source], describe: Callable[[Source], dict[str, Any]]) -> dict[str, Any]:
    """Return the list of what is on record.

    Args:
        sources: rows.
        describe: what is told of one beside what all have.
    """
    return {"sources": [
        {"name": one.name, "attribution": one.attribution, "bounds": [round(number, 7) for number in one.box],
         "minzoom": one.minzoom, "maxzoom": one.maxzoom, "imported_at": one.imported_at.isoformat(),
         "bytes": one.bytes, **describe(one)} for one in sources]}


def base_url() -> str:
    """Return scheme and host by which the request reached us, without a slash at the end."""
    return request.host_url.rstrip("/")
