"""The scene of the sandbox: buildings by a metric, cells that stand for them from afar, and the heat of events."""

import json
from collections.abc import Sequence
from typing import Any

import pydeck as pdk

from spatial.queries.picture import Counts
from spatial.types import Box
from tiles import layers
from tiles.legend import Legend

HEAT_COLORS = (
    (46, 60, 92, 0), (66, 88, 140, 120), (84, 132, 168, 160),
    (196, 176, 120, 190), (222, 140, 84, 215), (206, 84, 62, 235),
)
"""From nothing to the densest; the scale is fixed, so that the legend stays true."""


CELLS_END = 0.001
"""This far below the zoom of single buildings, their cells end: the map never shows both."""


def sandbox(legend: Legend, cells: Legend, bounds: Box | None, counts: Counts, tile_url: str,
            exact: bool = True, others: Sequence[pdk.Layer] = ()) -> dict[str, Any]:
    """Return the scene as the browser takes it.

    Args:
        legend: how buildings are coloured.
        cells: how the cells that stand for them from afar are coloured.
        bounds: box of the city, EPSG:4490; None where nothing is on record.
        counts: what is on record.
        tile_url: address of the buildings' tiles with ``{z}/{x}/{y}``.
        exact: whether these hold residents as they are, or the lower ends of classes.
        others: layers of other concepts, drawn above these.

    Returns:
        ``deck`` (deck.gl JSON), ``legend``, ``bounds``, ``view``, ``counts``, ``exact``.
    """
    view = initial_view(bounds)
    deck = pdk.Deck(
        layers=[_cells(cells, tile_url), _buildings(legend, tile_url), _heat(), *others],
        initial_view_state=pdk.ViewState(**view),
        map_provider=None,
        map_style=None,
    )
    return {
        "deck": json.loads(deck.to_json()),
        "legend": [legend.as_json(), cells.as_json()],
        "bounds": list(bounds) if bounds else None,
        "view": view,
        "counts": vars(counts),
        "exact": exact,
    }


def _cells(legend: Legend, tile_url: str) -> pdk.Layer:
    first = layers.layer("buildings").minzoom
    return pdk.Layer(
        "MVTLayer",
        id="building-cells",
        data=pdk.types.String(tile_url),
        min_zoom=0,
        max_zoom=first - 1,
        visible_max_zoom=first - CELLS_END,
        filled=True,
        pickable=True,
        get_fill_color=fill(legend),
    )


def _buildings(legend: Legend, tile_url: str) -> pdk.Layer:
    declared = layers.layer(legend.layer)
    return pdk.Layer(
        "MVTLayer",
        id="buildings",
        data=pdk.types.String(tile_url),
        min_zoom=declared.minzoom,
        max_zoom=declared.maxzoom,
        extruded=True,
        filled=True,
        pickable=True,
        get_elevation="properties.drawn_height_m",
        get_fill_color=fill(legend),
    )


def _heat() -> pdk.Layer:
    return pdk.Layer(
        "HeatmapLayer",
        id="heat",
        data=[],
        visible=False,
        get_position="position",
        get_weight="weight",
        color_range=[list(color) for color in HEAT_COLORS],
        aggregation=pdk.types.String("SUM"),
        weights_texture_size=512,
        debounce_timeout=120,
    )


def fill(legend: Legend) -> dict[str, Any]:
    """Return the accessor of a legend's colour, as the browser's registered functions take it."""
    if legend.live:
        return {"@@function": "plainColor", "color": list(legend.none)}
    if legend.categorical:
        return {
            "@@function": "categoryColor",
            "property": legend.field,
            "categories": {line.value: list(line.color) for line in legend.classes},
            "other": list(legend.classes[-1].color),
        }
    return {
        "@@function": "stepColor",
        "property": legend.field,
        "breaks": [line.low for line in legend.classes[1:]],
        "perHectare": legend.per_hectare,
        "colors": [list(line.color) for line in legend.classes],
        "noData": list(legend.none),
    }


def initial_view(bounds: Box | None) -> dict[str, float]:
    """Return a camera that has the city in view from the south: degrees and zoom."""
    if bounds is None:
        return {"longitude": 105.0, "latitude": 35.0, "zoom": 3.4, "pitch": 0.0, "bearing": 0.0}
    return {
        "longitude": (bounds.west + bounds.east) / 2,
        "latitude": (bounds.south + bounds.north) / 2,
        "zoom": 14.6,
        "pitch": 48.0,
        "bearing": -12.0,
    }
