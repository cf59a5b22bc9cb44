"""``shapan tiles seed``: ask for tiles before people do."""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from math import floor
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.progress import Progress

from spatial.errors import NotFound
from spatial.types import Box
from tiles import tilejson, vector
from tiles.commands.options import box_option, zooms_option
from tiles.commands.service import Service, url_option
from tiles.layers import LAYERS
from tiles.matrix import MAX_ZOOM, WORLD_M, web

MOST = 2_000_000
"""Tiles of one run at most: more is a slip of the zoom, not a wish."""


class Wanted(NamedTuple):
    """What is seeded of what was asked for.

    ``zooms``: those with tiles. ``area``: box that holds data, EPSG:4490. ``clipped``: what was left out, in words.
    """

    zooms: range
    area: Box
    clipped: list[str]


@click.command(short_help="Have the running service build tiles before people come.")
@click.option("--layers", "names", required=True, metavar="NAME,…",
              help=f"Layers of one tile, joined by commas: {', '.join(one.name for one in LAYERS)}.")
@zooms_option("8-16")
@box_option
@click.option("--threads", type=click.IntRange(1, 32), default=4, show_default=True, help="Requests at once.")
@url_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def seed(names: str, zooms: range, box: Box | None, threads: int, url: str | None, as_json: bool) -> None:
    """Have the running service build tiles, so that they are in its memory when people come.

    Zooms before the layers' first and places without data are left out. Maps enlarge the tiles of zoom 16; seed those
    beyond, up to 22, only for programs that ask for them.

    \b
    Examples:
      shapan tiles seed --layers buildings --zooms 10-16
      shapan tiles seed --layers areas,grids,roads,water,green,places --bbox 117.0,31.0,117.2,31.1
    """
    vector.checked(names.split(","))
    with Service(url) as service:
        document = service.json(f"/tiles/{names}.json")
    zooms, area, clipped = wanted(names, document, zooms, box)
    for line in [] if as_json else clipped:
        click.echo(line, err=True)
    total = sum(count(area, z) for z in zooms)
    found: Counter[str] = Counter()
    started = time.monotonic()
    addresses = ((z, x, y) for z in zooms for x, y in places(area, z))
    lock = threading.Lock()
    with Progress(console=Console(stderr=True), disable=as_json or not sys.stderr.isatty()) as progress:
        task = progress.add_task("tiles", total=total)

        def work() -> None:
            with Service(url) as own:
                while True:
                    with lock:
                        batch = list(islice(addresses, 16))
                    if not batch:
                        return
                    for z, x, y in batch:
                        status, headers, body = own.get(f"/tiles/{names}/{z}/{x}/{y}.mvt")
                        with lock:
                            found.update({"tiles": 1, "bytes": len(body), "empty": status == 204,
                                          "failed": status not in (200, 204), "hits": headers.get("X-Cache") == "HIT"})
                        progress.advance(task)

        with ThreadPoolExecutor(threads) as pool:
            for future in [pool.submit(work) for _ in range(threads)]:
                future.result()
    seconds = time.monotonic() - started
    if as_json:
        click.echo(json.dumps({**{name: found[name] for name in ("tiles", "empty", "failed", "hits", "bytes")},
                               "seconds": round(seconds, 3), "zooms": [zooms[0], zooms[-1]], "bounds": area,
                               "clipped": clipped}, ensure_ascii=False))
    else:
        click.echo(f"{names}, {_zooms(zooms)}: {found['tiles']:,} tiles in {seconds:.1f} s, {found['empty']:,} empty, "
                   f"{found['hits']:,} were there, {found['bytes'] / 2**20:.1f} MB.")
    if found["failed"]:
        raise click.ClickException(f"{found['failed']:,} tiles could not be built; the log of the service tells why.")


def wanted(names: str, document: dict[str, Any], zooms: range, box: Box | None) -> Wanted:
    """Return the part of zooms and box in which tiles can hold something.

    Args:
        names: layers, for messages.
        document: their TileJSON.
        zooms: asked for.
        box: asked for, EPSG:4490; None for all data.

    Raises:
        NotFound: nothing is left, or nothing of the layers is on record; says all reasons.
        click.UsageError: too much is left.
    """
    # Its maxzoom is where clients begin to enlarge tiles: who asks for later ones is answered, up to MAX_ZOOM.
    data, lowest = Box(*document["bounds"]), document["minzoom"]
    asked = box or data
    area = Box(max(asked.west, data.west), max(asked.south, data.south),
               min(asked.east, data.east), min(asked.north, data.north))
    within = range(max(zooms[0], lowest), zooms[-1] + 1)
    faults, cures = [], []
    if data == tilejson.WORLD:
        raise NotFound(f"The service has nothing of {names} on record, and no areas.",
                       "Import the city first: shapan import --help")
    if not within:
        faults.append(f"There are no tiles of {names} at {_zooms(zooms)}.")
        cures.append(f"--zooms within {lowest}-{MAX_ZOOM}")
    if area.west > area.east or area.south > area.north:
        faults.append(f"There is no data in the box {_box(asked)}.")
        cures.append(f"--bbox within {_box(data)}")
    if faults:
        raise NotFound(" ".join(faults), f"Choose {' and '.join(cures)}.")
    if (total := sum(count(area, z) for z in within)) > MOST:
        raise click.UsageError(f"These are {total:,} tiles, more than {MOST:,}. Choose fewer zooms or a smaller box.")
    clipped = []
    if within != zooms:
        clipped.append(f"{_zooms(within).capitalize()} and not {zooms[0]}-{zooms[-1]}: {names} have no tiles before.")
    if area != asked:
        clipped.append(f"Box {_box(area)} and not {_box(asked)}: there is no data beyond.")
    return Wanted(within, area, clipped)


def _zooms(zooms: range) -> str:
    return f"zoom {zooms[0]}" if len(zooms) == 1 else f"zooms {zooms[0]}-{zooms[-1]}"


def _box(box: Box) -> str:
    # As short as a number can be told without becoming another one.
    return ",".join(str(number).removesuffix(".0") for number in box)


def corners(area: Box, z: int) -> tuple[range, range]:
    """Return the columns and rows of the tiles that a box overlaps at a zoom."""
    side, most = WORLD_M / 2**z, 2**z - 1
    (west, north), (east, south) = web(area.west, area.north), web(area.east, area.south)

    def tiles(first_m: float, last_m: float) -> range:
        """Return those between two distances from the world's western or northern edge."""
        return range(max(floor(first_m / side), 0), min(floor(last_m / side), most) + 1)

    return (tiles(west + WORLD_M / 2, east + WORLD_M / 2), tiles(WORLD_M / 2 - north, WORLD_M / 2 - south))


def count(area: Box, z: int) -> int:
    """Return how many tiles a box overlaps at a zoom."""
    columns, rows = corners(area, z)
    return len(columns) * len(rows)


def places(area: Box, z: int) -> Iterator[tuple[int, int]]:
    """Yield column and row of the tiles that a box overlaps at a zoom."""
    columns, rows = corners(area, z)
    return ((x, y) for x in columns for y in rows)
