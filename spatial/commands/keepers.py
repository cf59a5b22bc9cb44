"""``shapan keepers``: where keepers are, on the command line."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

import click
import psycopg

from spatial.commands.opened import open_database
from spatial.queries import keepers as queries
from spatial.rules.keepers import freshness
from spatial.settings import load
from spatial.types import Scope

PAGE = 1000


@click.command()
@click.option("--within", default="", metavar="DIGITS", help="First digits of a grid's code, such as a street's nine.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line instead of text.")
def keepers(within: str, as_json: bool) -> None:
    """List keepers (网格员) with their last position and how current it is.

    \b
    Examples:
      shapan keepers
      shapan keepers --within 999001001 --json
    """
    if within and not (within.isascii() and within.isdigit() and 2 <= len(within) <= 15):
        raise click.BadParameter(f"{within!r} is not 2 to 15 digits.", param_hint="--within")
    settings, now = load(), datetime.now(UTC)
    with open_database(Scope((within,)) if within else None) as connection:
        for one in _all(connection):
            state = freshness(one.at, now, settings.keeper_fresh_s)
            click.echo(_object(one, state) if as_json else _line(one, state, now))


def _all(connection: psycopg.Connection) -> Iterator[queries.Keeper]:
    after = ""
    while page := queries.page(connection, after, PAGE):
        yield from page
        after = page[-1].code


def _object(one: queries.Keeper, state: str) -> str:
    values = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(one).items()}
    return json.dumps({**values, "freshness": state}, ensure_ascii=False)


def _line(one: queries.Keeper, state: str, now: datetime) -> str:
    who = f"{one.code} {one.name}, grid {one.grid_code}"
    if one.at is None:
        return f"{who}: never seen"
    minutes = (now - one.at).total_seconds() / 60
    return f"{who}: {state}, {one.lon:.6f} {one.lat:.6f}, {minutes:,.0f} min ago"
