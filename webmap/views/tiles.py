"""Vector tiles and their TileJSON."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint, Schema
from flask import Response, request
from marshmallow import pre_load

from spatial.queries import features
from spatial.types import Scope
from tiles import tilejson, vector
from tiles.declaration import EXACT
from tiles.server import Asked
from webmap import identity, tile_answer, tile_gate
from webmap.fields import Instant
from webmap.ogc.collections import collection
from webmap.page import host_url
from webmap.services import services, transaction

tiles = APIBlueprint("tiles", __name__, url_prefix="/tiles", tag="Tiles")


NO_INSTANT = "Write an instant with its offset from UTC, such as 2026-11-01T08:00:00+08:00."


class TileQuery(Schema):
    """Of when a tile is."""

    at = Instant(
        load_default=None, error_messages=dict.fromkeys(("invalid", "invalid_awareness"), NO_INSTANT),
        metadata={"description": "instant of which boundaries are wanted, RFC 3339; for layers with a history"})

    @pre_load
    def plus(self, data: Mapping[str, str], **_: Any) -> dict[str, str]:
        """Read the blank that an unescaped plus has become as the plus of an offset."""
        return {name: value.replace(" ", "+") for name, value in data.items()}


@tiles.get("/<names>/<int:z>/<int:x>/<int:y>.mvt")
@identity.needs("picture.read")
@tiles.input(TileQuery, location="query", arg_name="query")
@tiles.doc(summary="Vector tile of one or more layers", responses={
    200: "Mapbox Vector Tile", 204: "Nothing there", 304: "Not modified", 503: "Overloaded", 504: "Too slow"})
def tile(names: str, z: int, x: int, y: int, query: dict[str, datetime | None]) -> Response:
    """Return the tile of the layers named (joined by commas) at zoom, column and row.

    Nothing there: 204. Outside the matrix, or no such layer: 404. The tag is the number of the last change that shows
    in the tile, so that the question whether it changed costs no query.
    """
    if fault := request.environ.get(tile_gate.FAULT):
        raise fault
    wanted = tile_gate.names(names)
    identity.demand(*tile_gate.permissions(names))
    who = identity.current()
    asked = Asked(wanted, vector.Address(z, x, y), who.field_class, who.scope, minute(query["at"], wanted))
    tags = request.headers.get("If-None-Match")
    etag = services().tiles.etag(asked) if tags else None
    if etag is not None and tile_answer.matches(tags, etag):
        return Response(status=304, headers=tile_answer.unchanged(etag))
    answer = services().tiles.ask(asked)
    gzip = tile_answer.takes_gzip(request.headers.get("Accept-Encoding", ""))
    status, head, body = tile_answer.head(answer, gzip=gzip)
    response = Response(body, status, headers=head)
    if not body:
        del response.headers["Content-Type"]
    return response


def minute(at: datetime | None, names: tuple[str, ...]) -> datetime | None:
    """Return the minute that ``at`` names, in UTC; None without one.

    Raises:
        InvalidInput: none of the layers has a history.
    """
    if at is None:
        return None
    vector.check_history(vector.checked(names))
    return at.astimezone(UTC).replace(second=0, microsecond=0)


@tiles.get("/stat")
@identity.needs("picture.read")
@tiles.doc(summary="Tiles in memory, and how current they are")
def stat() -> dict[str, Any]:
    """Return how the process uses its memory for tiles, and the last change that it knows."""
    return services().tiles.summary()


@tiles.get("/<names>/<int:z>/<int:x>/<int:y>/stat")
@identity.needs("picture.read")
@tiles.doc(summary="Whether one tile is in memory")
def stat_of_tile(names: str, z: int, x: int, y: int) -> dict[str, Any]:
    """Tell whether the tile of all rows is in memory and is the one of now, without building it."""
    identity.demand(*tile_gate.permissions(names))
    asked = Asked(tile_gate.names(names), vector.Address(z, x, y), identity.current().field_class, Scope.everything())
    return {"state": services().tiles.look(asked)}


@tiles.get("/<names>.json")
@identity.needs("picture.read")
@tiles.doc(summary="TileJSON 3.0 of one or more layers")
def document(names: str) -> dict:
    """Return the TileJSON document of the layers named (joined by commas).

    Its box is that of the areas and of what those layers have beyond it: that of the layers alone would read each
    table whole.
    """
    declared = vector.checked(names.split(","))
    identity.demand(*tile_gate.permissions(names))
    with transaction() as connection:
        bounds = None
        for name in ("areas", *(layer.name for layer in declared)):
            bounds = features.around(connection, collection(name, EXACT).ever, bounds)
    return tilejson.document(list(declared), host_url(), bounds)
