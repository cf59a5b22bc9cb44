"""The scene of grids by a figure: communities from afar, grids from near, flat on the ground."""

import json
from typing import Any

import pydeck as pdk

from tiles import layers
from tiles.grid_legends import FigureLegend
from webmap.scenes.sandbox import fill

NEAR = 12.6
"""Zoom from which single grids are coloured; below it a grid is smaller than its number."""

APART = 0.001
"""This far below it communities end: the map never shows both."""


def grids(communities: FigureLegend, single: FigureLegend, tile_url: str) -> dict[str, Any]:
    """Return the scene as the browser takes it.

    Args:
        communities, single: how communities and grids are coloured. Their field is no property of a tile: the browser
            gives each outline its figure by its code.
        tile_url: address of tiles with ``{name}`` for the layer and ``{z}/{x}/{y}``.

    Returns:
        ``deck`` (deck.gl JSON), ``legend`` of both.
    """
    deck = pdk.Deck(
        layers=[
            _outlines("community-figures", "areas", communities, tile_url, visible_max_zoom=NEAR - APART),
            _outlines("grid-figures", "grids", single, tile_url, visible_min_zoom=NEAR),
        ],
        map_provider=None,
        map_style=None,
    )
    return {"deck": json.loads(deck.to_json()), "legend": [communities.as_json(), single.as_json()]}


def _outlines(id: str, name: str, legend: FigureLegend, tile_url: str, **zooms: float) -> pdk.Layer:
    declared = layers.layer(name)
    return pdk.Layer(
        "MVTLayer",
        id=id,
        data=pdk.types.String(tile_url.replace("{name}", name)),
        min_zoom=declared.minzoom,
        max_zoom=declared.maxzoom,
        filled=True,
        stroked=False,
        pickable=True,
        get_fill_color=fill(legend),
        **zooms,
    )
