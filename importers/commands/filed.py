"""``shapan import imagery|terrain|model3d``, and ``list`` and ``remove`` of what is kept as files."""

import getpass
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import click

from importers import filed, ground
from importers.filed_report import IMAGERY, KINDS, MODEL3D, TERRAIN, Kind, Report
from importers.models3d import placing
from importers.models3d import run as models3d
from importers.progress import watcher
from importers.rasters import run as rasters
from spatial import db, migrate, server
from spatial.queries import imagery, model3d, terrain
from spatial.settings import load
from spatial.types import Scope

FILE = click.Path(path_type=Path)
QUERIES = {IMAGERY: imagery.every, TERRAIN: terrain.every, MODEL3D: model3d.every}


class _Numbers(click.ParamType):
    """Numbers with commas between them."""

    def __init__(self, name: str, kind: Callable[[str], float], least: int, most: int) -> None:
        self.name, self._kind, self._least, self._most = name, kind, least, most

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        try:
            numbers = tuple(self._kind(word) for word in str(value).split(","))
        except ValueError:
            numbers = ()
        if not self._least <= len(numbers) <= self._most or not all(map(math.isfinite, numbers)):
            self.fail(f"{value!r} is not {self.name}.", param, ctx)
        return numbers


_OPTIONS = (
    click.option("--name", metavar="NAME", help="Name of the source; one that is on record is replaced. Default: the "
                 "file's name."),
    click.option("--attribution", metavar="TEXT", help="Who is to be named beside the map."),
    click.option("--dry-run", is_flag=True, help="Do everything, report, and keep nothing."),
    click.option("--json", "as_json", is_flag=True, help="Print the report as JSON."),
)
_RASTER_OPTIONS = (
    click.option("--crs", metavar="CRS", help="Coordinate system of the raster, such as EPSG:4547; refused where the "
                 "file declares another place."),
    click.option("--override-crs", is_flag=True, help="Believe --crs against what the file declares, and outside the "
                 "area where that system is used."),
    click.option("--nodata", type=float, metavar="VALUE", help="Value that stands for nothing, where the file does not "
                 "declare it."),
)


def _with(*options: Callable) -> Callable:
    def decorate(function: Callable) -> Callable:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@click.command(name="imagery", short_help="影像: GeoTIFF, red green blue")
@click.argument("file", type=FILE)
@_with(*_RASTER_OPTIONS)
@click.option("--bands", type=_Numbers("R,G,B", int, 3, 3), default=None, metavar="R,G,B",
              help="Which bands are red, green and blue, counted from 1.")
@click.option("--stretch", type=_Numbers("LOW,HIGH", float, 2, 2), default=None, metavar="LOW,HIGH",
              help="Values of 16 bits that become black and white.")
@_with(*_OPTIONS)
def import_imagery(file: Path, bands: tuple[int, ...] | None, stretch: tuple[float, float] | None, as_json: bool,
                   **options: object) -> None:
    """Import a picture from above from FILE, a GeoTIFF with red, green, blue and perhaps a mask."""
    if stretch is not None and stretch[0] >= stretch[1]:
        raise click.BadParameter("LOW must be below HIGH.", param_hint="--stretch")
    request = rasters.Request(file, _account(), bands=bands or (), stretch=stretch, **options)
    _end(rasters.run(IMAGERY, request, load(), watcher(quiet=as_json)), as_json)


@click.command(name="terrain", short_help="地形: GeoTIFF, heights in metres")
@click.argument("file", type=FILE)
@_with(*_RASTER_OPTIONS, *_OPTIONS)
def import_terrain(file: Path, as_json: bool, **options: object) -> None:
    """Import an elevation model of the ground from FILE, a GeoTIFF with one band of metres.

    Buildings whose file did not say their base stand on it from then on.
    """
    request = rasters.Request(file, _account(), **options)
    _end(rasters.run(TERRAIN, request, load(), watcher(quiet=as_json)), as_json)


@click.command(name="model3d", short_help="三维模型: 3D Tiles, a folder or a zip")
@click.argument("file", type=FILE)
@click.option("--at", type=_Numbers(placing.FORM, float, 2, 4), default=None, metavar=placing.FORM,
              help="Where the origin of a tileset stands that does not say so: degrees of CGCS2000 (EPSG:4490), metres "
              "above the ellipsoid, degrees clockwise from north of its Y axis.")
@_with(*_OPTIONS)
def import_model3d(file: Path, at: tuple[float, ...] | None, as_json: bool, **options: object) -> None:
    """Import 3D Tiles from FILE: a folder with tileset.json, that file itself, or a zip of the folder."""
    request = models3d.Request(file, _account(), at=None if at is None else placing.Place(*at), **options)
    _end(models3d.run(request, load(), watcher(quiet=as_json)), as_json)


@click.command(name="list", short_help="Imagery, terrain and 3D models on record")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(as_json: bool) -> None:
    """List imagery, terrain and 3D models on record."""
    with db.open_connection(server.addresses(load()).worker, Scope.everything()) as connection:
        migrate.require_current(connection)
        found = {kind: QUERIES[kind](connection) for kind in KINDS}
    if as_json:
        click.echo(json.dumps({kind.name: [{**vars(one), "imported_at": one.imported_at.isoformat()} for one in rows]
                               for kind, rows in found.items()}, ensure_ascii=False))
        return
    for kind, rows in found.items():
        for one in rows:
            click.echo(f"{kind.name} {one.name}: {one.file_name}, {one.bytes / 1e6:,.1f} MB, zooms {one.minzoom} to "
                       f"{one.maxzoom}, {one.west:.5f} {one.south:.5f} to {one.east:.5f} {one.north:.5f}, {one.crs}")
    if not any(found.values()):
        click.echo("No imagery, terrain or 3D model is on record.")


@click.command(name="remove", short_help="Take imagery, terrain or a 3D model off the record")
@click.argument("kind", type=click.Choice([kind.name for kind in KINDS]))
@click.argument("name")
def remove(kind: str, name: str) -> None:
    """Take the source NAME off the record and delete its files.

    Buildings that stood on a terrain stand on what remains, else at 0 m or where their file said.
    """
    settings = load()
    chosen: Kind = next(one for one in KINDS if one.name == kind)
    filed.remove(chosen, name, settings, ground.follower(settings) if chosen is TERRAIN else None)
    click.echo(f"{kind} {name} is off the record, and its files are deleted.")


def _account() -> str:
    return f"shell:{getpass.getuser()}"


def _end(report: Report, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.facts(), ensure_ascii=False))
    else:
        for line in report.lines():
            click.echo(line)
    sys.exit(report.exit_code)


COMMANDS = (import_imagery, import_terrain, import_model3d, list_, remove)
