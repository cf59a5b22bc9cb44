"""TileJSON 3.0 of a layer, from its declaration."""

from collections.abc import Iterator, Sequence
from typing import Any

from spatial.types import Box
from tiles.declaration import Field, Layer, words

WORLD = Box(-180, -85.05, 180, 85.05)
"""Bounds where nothing is on record."""

CLOSE = 14
"""Zoom at which a client begins, where there are tiles."""


def document(layers: Sequence[Layer], base_url: str, bounds: Box | None) -> dict[str, Any]:
    """Return the TileJSON document of one or more layers.

    Args:
        layers: declarations, in the order of the tile URL.
        base_url: scheme and host of the service, without a slash at the end.
        bounds: box of the data, EPSG:4490; the world when None.

    Returns:
        A JSON object valid against the TileJSON 3.0.0 schema. ``vector_layers`` names everything that a tile may
        hold: objects, the points that name them, the cells that stand for them from afar, and what a full tile hides.
    """
    names = ",".join(layer.name for layer in layers)
    box = bounds or WORLD
    lowest, highest = min(layer.lowest for layer in layers), max(layer.maxzoom for layer in layers)
    return {
        "tilejson": "3.0.0",
        "name": names,
        "description": ", ".join(layer.title["en"] for layer in layers),
        "scheme": "xyz",
        "tiles": [f"{base_url}/tiles/{names}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": lowest,
        "maxzoom": highest,
        "bounds": [round(value, 7) for value in box],
        "center": [round((box.west + box.east) / 2, 7), round((box.south + box.north) / 2, 7),
                   max(lowest, min(CLOSE, highest))],
        "vector_layers": [entry for layer in layers for entry in _entries(layer)],
    }


def _entries(layer: Layer) -> Iterator[dict[str, Any]]:
    yield _entry(layer.name, layer.title["en"], layer.minzoom, layer.maxzoom, layer.fields)
    if layer.named:
        yield _entry(layer.names, f"{layer.title['en']} by name: a point inside each, in one tile alone", layer.minzoom,
                     layer.maxzoom, tuple(field for field in layer.fields if field.name == layer.named))
    if layer.cells:
        yield _entry(layer.cells.name, layer.cells.title["en"], 0, layer.minzoom - 1, layer.cells.fields)
    yield _entry(layer.hidden, f"{layer.title['en']} left out of a tile that is full: a point at its centre",
                 layer.minzoom, layer.maxzoom, (Field("hidden", "Number", "", words("数量", "how many")),))


def _entry(name: str, description: str, minzoom: int, maxzoom: int, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "id": name,
        "description": description,
        "minzoom": minzoom,
        "maxzoom": maxzoom,
        "fields": {field.name: f"{field.kind}: {field.description['en']}" for field in fields},
    }
