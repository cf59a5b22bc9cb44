"""Answers in gzip, where the client takes it and it pays."""

from pathlib import Path

from apiflask import APIFlask
from flask import Response, current_app, request

from tiles import packing
from webmap import columns

TYPES = frozenset({
    "application/json", "application/geo+json", "application/problem+json", "application/schema+json",
    "application/vnd.mapbox-vector-tile", "application/vnd.oai.openapi+json", "model/gltf+json",
    "text/html", "text/css", "text/javascript", "application/wasm", columns.MEDIA_TYPE,
})


def _compress(response: Response) -> Response:
    if response.mimetype not in TYPES or response.is_streamed and not response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    encoded = "Content-Encoding" in response.headers
    if response.status_code != 200 or encoded or not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < packing.SMALLEST:
        return response
    etag, _ = response.get_etag()
    response.set_data(_built() or packing.pack(body))
    response.headers["Content-Encoding"] = "gzip"
    if etag:
        # The encoded answer is another representation: a weak tag stands for both.
        response.set_etag(etag, weak=True)
    return response


def _built() -> bytes | None:
    """Return the file that is asked for as the build has packed it, smaller than we would while somebody waits."""
    if request.endpoint != "static":
        return None
    # The plain file of this name was found: the name does not lead out of the folder.
    file = Path(current_app.static_folder, f"{request.view_args['filename']}.gz")
    return file.read_bytes() if file.is_file() else None


def register(app: APIFlask) -> None:
    """Compress the answers of an application."""
    app.after_request(_compress)
