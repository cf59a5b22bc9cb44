"""``shapan inspect``: what a file holds, before anything is imported."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from importers import concepts
from importers.inspection import filed, findings, words
from importers.inspection.columns import Column
from importers.inspection.findings import Findings
from importers.inspection.record import Record
from importers.source import layer_names, open_source
from spatial import db, migrate, server
from spatial.errors import DatabaseError, MappingError
from spatial.settings import load
from spatial.types import Scope

FILE = click.Path(path_type=Path)
TRIED = 8
"""Candidates of a coordinate system that are listed."""


@click.command()
@click.argument("file", type=FILE)
@click.option("--layer", metavar="NAME", help="Only this layer of the file.")
@click.option("--concept", metavar="NAME", help="What the rows are; by default it is guessed.")
@click.option("--write-map", type=FILE, metavar="FILE.yaml", help="Write the proposed mapping to a new file.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def inspect(file: Path, layer: str | None, concept: str | None, write_map: Path | None, as_json: bool) -> None:
    """Show what a file holds before anything is imported, and the command that imports it.

    Layers, counts, geometry types, coordinate system and encoding with how sure they are, columns, a
    proposed mapping; of a raster or of 3D Tiles what is in them and where they lie. What is on record is
    compared with, where the database answers; nothing is changed.
    Values of people are never shown.

    Exit codes: 0 done, 2 usage, 3 file unreadable or unsafe.
    """
    if look := filed.looker(file, concept):
        _say_filed(look(), layer, write_map, as_json)
        return
    wanted = concepts.find(concept) if concept is not None else None
    names = layer_names(file)
    if layer is not None and layer not in names:
        raise MappingError(f"{file.name} has no layer {layer!r}.", f"Its layers: {', '.join(names)}.")
    known = words.load(load().home / words.OWN)
    with _record() as (record, absent):
        found = [findings.look(open_source(file, name), wanted, record, len(names) > 1, known)
                 for name in names if layer in (None, name)]
    if write_map is not None:
        findings.write_map(found, write_map)
    if as_json:
        click.echo(json.dumps({"file": file.name, "compared": absent is None,
                               "layers": [one.facts() for one in found],
                               "commands": _commands(found, file, write_map)}, ensure_ascii=False))
        return
    for one in found:
        _say(one)
    if absent is not None:
        click.echo(f"Nothing was compared with what is on record: {absent}")
    click.echo("Next:")
    for command in _commands(found, file, write_map):
        click.echo(f"  {command}")


def _say_filed(found: filed.FiledFindings, layer: str | None, write_map: Path | None, as_json: bool) -> None:
    """Print what was found about a raster or a tileset."""
    if layer is not None or write_map is not None:
        raise MappingError(f"{found.path.name} has no layers and no rows.", "Leave out --layer and --write-map.")
    if as_json:
        click.echo(json.dumps({"file": found.path.name, **found.facts()}, ensure_ascii=False))
        return
    for line in [*found.lines(), "Next:", f"  {found.command()}"]:
        click.echo(line)


@contextmanager
def _record() -> Iterator[tuple[Record | None, str | None]]:
    """Yield what is on record, or None and why there is nothing to compare with."""
    try:
        connection = db.open_connection(server.addresses(load()).worker, Scope.everything())
    except DatabaseError as error:
        yield None, error.what
        return
    with connection:
        try:
            migrate.require_current(connection)
        except DatabaseError as error:
            yield None, error.what
            return
        yield Record(connection), None


def _commands(found: list[Findings], file: Path, map_file: Path | None) -> list[str]:
    if len(found) > 1 and all(one.proposal.concept and one.source.layer.name == one.proposal.concept.name
                              for one in found):
        return [f"shapan import all {file}"]
    return [one.command(map_file) for one in found]


def _say(one: Findings) -> None:
    """Print what was found about one layer."""
    click.echo(f"{one.source.name}: {one.source.format.name}, {one.rows:,} rows"
               + ("" if one.whole else f", of which the first {one.looked_at:,} were looked at"))
    if one.geometries:
        click.echo("  Geometry: " + ", ".join(f"{name} {count / max(one.looked_at, 1):.0%}"
                                              for name, count in one.geometries.items()))
    system = one.system
    if system.state != "none":
        sure = f", {system.confidence} confidence" if system.confidence else ""
        click.echo(f"  Coordinates: {system.state}{sure}" + (f": {system.title}" if system.title else "")
                   + (f"; type --crs {system.option}" + (" --override-crs" if system.override else "")
                      if system.option else ""))
        if one.swapped:
            click.echo("    Latitude or northing stands before longitude or easting: type --swap-axes")
        for remark in system.remarks:
            click.echo(f"    {remark}")
        for tried in system.candidates[:TRIED] if len(system.candidates) > 1 else ():
            # Where nothing lies inside an area, the rows are not in that system, or their areas are not on record.
            if tried.inside or tried.residual_m is not None:
                click.echo(f"    --crs {tried.option}: {tried.words}{_evidence(tried.inside, tried.residual_m)}")
    if one.nowhere:
        click.echo(f"  Rows with a position or corner of 0, far from the others: {one.nowhere:,}; an import rejects "
                   "them (null-island)")
    for note in one.source.layer.notes:
        click.echo(f"  {note}")
    encoding = one.encoding
    click.echo(f"  Encoding: {encoding.name or 'as the format says'}, {encoding.certainty} ({encoding.why})")
    for chinese, unicode in encoding.compared:
        click.echo(f"    as GB18030: {_plain(chinese)} | as UTF-8: {_plain(unicode)}")
    for name in encoding.spoilt:
        click.echo(f"    {_plain(name)}: the text was spoilt before this file was written (乱码); ask for the original")
    _columns(one)
    concept = one.proposal.concept
    if concept is not None:
        click.echo(f"  Concept: {concept.name} ({concept.title})")
    for remark in one.proposal.remarks:
        click.echo(f"    {remark}")
    if one.proposal.missing:
        click.echo(f"    Needed, and no column fits: {', '.join(one.proposal.missing)}; write it in place of …")


def _evidence(inside: float | None, residual: float | None) -> str:
    parts = [f"{inside:.0%} inside the areas on record"] if inside is not None else []
    parts += [f"{residual:.1f} m from objects on record"] if residual is not None else []
    return f"; {', '.join(parts)}"


def _columns(one: Findings) -> None:
    """Print the columns: a table on a terminal, a line for each otherwise."""
    if not one.columns:
        return
    if sys.stdout.isatty():
        table = Table("column", "kind", "empty", "values", "field")
        for column in one.columns:
            table.add_row(_plain(column.name), column.kind, f"{column.empty:.0%}", _values(column),
                          one.proposal.columns.get(column.name, ""))
        # What stands in a file is no markup of ours.
        Console(markup=False, emoji=False).print(table)
        return
    click.echo("  Columns:")
    for column in one.columns:
        field = one.proposal.columns.get(column.name)
        click.echo(f"    {_plain(column.name)}: {column.kind}, {column.empty:.0%} empty, {_values(column)}"
                   + (f" → {field}" if field else ""))


def _plain(text: str) -> str:
    """Return text of a file without characters that steer a terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def _values(column: Column) -> str:
    if column.personal:
        return "personal: no value is shown"
    if not column.samples:
        return "no value"
    span = f"{column.low:.15g} to {column.high:.15g}; " if column.low is not None else ""
    return f"{span}{column.different:,} different, such as {', '.join(column.samples)}"
