"""``shapan devices``: devices and how fresh they are, on the command line."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import click
import psycopg

from spatial.commands.opened import open_database
from spatial.queries import devices as queries
from spatial.rules.freshness import FRESHNESS

PAGE = 1000


@click.command()
@click.option("--kind", help="Kind, such as camera, elevator, smoke, gas.")
@click.option("--state", type=click.Choice(FRESHNESS), help="Freshness.")
@click.option("--building", metavar="CODE", help="Code of the building that they are in.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line instead of text.")
def devices(kind: str | None, state: str | None, building: str | None, as_json: bool) -> None:
    """List devices (设备) with their freshness and the time of their last sign of life.

    \b
    Examples:
      shapan devices --state lost
      shapan devices --kind elevator --building B00012 --json
    """
    with open_database() as connection:
        for device in _pages(connection, queries.Wanted(kind, state, building)):
            click.echo(json.dumps({**asdict(device), "last_seen": device.last_seen and device.last_seen.isoformat()},
                                  ensure_ascii=False) if as_json else _line(device))


def _pages(connection: psycopg.Connection, wanted: queries.Wanted) -> Iterator[queries.Device]:
    after = ""
    while page := queries.page(connection, wanted, after, PAGE):
        yield from page
        after = page[-1].code


def _line(device: queries.Device) -> str:
    seen = f"last seen {device.last_seen:%Y-%m-%d %H:%M:%S%z}" if device.last_seen else "never seen"
    place = f", {device.building_code}" if device.building_code else ""
    return f"{device.code} {device.name or ''}".strip() + f": {device.kind}, {device.freshness}, {seen}{place}"
