"""Vector tiles and their TileJSON."""

import hashlib

from apiflask import APIBlueprint
from flask import Response, request

from spatial.queries import picture
from tiles import tilejson, vector
from webmap import identity
from webmap.services import transaction

tiles = APIBlueprint("tiles", __name__, url_prefix="/tiles", tag="Tiles")

MIMETYPE = "application/vnd.mapbox-vector-tile"


@tiles.get("/<names>/<int:z>/<int:x>/<int:y>.mvt")
@identity.needs("picture.read")
@tiles.doc(summary="Vector tile of one or more layers", responses={200: "Mapbox Vector Tile", 204: "Nothing there"})
def tile(names: str, z: int, x: int, y: int) -> Response:
    """Return the tile of the layers named (joined by commas) at zoom, column and row.

    Nothing there: 204. Outside the matrix, or no such layer: 404. The tag is a hash of the
    bytes, so that an unchanged tile costs a client nothing but the question.
    """
    address = vector.Address(z, x, y)
    with transaction() as connection:
        body = vector.build(connection, names.split(","), address, identity.current().field_class).body
    if not body:
        response = Response(status=204)
        del response.headers["Content-Type"]
    else:
        response = Response(body, mimetype=MIMETYPE)
        response.set_etag(hashlib.blake2b(body, digest_size=12).hexdigest())
        response.make_conditional(request)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@tiles.get("/<names>.json")
@identity.needs("picture.read")
@tiles.doc(summary="TileJSON 3.0 of one or more layers")
def document(names: str) -> dict:
    """Return the TileJSON document of the layers named (joined by commas)."""
    declared = vector.checked(names.split(","))
    with transaction() as connection:
        bounds = picture.extent(connection)
    return tilejson.document(declared, request.host_url.rstrip("/"), bounds)
