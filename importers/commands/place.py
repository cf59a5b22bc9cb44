"""``shapan place``: give everything on record the grid that it lies in now."""

import json
import time
from dataclasses import asdict

import click

from importers import resettle
from importers.guard import guarded
from importers.progress import watcher
from spatial import db, disk, migrate, server
from spatial.queries import placing
from spatial.settings import load
from spatial.types import Scope


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what would move, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def place(dry_run: bool, as_json: bool) -> None:
    """Place every object again (重新落位), after areas or grids have changed.

    Each row gets the grid that holds a point on its surface, on a shared edge the one with the lowest code;
    what is inside a building follows it. Many short transactions, so that alarms need not wait: stopped half
    way, it goes on when typed again. Running imports of the same tables are waited for.

    \b
    Examples:
      shapan place --dry-run
      shapan place --json
    """
    settings = load()
    disk.guard_free_space(settings, "placing")
    address, start, done = server.addresses(settings).worker, time.monotonic(), []
    progress = watcher(quiet=as_json)
    with db.open_connection(address, Scope.everything()) as connection:
        migrate.require_current(connection)
        for table in placing.TABLES:
            progress.begin(f"placing {table.name}", resettle.total(connection, table))
            connection.commit()
            try:
                with guarded(f"placing {table.name}", "What is done stays; type it again for the rest."):
                    done.append(resettle.settle(connection, table, write=not dry_run, progress=progress.read))
            finally:
                progress.end()
    seconds = round(time.monotonic() - start, 3)
    if as_json:
        click.echo(json.dumps({"tables": {one.table: {name: number for name, number in asdict(one).items()
                                                      if name != "table"} for one in done},
                               "moved": sum(one.moved for one in done), "dry_run": dry_run, "seconds": seconds}))
        return
    for one in done:
        if one.moved or one.unchanged:
            verb = "would move" if dry_run else "moved"
            click.echo(f"{one.table}: {one.moved:,} {verb}, {one.unchanged:,} unchanged, "
                       f"{one.outside:,} outside every known area (未落位).")
    click.echo("Dry run: nothing was changed." if dry_run else f"Done in {seconds:.1f} s.")
