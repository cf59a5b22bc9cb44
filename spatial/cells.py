"""Cells of the tile matrix that a change touched, and the tiles that are another one after it.

A statement that writes drawn rows names the cells of zoom 14 in which the rows were and are (migration 0012). Features
are drawn a little beyond their tile's edge, by ``REACH`` of a tile at most. At zoom 14 the statement has counted that
in. The edge of a coarser tile is wider, so that cells are enlarged there: a change may show in a neighbour as well.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

BASE_ZOOM = 14
"""The finest zoom of cells."""

MAX_CELLS = 1024
"""Cells of one change at most; a wider one names coarser cells."""

REACH = 1 / 16
"""Share of a tile that features of its neighbours may reach into it: no layer's buffer is wider."""

DEEPEST = 22
"""The deepest zoom of any tile."""

Cell = tuple[int, int, int]
"""Zoom, column from the west, row from the north, in WebMercatorQuad."""


@dataclass(frozen=True)
class Touched:
    """What one change touched.

    Attributes:
        layer: name of the layer in tile addresses.
        minzoom, maxzoom: zooms whose tiles show the change.
        z: zoom of the cells, ``BASE_ZOOM`` at most.
        cells: column and row of each.
    """

    layer: str
    minzoom: int
    maxzoom: int
    z: int
    cells: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, payload: dict[str, Any]) -> "Touched":
        """Read the payload of a change of kind ``tiles``.

        Raises:
            ValueError: it is none.
        """
        try:
            cells = tuple((x, y) for x, y in payload["cells"])
            change = cls(payload["layer"], payload["minzoom"], payload["maxzoom"], payload["z"], cells)
            numbers = [change.minzoom, change.maxzoom, change.z, *(place for cell in cells for place in cell)]
            sound = isinstance(change.layer, str) and all(type(number) is int for number in numbers) and (
                0 <= change.minzoom <= change.maxzoom <= DEEPEST and 0 <= change.z <= BASE_ZOOM
                and all(0 <= x < 2**change.z and 0 <= y < 2**change.z for x, y in cells))
        except (KeyError, TypeError) as error:
            raise ValueError(f"{payload!r:.200} is no change of tiles") from error
        if not sound:
            raise ValueError(f"{payload!r:.200} is no change of tiles")
        return change

    def payload(self) -> dict[str, Any]:
        """Return it as the change feed and the live stream write it."""
        return {"layer": self.layer, "minzoom": self.minzoom, "maxzoom": self.maxzoom, "z": self.z,
                "cells": [list(cell) for cell in self.cells]}

    def bounded(self) -> "Touched":
        """Return the same change with so much coarser cells that it names ``MAX_CELLS`` at most."""
        z, cells = self.z, self.cells
        while len(cells) > MAX_CELLS:
            z, cells = z - 1, tuple(sorted({(x >> 1, y >> 1) for x, y in cells}))
        return replace(self, z=z, cells=cells)

    def whole(self) -> set[Cell]:
        """Return the cells of which everything below changed as well; none if no such tile shows the change."""
        if self.maxzoom < self.z:
            return set()
        if self.z == BASE_ZOOM:
            return {(self.z, x, y) for x, y in self.cells}
        return {(self.z, x, y) for column, row in self.cells
                for x in _reached(column, self.z, self.z) for y in _reached(row, self.z, self.z)}

    def above(self) -> set[Cell]:
        """Return the tiles coarser than the cells in which the change shows."""
        return {
            (zoom, x, y)
            for zoom in range(self.minzoom, min(self.z - 1, self.maxzoom) + 1)
            for column, row in self.cells
            for x in _reached(column, self.z, zoom)
            for y in _reached(row, self.z, zoom)
        }


def _reached(place: int, z: int, zoom: int) -> range:
    """Return the columns (or rows) at a coarser zoom that one of zoom z overlaps when it is enlarged."""
    scale = 2 ** (z - zoom)
    first = math.floor(place / scale - REACH)
    last = math.ceil((place + 1) / scale + REACH) - 1
    return range(max(first, 0), min(last, 2**zoom - 1) + 1)


def merged(changes: list[Touched]) -> list[Touched]:
    """Return changes with those of one layer, zoom range and cell zoom put together, in order of first sight."""
    found: dict[tuple[str, int, int, int], dict[tuple[int, int], None]] = {}
    for change in changes:
        key = (change.layer, change.minzoom, change.maxzoom, change.z)
        found.setdefault(key, {}).update(dict.fromkeys(change.cells))
    return [Touched(*key, tuple(cells)) for key, cells in found.items()]

