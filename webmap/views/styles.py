"""MapLibre styles of the base map, from our own layers."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from apiflask import APIBlueprint
from flask import request

from spatial.errors import NotFound
from webmap import identity

styles = APIBlueprint("styles", __name__, url_prefix="/styles", tag="Tiles")

FOLDER = Path(__file__).parent.parent / "styles"


@cache
def _text(name: str) -> str:
    known = {path.stem: path for path in FOLDER.glob("*.json")}
    if name not in known:
        raise NotFound(f"There is no style {name!r}.", f"Styles: {', '.join(sorted(known))}.")
    return known[name].read_text(encoding="utf-8")


@styles.get("/<name>.json")
@identity.needs("picture.read")
@styles.doc(summary="MapLibre style of the base map")
def style(name: str) -> dict[str, Any]:
    """Return a style whose tile addresses are those of this service."""
    document = json.loads(_text(name))
    base = request.host_url.rstrip("/")
    for source in document["sources"].values():
        source["tiles"] = [f"{base}{url}" for url in source["tiles"]]
    return document
