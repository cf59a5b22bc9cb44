"""MapLibre styles of the base map, from our own layers."""

from typing import Any

from apiflask import APIBlueprint

from webmap import base_map, identity
from webmap.page import host_url

styles = APIBlueprint("styles", __name__, url_prefix="/styles", tag="Tiles")


@styles.get("/<name>.json")
@identity.needs("picture.read")
@styles.doc(summary="MapLibre style of the base map: day, night or wall")
def style(name: str) -> dict[str, Any]:
    """Return a style whose tile addresses are those of this service; another name: 404."""
    return base_map.document(name, host_url())
