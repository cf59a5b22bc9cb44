"""``shapan tiles export``: layers as a PMTiles archive."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from spatial import db, migrate, server
from spatial.settings import load
from spatial.types import Box, Scope
from tiles import archive
from tiles.commands.options import box_option, zooms_option
from tiles.layers import CLASSED, EXACT, LAYERS


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layers", "names", default=",".join(one.name for one in LAYERS if one.exported), show_default=True,
              metavar="NAME,…", help="Layers that may be exported.")
@zooms_option("0-14")
@box_option
@click.option("--field-class", type=click.Choice([CLASSED, EXACT]), default=CLASSED, show_default=True,
              help="Counts in classes, or exact ones.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def export(file: Path, names: str, zooms: range, box: Box | None, field_class: str, force: bool,
           as_json: bool) -> None:
    """Write layers to FILE, one PMTiles archive of gzipped vector tiles.

    Every tile is the one that the server sends to an account with such counts. The picture is that of the moment
    when the command starts.

    \b
    Example:
      shapan tiles export city.pmtiles --layers buildings,grids --zooms 0-14
    """
    if file.suffix.lower() != ".pmtiles":
        raise click.BadParameter(f"{file.name} does not end in .pmtiles, by which programs know such files.",
                                 param_hint="FILE")
    asked = archive.wanted(names.split(","), zooms[0], zooms[-1], field_class, box)
    settings, started = load(), time.monotonic()
    with db.open_connection(server.addresses(settings).worker, Scope.everything()) as connection:
        migrate.require_current(connection)
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with _watched(file.name, quiet=as_json) as progress:
            written = archive.export(connection, file, asked, settings, force, progress)
    facts = {"file": str(written.path), "bytes": written.bytes, "tiles": written.tiles,
             "zooms": [written.first, written.last], "bounds": [round(number, 7) for number in written.bounds],
             "layers": asked.names, "field_class": asked.field_class,
             "seconds": round(time.monotonic() - started, 1)}
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    click.echo(f"{file.name}: {written.tiles:,} tiles of zooms {written.first} to {written.last}, "
               f"{written.bytes / 1e3:,.0f} kB, in {facts['seconds']} s.")


@contextmanager
def _watched(title: str, quiet: bool) -> Iterator[archive.Progress]:
    """Draw a bar on a terminal, gone at the end; say nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda *_: None
        return
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                   console=Console(stderr=True), transient=True)
    with bar:
        task = bar.add_task(title)
        yield lambda z, done, total: bar.update(task, description=f"{title}: zoom {z}", completed=done, total=total)
