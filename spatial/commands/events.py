"""``shapan events``: events and how they are distributed, on the command line."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from spatial.commands.opened import open_database
from spatial.queries import event_distribution
from spatial.queries import events as queries
from spatial.rules.events import STATES
from spatial.settings import load
from spatial.types import Scope


@click.group()
def events() -> None:
    """List events (事件), or count them by class, state, place or time."""


def digits(most: int):
    """Return a check of an option that holds the first digits of a code."""
    def check(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
        if value and not (value.isascii() and value.isdigit() and len(value) <= most):
            raise click.BadParameter(f"{value!r} is not up to {most} digits.")
        return value
    return check


@events.command("list")
@click.option("--state", type=click.Choice([*STATES, "unfinished"]), help="State; unfinished: all but done and closed.")
@click.option("--class", "class_prefix", default="", callback=digits(4), metavar="DIGITS",
              help="First digits of a class code.")
@click.option("--grid", default="", callback=digits(15), metavar="DIGITS", help="First digits of a grid code.")
@click.option("--keeper", help="Code of a keeper.")
@click.option("--overdue", is_flag=True, help="Only those of which something is late.")
@click.option("--limit", type=click.IntRange(1, 10000), default=50, show_default=True, help="Events at most.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line instead of text.")
def list_(state: str | None, class_prefix: str, grid: str, keeper: str | None, overdue: bool, limit: int,
          as_json: bool) -> None:
    """List events, the latest first.

    \b
    Examples:
      shapan events list --overdue
      shapan events list --state unfinished --class 04 --grid 999001001 --json
    """
    settings = load()
    wanted = queries.Wanted(state, class_prefix, grid, keeper, overdue)
    with open_database() as connection:
        for one in queries.find(connection, wanted, limit):
            click.echo(json.dumps(queries.as_json(one, written=True), ensure_ascii=False) if as_json
                       else _line(one, ZoneInfo(settings.time_zone)))


@events.command()
@click.option("--by", type=click.Choice(event_distribution.BY), default="class", show_default=True,
              help="Counted by what.")
@click.option("--days", type=click.IntRange(1, 731), default=7, show_default=True, help="Days up to now.")
@click.option("--compare", is_flag=True, help="Set as many days before beside them.")
@click.option("--class", "class_prefix", default="", callback=digits(4), metavar="DIGITS",
              help="First digits of a class code.")
@click.option("--grid", default="", callback=digits(15), metavar="DIGITS", help="First digits of a grid code.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line instead of text.")
def distribution(by: str, days: int, compare: bool, class_prefix: str, grid: str, as_json: bool) -> None:
    """Count the events of the last days by class, state, place or time.

    \b
    Examples:
      shapan events distribution
      shapan events distribution --by day --days 30 --compare --json
    """
    settings = load()
    now = datetime.now(UTC)
    window = event_distribution.Window(now - timedelta(days), now)
    before = event_distribution.Window(window.start - timedelta(days), window.start) if compare else None
    with open_database() as connection:
        for one in event_distribution.distribution(connection, Scope.everything(), settings.time_zone, by, window,
                                                   before, class_prefix, grid):
            if as_json:
                click.echo(json.dumps(asdict(one), ensure_ascii=False))
            else:
                name = f" {one.name}" if one.name else ""
                click.echo(f"{one.key}{name}: {one.events:,}"
                           + ("" if one.compared is None else f" (before: {one.compared:,})"))


def _line(one: queries.Event, zone: ZoneInfo) -> str:
    late = ", overdue" if one.overdue else ""
    held = f" ({one.held})" if one.held else ""
    who = f", {one.keeper}" if one.keeper else ""
    return (f"{one.id} {one.occurred_at.astimezone(zone):%Y-%m-%d %H:%M} {one.class_code} {one.class_name or ''} "
            f"{one.title}: {one.state}{held}{late}{who}")
