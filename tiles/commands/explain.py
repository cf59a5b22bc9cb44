"""``shapan tiles explain``: what one tile costs, and why."""

import json
import re
from datetime import datetime
from typing import Any

import click
import psycopg
from psycopg import sql

from spatial import migrate
from spatial.db import Database
from spatial.settings import load
from spatial.types import EVERYWHERE, Scope
from tiles import vector
from tiles.commands.service import Service, ServiceUnreachable, url_option
from tiles.layers import CLASSED, EXACT, Layer

SAID = {
    "current": "it has the tile of all rows in memory",
    "old": "it has an older tile of all rows in memory, and builds it anew when it is asked for",
    "none": "it does not have the tile of all rows in memory",
}
"""What is said of each state of a tile in a service's memory."""

KINDS = {
    "custom": "made anew for the values of each tile",
    "generic": "made once, for the values of all tiles",
}
"""What is said of each kind of plan."""

CUSTOM_PLANS = 5
"""Executions of a prepared statement that PostgreSQL plans for their own values, before it compares a plan for all
values with these (its manual, PREPARE, notes)."""

# What the driver prepared in this session, by its text, and how often each kind of plan was taken.
PREPARED = "SELECT name, statement, generic_plans FROM pg_prepared_statements"

PLACE = re.compile(r"%\((\w+)\)s")
NUMBERED = re.compile(r"\$\d+")

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


@click.command(short_help="Build one tile and show SQL, plan, rows and bytes.")
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

    Statements are prepared as the service prepares them. The plan is that of a connection which has built tiles for a
    while, custom or generic; which, is the database's choice.

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
    # A connection as the service's are: what it prepares and how is what this one does.
    with Database(load(), 1, "explain") as database, database.statements(scope) as connection:
        migrate.require_current(connection)
        built = vector.build(connection, names.split(","), address, field_class, at)
        told = [_layer(connection, part) for part in built.parts]
    found = {
        "tile": f"{names}/{address.z}/{address.x}/{address.y}", "bytes": len(built.body), "features": built.features,
        "budget": vector.BUDGET, "grids": len(built.codes), "memory": _memory(url, names, address), "layers": told,
    }
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else _text(found))


def _layer(connection: psycopg.Connection, part: vector.Part) -> dict[str, Any]:
    """Return what a layer gave to the tile, and each statement that was run for it with its plan."""
    statements = [{"sql": statement.strip(), "values": {place: str(values[place]) for place in value_names(statement)},
                   **plan(connection, statement, values)} for statement, values in part.asked]
    return {name: value for name, value in part._asdict().items() if name != "asked"} | {"statements": statements}


def plan(connection: psycopg.Connection, statement: str, values: dict[str, Any]) -> dict[str, Any]:
    """Explain a statement of a tile as a connection runs it that has built tiles for a while.

    Args:
        connection: has run the statement, prepared; its jurisdiction decides.
        statement: SQL.
        values: what it is bound to.

    Returns:
        ``plan_kind``: ``custom`` or ``generic``; ``plan``: lines of EXPLAIN (ANALYZE, BUFFERS).
    """
    name, _ = _prepared(connection, statement)
    bound = sql.SQL(", ").join(sql.Literal(values[place]) for place in value_names(statement))
    run = sql.SQL("EXECUTE {} ({})").format(sql.Identifier(name), bound)
    for _ in range(CUSTOM_PLANS):
        # Only planned, which counts as well.
        connection.execute(sql.SQL("EXPLAIN {}").format(run), prepare=False)
    _, generic_before = _prepared(connection, statement)
    rows = connection.execute(sql.SQL("EXPLAIN (ANALYZE, BUFFERS) {}").format(run), prepare=False).fetchall()
    _, generic = _prepared(connection, statement)
    return {"plan_kind": "generic" if generic > generic_before else "custom", "plan": [line for (line,) in rows]}


def value_names(statement: str) -> list[str]:
    """Return the names of a statement's values in the order in which a plan for all values counts them, from $1 on."""
    return list(dict.fromkeys(PLACE.findall(statement)))


def _prepared(connection: psycopg.Connection, statement: str) -> tuple[str, int]:
    """Return the name under which the driver has prepared a statement, and how often it ran by a generic plan."""
    wanted = PLACE.sub("?", statement).replace("%%", "%")
    return next((name, generic) for name, text, generic in connection.execute(PREPARED, prepare=False)
                if NUMBERED.sub("?", text) == wanted)


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
        shown = ""
        for asked in layer["statements"]:
            # A tile that is thinned again is asked for by the same statement with a smaller budget.
            lines += ["", asked["sql"]] if asked["sql"] != shown else []
            shown = asked["sql"]
            lines += ["", ", ".join(f"{name} = {value}" for name, value in asked["values"].items()), "",
                      f"Plan, {asked['plan_kind']}: {KINDS[asked['plan_kind']]}", *asked["plan"]]
    return "\n".join(lines)
