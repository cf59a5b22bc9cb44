"""Layers that may be exported as one file of tiles (PMTiles 3, https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md).

The tiles are those that the server sends, built by the same function. Which there are is found by going down from the
whole world: where no object of the layers reaches into a tile, none reaches into a tile below it. That an object is
not drawn at a zoom says nothing of the next, so that the question is put to the table and not to the tile.
"""

import gzip
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from psycopg import sql

from spatial import disk
from spatial.errors import DatabaseUnreachable, DiskNearlyFull, InvalidInput, NotFound, ShapanError
from spatial.settings import Settings
from spatial.types import Box
from tiles import tilejson, vector
from tiles.layers import BY_NAME, Layer, layer
from tiles.matrix import EXTENT, WORLD_M, Address, from_web, sound, web

GZIP_LEVEL = 6
"""zlib level: written once and read often."""

CHECKED_EVERY = 500
"""Tiles after which free space is looked at again."""

# One row, all null where nothing is: the box of some layers, EPSG:3857. {} comes from their declarations.
EXTENT_OF = """
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (SELECT ST_Extent(geom_web) AS box FROM ({}) AS found) AS whole
"""

# One row: does any object of a layer reach into a tile, its margin included? Parameters: z, x, y, margin.
REACHES = "EXISTS (SELECT FROM {} WHERE geom_web && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => {}))"

Progress = Callable[[int, int, int], None]
"""Is told how it goes on: zoom, tiles of it that were looked at, and how many there are to look at."""


class ArchiveFailed(ShapanError):
    """The archive cannot be written; nothing was left behind."""


@dataclass(frozen=True)
class Wanted:
    """What goes into an archive.

    Attributes:
        layers: declarations of layers that may be exported.
        first, last: zooms.
        field_class: ``classed`` or ``exact``.
        box: EPSG:4490; None for all that is on record.
    """

    layers: tuple[Layer, ...]
    first: int
    last: int
    field_class: str
    box: Box | None = None

    @property
    def names(self) -> list[str]:
        """Names of the layers."""
        return [one.name for one in self.layers]


@dataclass(frozen=True)
class Archive:
    """What was written.

    Attributes:
        path: the file. bytes: its size.
        tiles: how many have something in them.
        first, last: zooms of the first and last tile.
        bounds: of the objects in it, EPSG:4490.
    """

    path: Path
    bytes: int
    tiles: int
    first: int
    last: int
    bounds: Box


def wanted(names: Sequence[str], first: int, last: int, field_class: str, box: Box | None = None) -> Wanted:
    """Check what is asked for; all faults at once.

    Raises:
        InvalidInput: layers that do not exist, are not open or stand twice; zooms or box that cannot be.
    """
    faults: list[tuple[str, str]] = []
    for name in dict.fromkeys(names):
        if name not in BY_NAME:
            faults.append(("layers", f"there is no layer {name!r}"))
        elif not layer(name).exported:
            faults.append(("layers", f"{name} does not leave the house"))
        if list(names).count(name) > 1:
            faults.append(("layers", f"{name} stands twice"))
    if not names:
        faults.append(("layers", "none is named"))
    deepest = max((layer(name).maxzoom for name in names if name in BY_NAME), default=0)
    if not 0 <= first <= last:
        faults.append(("zooms", f"{first}-{last} is no range from 0 on"))
    elif last > deepest and not faults:
        faults.append(("zooms", f"these layers end at {deepest}; clients enlarge their last tiles"))
    if box is not None and not sound(box):
        faults.append(("bbox", f"{','.join(f'{number:g}' for number in box)} is no box within Web Mercator, "
                               "west before east and south before north"))
    if faults:
        raise InvalidInput("This cannot be exported.", faults,
                           f"Layers for export: {', '.join(one.name for one in BY_NAME.values() if one.exported)}.")
    return Wanted(tuple(layer(name) for name in names), first, last, field_class, box)


def export(connection: psycopg.Connection, target: Path, asked: Wanted, settings: Settings, force: bool = False,
           progress: Progress = lambda *_: None) -> Archive:
    """Write an archive.

    Args:
        connection: inside one transaction of repeatable reads with the jurisdiction set.
        target: where; it is there whole or not at all.
        asked: what goes into it.
        settings: how much space must stay free.
        force: write over a file that is there.
        progress: is told how it goes on.

    Raises:
        ArchiveFailed: a file is there already, or the folder cannot be written.
        NotFound: nothing of the layers is on record there.
        DiskNearlyFull: too little space is left.
        DatabaseUnreachable: the connection was lost.
        In all cases nothing is left behind.
    """
    try:
        with _written(target, force) as file:
            return _export(connection, file, target, asked, settings, progress)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable("The database connection was lost; nothing was left behind.",
                                  "Look at: shapan db status") from error
    except OSError as error:
        raise ArchiveFailed(f"{target} cannot be written: {error.strerror or error}.",
                            "Nothing was left behind. Name a file in a folder that you may write to.") from error


def _export(connection: psycopg.Connection, file: BinaryIO, target: Path, asked: Wanted, settings: Settings,
            progress: Progress) -> Archive:
    bounds = _bounds(connection, asked)
    writer = Writer(file)
    writer.tile_f.close()
    # Beside the archive and not in /tmp, which may be small, or memory.
    with tempfile.TemporaryFile(dir=target.parent) as writer.tile_f:
        zooms: list[int] = []
        for address, body in _tiles(connection, asked, bounds, progress):
            if writer.addressed_tiles % CHECKED_EVERY == 0:
                _guard_free_space(settings, target, writer.offset)
            writer.write_tile(zxy_to_tileid(address.z, address.x, address.y),
                              gzip.compress(body, GZIP_LEVEL, mtime=0))
            zooms.append(address.z)
        if not zooms:
            raise NotFound(f"{', '.join(asked.names)} have no tile at zooms {asked.first} to {asked.last} there.",
                           "Nothing was written. Ask for deeper zooms.")
        writer.finalize(_header(bounds, zooms), _metadata(asked, bounds))
    return Archive(target, file.tell(), len(zooms), zooms[0], zooms[-1], bounds)


@contextmanager
def _written(target: Path, force: bool) -> Iterator[BinaryIO]:
    """Open a file that gets its name when all of it is written."""
    _refuse_existing(target, force)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    with part.open("xb") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _refuse_existing(target, force)
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _refuse_existing(target: Path, force: bool) -> None:
    if target.is_dir() or target.exists() and not force:
        raise ArchiveFailed(f"{target} is there already.", "Nothing was written. Name another file, or add --force.")


def _guard_free_space(settings: Settings, target: Path, tiles: int) -> None:
    """Give up where the tiles, written once already, would not fit a second time."""
    free, needed = disk.free_mb(target.parent), settings.min_free_mb + tiles // disk.MEGABYTE
    if free < needed:
        raise DiskNearlyFull(f"Only {free} MB are free in {target.parent}, {needed} MB are needed: the export was "
                             "given up and nothing was left behind.", "Free some space, or lower SHAPAN_MIN_FREE_MB.")


def _bounds(connection: psycopg.Connection, asked: Wanted) -> Box:
    """Return the box of what goes into an archive, EPSG:4490."""
    tables = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT geom_web FROM {}").format(sql.Identifier(one.table)) for one in asked.layers)
    west, south, east, north = connection.execute(sql.SQL(EXTENT_OF).format(tables)).fetchone()
    if west is not None:
        found = Box(*from_web(west, south), *from_web(east, north))
        if asked.box is not None:
            found = Box(max(found.west, asked.box.west), max(found.south, asked.box.south),
                        min(found.east, asked.box.east), min(found.north, asked.box.north))
        if found.west <= found.east and found.south <= found.north:
            return found
    raise NotFound(f"Nothing of {', '.join(asked.names)} is on record{' in this box' * (asked.box is not None)}.",
                   "Nothing was written.")


def _tiles(connection: psycopg.Connection, asked: Wanted, bounds: Box, progress: Progress,
           ) -> Iterator[tuple[Address, bytes]]:
    """Yield the tiles that have something in them, in the order of the archive."""
    reaches = sql.SQL("SELECT ") + sql.SQL(" OR ").join(
        sql.SQL(REACHES).format(sql.Identifier(one.table), sql.Literal(one.buffer / EXTENT)) for one in asked.layers)
    level = [Address(0, 0, 0)]
    for z in range(asked.last + 1):
        below: list[Address] = []
        for number, address in enumerate(level, start=1):
            place = {"z": address.z, "x": address.x, "y": address.y}
            if connection.execute(reaches, place, prepare=True).fetchone()[0]:
                below += _inside(address, bounds, asked)
                if z >= asked.first:
                    body = vector.build(connection, asked.names, address, asked.field_class).body
                    if body:
                        yield address, body
            progress(z, number, len(level))
        level = sorted(below, key=lambda one: zxy_to_tileid(one.z, one.x, one.y))


def _inside(parent: Address, bounds: Box, asked: Wanted) -> list[Address]:
    """Return the four tiles below one, those whose margin meets the box."""
    margin = max(one.buffer for one in asked.layers) / EXTENT
    side = WORLD_M / 2 ** (parent.z + 1)
    west, south = web(bounds.west, bounds.south)
    east, north = web(bounds.east, bounds.north)
    found = []
    for x in (2 * parent.x, 2 * parent.x + 1):
        for y in (2 * parent.y, 2 * parent.y + 1):
            left, top = x * side - WORLD_M / 2, WORLD_M / 2 - y * side
            if (left - margin * side <= east and west <= left + (1 + margin) * side
                    and top - (1 + margin) * side <= north and south <= top + margin * side):
                found.append(Address(parent.z + 1, x, y))
    return found


def _header(bounds: Box, zooms: list[int]) -> dict[str, Any]:
    west, south, east, north = (round(number * 10_000_000) for number in bounds)
    return {
        "tile_type": TileType.MVT, "tile_compression": Compression.GZIP,
        "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
        "center_zoom": min(max(zooms[0], 12), zooms[-1]),
        "center_lon_e7": (west + east) // 2, "center_lat_e7": (south + north) // 2,
    }


def _metadata(asked: Wanted, bounds: Box) -> dict[str, Any]:
    described = tilejson.document(asked.layers, "", bounds)
    within = [entry for entry in described["vector_layers"]
              if entry["minzoom"] <= asked.last and asked.first <= entry["maxzoom"]]
    return {"name": described["name"], "description": described["description"], "type": "overlay", "version": "1",
            "generator": "shapan", "field_class": asked.field_class, "vector_layers": within}
