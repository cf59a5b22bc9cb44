"""TileJSON 3.0 of a layer, from its declaration."""

from typing import Any

from spatial.types import Box
from tiles.layers import Layer
from tiles.vector import MAX_ZOOM


def document(layers: list[Layer], base_url: str, bounds: Box | None) -> dict[str, Any]:
    """Return the TileJSON document of one or more layers.

    Args:
        layers: declarations, in the order of the tile URL.
        base_url: scheme and host of the service, without a slash at the end.
        bounds: box of the data, EPSG:4490; the world when None.

    Returns:
        A JSON object valid against the TileJSON 3.0.0 schema.
    """
    names = ",".join(layer.name for layer in layers)
    box = bounds or Box(-180, -85.05, 180, 85.05)
    return {
        "tilejson": "3.0.0",
        "name": names,
        "description": ", ".join(layer.title["en"] for layer in layers),
        "scheme": "xyz",
        "tiles": [f"{base_url}/tiles/{names}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": min(layer.minzoom for layer in layers),
        "maxzoom": min(max(layer.maxzoom for layer in layers), MAX_ZOOM),
        "bounds": [round(value, 7) for value in box],
        "center": [round((box.west + box.east) / 2, 7), round((box.south + box.north) / 2, 7), 14],
        "vector_layers": [
            {
                "id": layer.name,
                "description": layer.title["en"],
                "minzoom": layer.minzoom,
                "maxzoom": layer.maxzoom,
                "fields": {field.name: f"{field.kind}: {field.description}" for field in layer.fields},
            }
            for layer in layers
        ],
    }
