"""``shapan tasks``: worklists of keepers on the command line."""

import json
from zoneinfo import ZoneInfo

import click

from spatial.commands.events import digits
from spatial.commands.opened import open_database
from spatial.queries import tasks as queries
from spatial.rules.tasks import KINDS, STATES
from spatial.settings import load


@click.group()
def tasks() -> None:
    """List tasks (工作清单) of keepers."""


@tasks.command("list")
@click.option("--keeper", help="Code of a keeper.")
@click.option("--state", type=click.Choice([*STATES, "overdue"]), default="due", show_default=True, help="State.")
@click.option("--kind", type=click.Choice(KINDS), help="Kind.")
@click.option("--grid", default="", callback=digits(15), metavar="DIGITS", help="First digits of a grid code.")
@click.option("--limit", type=click.IntRange(1, 10000), default=50, show_default=True, help="Tasks at most.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line instead of text.")
def list_(keeper: str | None, state: str, kind: str | None, grid: str, limit: int, as_json: bool) -> None:
    """List tasks, those due first before the rest.

    \b
    Examples:
      shapan tasks list --keeper K001001
      shapan tasks list --state overdue --kind survey --json
    """
    zone = ZoneInfo(load().time_zone)
    with open_database() as connection:
        for one in queries.find(connection, queries.Wanted(keeper, state, kind, grid), limit):
            late = ", overdue" if one.overdue else ""
            click.echo(json.dumps(queries.as_json(one, written=True), ensure_ascii=False) if as_json else
                       f"{one.id} due {one.due_at.astimezone(zone):%Y-%m-%d %H:%M} {one.kind} {one.title}: "
                       f"{one.state}{late}{', ' + one.keeper if one.keeper else ''}")
