"""MapLibre styles of the base map (底图样式): one description, and what day, night and wall make of it.

``styles/base.json`` says what is drawn. A text ``"@name"`` in it stands for a colour of the style, or for one of
its own ``constants``. ``styles/<style>.json`` holds the colours and may enlarge the text (``text-scale``) and leave
layers out (``without``). No glyphs are asked for: clients draw labels with their own fonts, those of ``text-font``
first.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from spatial.errors import NotFound

FOLDER = Path(__file__).parent / "styles"

STYLES = ("day", "night", "wall")
"""By what each is for: a bright room, a dark one, a screen that is read from afar."""

LIGHT = ("day",)
"""Those with a light ground."""


def document(name: str, base_url: str = "") -> dict[str, Any]:
    """Return a style of the base map.

    Args:
        name: one of ``STYLES``.
        base_url: scheme and host of the service, without a slash at the end, put before the tiles' addresses.

    Returns:
        A document valid against the MapLibre style specification. ``metadata`` names the lowest layer of labels
        (``shapan:first-label``) and of roads (``shapan:first-road``); layers name the group that shows and hides
        them together (``shapan:group``), to what they give way where it is written on them (``shapan:under``), and
        their labels by language (``shapan:text``).

    Raises:
        NotFound: there is no such style; the message lists those that exist.
    """
    if name not in STYLES:
        raise NotFound(f"There is no style {name!r}.", f"Styles: {', '.join(STYLES)}.")
    base, style = _read("base"), _read(name)
    values = base["constants"] | style["colors"]
    layers = [
        _enlarged(_filled(layer, values), style.get("text-scale", 1))
        for layer in base["layers"] if layer["id"] not in style.get("without", ())
    ]
    return {
        "version": base["version"],
        "name": name,
        "metadata": {
            "shapan:first-label": next(layer["id"] for layer in layers if layer["type"] == "symbol"),
            "shapan:first-road": next(layer["id"] for layer in layers if layer.get("source-layer") == "roads"),
        },
        "sources": {
            key: source | {"tiles": [f"{base_url}{url}" for url in source["tiles"]]}
            for key, source in base["sources"].items()
        },
        "layers": layers,
    }


@cache
def _read(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _filled(value: Any, values: dict[str, Any]) -> Any:
    """Return a copy in which each ``"@name"`` is replaced by its value."""
    if isinstance(value, str) and value.startswith("@"):
        return values[value[1:]]
    if isinstance(value, list):
        return [_filled(part, values) for part in value]
    if isinstance(value, dict):
        return {key: _filled(part, values) for key, part in value.items()}
    return value


def _enlarged(layer: dict[str, Any], factor: float) -> dict[str, Any]:
    """Return the layer with larger text: the outputs of its interpolation over the zoom."""
    if factor == 1 or "text-size" not in layer.get("layout", {}):
        return layer
    size = layer["layout"]["text-size"]
    larger = [*size[:3], *(round(part * factor, 2) if index % 2 else part for index, part in enumerate(size[3:]))]
    return layer | {"layout": layer["layout"] | {"text-size": larger}}
