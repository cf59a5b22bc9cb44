"""3D models (三维模型): the files of registered tilesets, and what is on record."""

import os
from http import HTTPStatus
from typing import Any, BinaryIO

from apiflask import APIBlueprint
from flask import Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from spatial.errors import NotFound
from spatial.queries import model3d
from spatial.queries.filed import SourceUnavailable
from tiles import filed as described
from tiles import models as files
from webmap import filed, identity
from webmap.problems import problem
from webmap.services import services, transaction

models = APIBlueprint("models", __name__, tag="Tiles")

ENTRY = "tileset.json"


@models.get("/models/<name>/<path:path>")
@identity.needs("picture.read")
@models.doc(summary="File of a 3D model", responses={
    200: "The file", 206: "Part of the file", 304: "Unchanged", 404: "No such source or file",
    416: "No such part", 503: "The source's files are not there"})
def file(name: str, path: str) -> Response:
    """Return a file of a tileset, or the part of it that Range asks for; ``tileset.json`` is the first to ask for."""
    media_type = files.media_type(path)
    found = filed.source(model3d.find, "3D model", name)
    try:
        opened = _open(found, path)
    except (SourceUnavailable, NotFound):
        # Just replaced by another import, which takes the old folder away: what is on record now?
        again = filed.source(model3d.find, "3D model", name)
        if again.path == found.path:
            raise
        found, opened = again, _open(again, path)
    status = os.fstat(opened.fileno())
    response = Response(wrap_file(request.environ, opened), mimetype=media_type, direct_passthrough=True)
    response.call_on_close(opened.close)
    response.content_length = status.st_size
    response.set_etag(described.tag("model", found, path, status.st_size, status.st_mtime_ns))
    response.headers["Cache-Control"] = filed.KEPT
    try:
        response.make_conditional(request, accept_ranges=_one_range(), complete_length=status.st_size)
    except RequestedRangeNotSatisfiable:
        response.close()
        response = problem(416, "No such part", f"The file has {status.st_size:,} bytes. Ask for a part of these.")
        response.headers["Content-Range"] = f"bytes */{status.st_size}"
    if response.status_code in (HTTPStatus.NOT_MODIFIED, HTTPStatus.PRECONDITION_FAILED):
        response.response, response.content_length = [], None
    return response


def _one_range() -> bool:
    """Tell whether a header Range is to be heard: RFC 9110 lets several ranges, and what is none, pass unheard.

    Neither is a weak tag in If-Range: it stands for the bytes in gzip as well, of which these would be no part.
    """
    asked = request.range
    if "Range" not in request.headers:
        return True
    plain = asked is not None and asked.units == "bytes" and len(asked.ranges) == 1
    return plain and not request.headers.get("If-Range", "").startswith("W/")


def _open(found: model3d.Model3d, path: str) -> BinaryIO:
    return files.open_file(found.place(services().settings.home), path)


@models.get("/models.json")
@identity.needs("picture.read")
@models.doc(summary="3D models on record")
def sources() -> dict[str, Any]:
    """Return name, box and address of every 3D model on record."""
    with transaction() as connection:
        found = model3d.every(connection)
    return filed.listed(found, lambda one: {
        "version": one.version, "files": one.files,
        "tileset": described.url(filed.base_url(), "models", one, f"/{ENTRY}")})
