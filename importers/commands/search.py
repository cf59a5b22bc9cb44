"""``shapan search``: keep what the search finds in line with what is on record."""

import json
import time

import click

from importers import concepts
from importers.guard import guarded, wait_for_turn
from importers.progress import watcher
from spatial import db, disk, migrate, server
from spatial.queries import search_entries
from spatial.settings import load
from spatial.types import Scope

_FORGET_ALL = "DELETE FROM search_entry WHERE kind = %s"


@click.group()
def search() -> None:
    """Look after the entries of the search (检索)."""


@search.command()
@click.option("--from-scratch", is_flag=True, help="Write every entry anew, also those that are right.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def rebuild(from_scratch: bool, as_json: bool) -> None:
    """Bring the search in line with what is on record; imports do so by themselves.

    Needed for rows that came by another way than an import, and for a database that was filled
    before it had a search. One transaction for each table; a running import of the same table is waited for.

    \b
    Examples:
      shapan search rebuild
      shapan search rebuild --from-scratch --json
    """
    settings = load()
    disk.guard_free_space(settings, "the rebuild")
    address, written, start = server.addresses(settings).worker, {}, time.monotonic()
    by_table = {concept.table: concept for concept in concepts.CONCEPTS}
    progress = watcher(quiet=as_json)
    with db.open_connection(address, Scope.everything()) as connection:
        migrate.require_current(connection)
        connection.commit()
        for table in search_entries.SEARCHED:
            progress.begin(f"search: {table}", None)
            try:
                with guarded(f"search: {table}", "Its entries were left as they were."), connection.transaction():
                    wait_for_turn(connection, by_table[table])
                    if from_scratch:
                        connection.execute(_FORGET_ALL, (table,))
                    written[table] = search_entries.refresh(connection, table, progress=progress.read)
            finally:
                progress.end()
    seconds = round(time.monotonic() - start, 3)
    if as_json:
        click.echo(json.dumps({"written": written, "seconds": seconds}))
        return
    for table, number in written.items():
        click.echo(f"{table}: {number:,} entries written." if number else f"{table}: nothing to do.")
    click.echo(f"Done in {seconds:.1f} s.")
