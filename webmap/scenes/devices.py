"""What the sandbox draws of devices and facilities: their tiles. Their looks follow live state, in the browser."""

import pydeck as pdk

from tiles import layers

TILES = "/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"

SHOWN = ("facilities", "devices")


def tiled(permissions: frozenset[str]) -> list[pdk.Layer]:
    """Return a layer for each kind of things that an account may see, by the name of its tiles.

    Args:
        permissions: what the account may do.
    """
    declared = [layers.layer(name) for name in SHOWN]
    return [
        pdk.Layer(
            "MVTLayer",
            id=layer.name,
            data=pdk.types.String(TILES.format(layer=layer.name)),
            min_zoom=layer.minzoom,
            max_zoom=layer.maxzoom,
            visible_min_zoom=layer.minzoom,
            visible=False,
        )
        for layer in declared if layer.permission in permissions
    ]
