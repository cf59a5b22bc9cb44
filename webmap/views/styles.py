"""MapLibre styles of the base map, from our own layers."""

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.validators import OneOf
from flask import request

from webmap import base_map, identity
from webmap.fields import Text

styles = APIBlueprint("styles", __name__, url_prefix="/styles", tag="Tiles")


class StyleQuery(Schema):
    """Which colours."""

    style = Text(load_default="night", validate=OneOf(base_map.STYLES),
                 metadata={"description": "style of the base map that the colours are for"})


@styles.get("/<name>.json")
@identity.needs("picture.read")
@styles.doc(summary="MapLibre style of the base map: day, night or wall")
def style(name: str) -> dict[str, Any]:
    """Return a style whose tile addresses are those of this service; another name: 404."""
    return base_map.document(name, request.host_url.rstrip("/"))
