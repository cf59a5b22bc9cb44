"""``shapan import runs``, ``show`` and ``worker``: the history of imports, and who carries out the queued ones."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from importers import worker as import_worker
from spatial import db, server
from spatial.errors import MappingError, NotFound
from spatial.queries import imports
from spatial.settings import load
from spatial.types import Scope

FAULTS_SHOWN = 20


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Runs at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the runs as JSON.")
def runs(limit: int, as_json: bool) -> None:
    """List import runs, the newest first."""
    settings = load()
    with db.open_connection(server.addresses(settings).app, Scope.everything()) as connection:
        found = imports.recent(connection, limit=limit)
    if as_json:
        click.echo(json.dumps([imports.as_json(run) for run in found], ensure_ascii=False))
        return
    if not found:
        click.echo("No import has been run yet. Begin with: shapan import CONCEPT FILE")
    for run in found:
        click.echo(_line(run, ZoneInfo(settings.time_zone)))


@click.command()
@click.argument("run", type=int)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def show(run: int, as_json: bool) -> None:
    """Show import run RUN: counts, mapping, and what was rejected."""
    settings = load()
    with db.open_connection(server.addresses(settings).app, Scope.everything()) as connection:
        try:
            found = imports.get(connection, run)
        except NotFound as error:
            raise MappingError(f"There is no import run {run}.", "`shapan import runs` lists them.") from error
        mapping, detail, recorded = imports.detail(connection, run)
        faults = imports.faults(connection, run, limit=FAULTS_SHOWN)
    if as_json:
        click.echo(json.dumps({**imports.as_json(found), "mapping": mapping, "report": detail,
                               "faults_recorded": recorded}, ensure_ascii=False))
        return
    click.echo(_line(found, ZoneInfo(settings.time_zone)))
    click.echo(f"  asked by {found.account}, source {found.source}")
    for field, expression in mapping.items():
        click.echo(f"  {field} = {expression or '(from the row itself)'}")
    if found.error:
        click.echo(f"  {found.error} {found.cure or ''}".rstrip())
    for sentence in detail.get("warnings", ()):
        click.echo(f"  {sentence}")
    for fault in faults:
        click.echo(f"  row {fault.row:,}: {fault.message}")
    if recorded > len(faults):
        click.echo(f"  … and {recorded - len(faults):,} more.")


@click.command()
def worker() -> None:
    """Carry out the runs that the page /data queues, until Ctrl-C.

    `shapan serve` keeps a worker beside itself; this one is for a machine that only imports.
    """
    import_worker.main()


def _line(run: imports.Run, zone: ZoneInfo) -> str:
    at: datetime | None = run.started_at or run.queued_at
    when = at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if at else ""
    state = "dry run" if run.dry_run and run.state == "done" else run.state
    counts = ", ".join(f"{number:,} {word}" for word, number in (
        ("read", run.rows_read), ("inserted", run.inserted), ("updated", run.updated),
        ("unchanged", run.unchanged), ("rejected", run.rejected), ("unplaced", run.unplaced)) if number)
    return f"{run.id:>6}  {when}  {state:<9}  {run.concept:<13}  {run.file}" + (f"  {counts}" if counts else "")
