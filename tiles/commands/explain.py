"""``shapan tiles explain``: what one tile costs, and why."""

import json
import re
from datetime import datetime
from typing import Any

import click
import psycopg

from spatial import migrate
from spatial.db import Database
from spatial.settings import load
from spatial.types import EVERYWHERE, Scope
from tiles import thinning, vector
from tiles.commands.service import Service, ServiceUnreachable, url_option
from tiles.layers import CLASSED, EXACT, Layer

SAID = {
    "current": "it has the tile of all rows in memory",
    "old": "it has an older tile of all rows in memory, and builds it anew when it is asked for",
    "none": "it does not have the tile of all rows in memory",
}
"""What is said of each state of a tile in a service's memory."""

ADDRESS = re.compile(r"(?P<names>[a-z_,]+)/(?P<z>\d{1,2})/(?P<x>\d{1,8})/(?P<y>\d{1,8})(\.mvt)?", re.ASCII)


def place(context: click.Context, argument: click.Parameter, text: str) -> tuple[tuple[Layer, ...], vector.Address]:
    """Read ``buildings,grids/15/27059/13321`` out of the end of an address."""
    found = ADDRESS.fullmatch(text.removeprefix("/tiles/"))
    if found is None:
        raise click.BadParameter(f"{text!r} is not LAYERS/Z/X/Y, such as buildings/15/27059/13321.")
    return vector.checked(found["names"].split(",")), vector.Address(*(int(found[name]) for name in "zxy"))


def instant(context: click.Context, option: click.Parameter, text: str | None) -> datetime | None:
    """Read an instant with its offset."""
    try:
        found = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        found = None
    if text is not None and (found is None or found.tzinfo is None):
        raise click.BadParameter(f"{text!r} is not an instant with its offset, such as 2026-11-01T08:00:00+08:00.")
    return found


@click.command()
@click.argument("tile", callback=place, metavar="LAYERS/Z/X/Y")
@click.option("--field-class", type=click.Choice([EXACT, CLASSED]), default=EXACT, show_default=True,
              help="Counts as roles see them that may read them exactly, or in classes.")
@click.option("--scope", "prefixes", multiple=True, metavar="DIGITS",
              help="First digits of grid codes that one may see; everything by default.")
@click.option("--at", callback=instant, metavar="INSTANT",
              help="Of which boundaries are wanted, such as 2026-11-01T08:00:00+08:00.")
@url_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def explain(tile: tuple[tuple[Layer, ...], vector.Address], field_class: str, prefixes: tuple[str, ...],
            at: datetime | None, url: str | None, as_json: bool) -> None:
    """Build one tile and show SQL, plan, rows and bytes of each layer, and whether the service has it in memory.

    \b
    Examples:
      shapan tiles explain buildings/15/27059/13321
      shapan tiles explain /tiles/areas,grids,roads/12/3382/1665.mvt --scope 999001001 --json
    """
    layers, address = tile
    try:
        scope = Scope(prefixes or (EVERYWHERE,))
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--scope") from None
    names = ",".join(layer.name for layer in layers)
    with Database(load(), 1, "explain") as database, database.transaction(scope) as connection:
        migrate.require_current(connection)
        built = vector.build(connection, names.split(","), address, field_class, at)
        parts = {part.layer: part for part in built.parts}
        told = [_layer(connection, layer, address, field_class, at, parts[layer.name]) for layer in layers
                if layer.name in parts]
    found = {
        "tile": f"{names}/{address.z}/{address.x}/{address.y}", "bytes": len(built.body), "features": built.features,
        "budget": vector.BUDGET, "grids": len(built.codes), "memory": _memory(url, names, address), "layers": told,
    }
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else _text(found))


def _layer(connection: psycopg.Connection, layer: Layer, address: vector.Address, field_class: str,
           at: datetime | None, part: vector.Part) -> dict[str, Any]:
    asked = [vector.question(layer, address, field_class, at)]
    if part.hidden:
        # Too much for a tile: the database was asked a second time, for what matters most.
        asked.append((thinning.statement(layer, address.z, field_class, at is not None),
                      thinning.parameters(layer, address, vector.BUDGET, at)))
    return {**part._asdict(), "statements": [
        {"sql": statement.strip(), "values": {name: str(value) for name, value in values.items()},
         "plan": [line for (line,) in connection.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}", values)]}
        for statement, values in asked]}


def _memory(url: str | None, names: str, address: vector.Address) -> dict[str, str]:
    """Return whether a running service has the tile of all rows in memory; that none runs, where it is so."""
    try:
        with Service(url) as service:
            return service.json(f"/tiles/{names}/{address.z}/{address.x}/{address.y}/stat")
    except ServiceUnreachable as error:
        return {"state": "unknown", "why": error.what}


def _text(found: dict[str, Any]) -> str:
    lines = [f"{found['tile']}: {found['bytes']:,} of {found['budget']:,} bytes, {found['features']:,} features, "
             f"codes of {found['grids']:,} grids or communities"]
    memory = found["memory"]
    lines.append(f"Service: {memory['why']}" if "why" in memory else f"Service: {SAID[memory['state']]}")
    for layer in found["layers"]:
        hidden = f", {layer['hidden']:,} hidden" if layer["hidden"] else ""
        lines += ["", f"{layer['layer']}: {layer['bytes']:,} bytes, {layer['features']:,} features{hidden}, "
                      f"{layer['milliseconds']:.1f} ms"]
        for asked in layer["statements"]:
            lines += ["", asked["sql"], "", ", ".join(f"{name} = {value}" for name, value in asked["values"].items()),
                      "", *asked["plan"]]
    return "\n".join(lines)
