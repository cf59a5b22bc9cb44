"""The whole story of a source that is kept as files: look → make → check → one transaction → clean up.

Imagery, terrain and 3D models share it. The file is read and converted while only the turn of the table is
held. The row, what follows from it and the record of the run are committed together; the file is given its name just
before, and the one that it replaces is deleted just after (``importers/stored.py``).
"""

import hashlib
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import shapely
from psycopg import sql

from importers.faults import Rejects
from importers.filed_report import Kind, Report
from importers.guard import guarded, wait_for_turn
from importers.ledger import Run, record
from importers.progress import Silent, Watcher
from importers.stored import Shelf
from spatial import db, disk, migrate, server
from spatial.crs import Route
from spatial.errors import MappingError, NotFound
from spatial.settings import Settings
from spatial.types import Scope

MAKER_VERSION = 1
"""Raised when the same file would be made into something else than before."""

_BLOCK = 1 << 20
_NAME = re.compile(r"[\w][\w.\-]{0,79}")

# One row, or none. Parameters: name.
_KNOWN = "SELECT path, content_hash FROM {} WHERE name = %s"
_INSERT = "INSERT INTO {} ({}) VALUES ({})"
_DELETE = "DELETE FROM {} WHERE name = %s RETURNING path, ST_AsBinary(footprint)"


@dataclass(frozen=True)
class Request:
    """What a person asks for, whatever the kind.

    Attributes:
        path: the file or folder. account: who asks.
        name: name of the source; the file's when None.
        attribution: who is to be named beside the map.
        dry_run: do everything and keep nothing.
    """

    path: Path
    account: str
    name: str | None = None
    attribution: str | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Made:
    """What became of a file.

    Attributes:
        content: file or folder inside the part, to be kept.
        footprint: what it covers, EPSG:4490.
        columns: further columns of the row.
    """

    content: Path
    footprint: shapely.MultiPolygon
    columns: dict[str, Any]


@dataclass(frozen=True)
class Work:
    """What a kind contributes.

    Attributes:
        sha256: of the file, in hexadecimal.
        options: what else decides about the result; also recorded with the run.
        written: bytes that making it writes at most.
        rows: how many rows of pixels, or files, there are, for progress.
        make: makes the content inside a folder.
        follow: is told, inside the transaction, which areas have changed; returns words for the report.
        route: how its coordinates become stored ones.
    """

    sha256: str
    options: dict[str, Any]
    written: int
    rows: int
    make: Callable[[Path, Watcher], Made]
    follow: Callable[[psycopg.Connection, list[shapely.Geometry]], dict[str, Any]] = lambda *_: {}
    route: Route | None = None


def run(kind: Kind, request: Request, work: Work, settings: Settings, watcher: Watcher | None = None) -> Report:
    """Carry out one import.

    Args:
        kind: what it is. request: what is asked for. work: how it is done.
        settings: where database and data directory are.
        watcher: is told how it goes on.

    Returns:
        The report.

    Raises:
        MappingError: the name cannot be one.
        SourceError: the file turns out to be damaged or wrong; nothing was imported.
        DatabaseError: the database does not answer or refused; nothing was imported.
    """
    started, watcher = time.monotonic(), watcher or Silent()
    name = source_name(request)
    disk.guard_free_space(settings, f"the import of {request.path.name}", work.written)
    address = server.addresses(settings).worker
    with db.open_connection(address, Scope.everything()) as connection:
        migrate.require_current(connection)
    options = {**work.options, "attribution": request.attribution}
    watcher.begin(f"{kind.name} {name}", work.rows)
    try:
        if request.dry_run:
            report = _transact(kind, request, work, settings, name, options, address, None, watcher)
        else:
            recorded = {"concept": kind.name, "file_name": request.path.name, "file_sha256": work.sha256,
                        "source": name, "mapping": options, "account": request.account}
            with record(address, recorded) as ledger:
                report = _transact(kind, request, work, settings, name, options, address, ledger, watcher)
    finally:
        watcher.end()
    return replace(report, seconds=time.monotonic() - started)


def source_name(request: Request) -> str:
    """Return the name under which a source is kept.

    Raises:
        MappingError: it is not letters, digits, ``-``, ``_`` and ``.``, or is too long. Names stand in addresses.
    """
    name = request.name if request.name is not None else re.sub(r"[^\w.\-]+", "-", request.path.stem).strip("-.")
    if not _NAME.fullmatch(name):
        raise MappingError(f"{name!r} cannot be the name of a source: it stands in addresses.",
                           "Use letters of any script, digits, '-', '_' and '.', at most 80: --name NAME.")
    return name


def file_sha256(files: tuple[Path, ...]) -> str:
    """Return the SHA-256 over files, in hexadecimal."""
    digest = hashlib.sha256()
    for part in files:
        with part.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def remove(kind: Kind, name: str, settings: Settings,
           follow: Callable[[psycopg.Connection, list[shapely.Geometry]], dict[str, Any]] | None = None) -> None:
    """Take a source off the record and delete its files.

    Args:
        kind: what it is. name: its name.
        settings: where database and data directory are.
        follow: see ``Work``.

    Raises:
        NotFound: there is none of that name.
    """
    address = server.addresses(settings).worker
    with guarded(name), db.open_connection(address, Scope.everything()) as connection:
        migrate.require_current(connection)
        connection.commit()
        with connection.transaction():
            wait_for_turn(connection, kind)
            shelf = Shelf(settings, kind.name)
            shelf.sweep(connection)
            row = connection.execute(sql.SQL(_DELETE).format(sql.Identifier(kind.name)), [name]).fetchone()
            if row is None:
                raise NotFound(f"No {kind.name} is called {name!r}.", "See them with: shapan import list")
            shelf.mark(row[0])
            if follow is not None:
                follow(connection, [shapely.from_wkb(row[1])])
        shelf.discard(row[0])


def _transact(kind: Kind, request: Request, work: Work, settings: Settings, name: str, options: dict[str, Any],
              address: str, ledger: Run | None, watcher: Watcher) -> Report:
    content = repr((MAKER_VERSION, work.sha256, sorted(options.items())))
    digest = hashlib.blake2b(content.encode(), digest_size=16).digest()
    report = Report(kind, request.path.name, name, "unchanged", route=work.route, dry_run=request.dry_run,
                    run=ledger and ledger.id)
    settled = old = part = None
    with guarded(request.path.name), db.open_connection(address, Scope.everything()) as connection:
        try:
            with connection.transaction() as transaction:
                wait_for_turn(connection, kind)
                shelf = Shelf(settings, kind.name)
                shelf.sweep(connection)
                table = sql.Identifier(kind.name)
                known = connection.execute(sql.SQL(_KNOWN).format(table), [name]).fetchone()
                if known is not None and known[1] == digest and shelf.path(known[0]).exists():
                    _finish(connection, ledger, report)
                    return report
                part = shelf.part()
                made = work.make(part, watcher)
                watcher.step("writing")
                changed = [made.footprint]
                if known is not None:
                    old, outline = connection.execute(sql.SQL(_DELETE).format(table), [name]).fetchone()
                    changed.append(shapely.from_wkb(outline))
                size = _size(made.content)
                settled = shelf.settle(made.content, work.sha256[:16])
                row = {"name": name, "attribution": request.attribution, "file_name": request.path.name,
                       "file_sha256": work.sha256, "content_hash": digest, "path": settled, "bytes": size,
                       **made.columns,
                       "footprint": shapely.to_wkb(shapely.set_srid(made.footprint, 4490), include_srid=True)}
                names = [sql.Identifier(column) for column in row]
                connection.execute(sql.SQL(_INSERT).format(
                    table, sql.SQL(", ").join(names), sql.SQL(", ").join([sql.Placeholder()] * len(row))),
                    list(row.values()))
                more = work.follow(connection, changed)
                hidden = {"content_hash", "footprint", "name", *(["crs"] if work.route else []),
                          *(["path"] if request.dry_run else [])}
                shown = {key: value for key, value in row.items() if key not in hidden}
                box = [round(number, 7) for number in made.footprint.bounds]
                report = replace(report, outcome="inserted" if known is None else "updated",
                                 facts_of_row={**shown, "box": box, **more})
                if request.dry_run:
                    raise psycopg.Rollback(transaction)
                if old is not None:
                    shelf.mark(old)
                _finish(connection, ledger, report)
        finally:
            if part is not None:
                shelf.drop(part)
            # Where the database has gone away nobody knows whether it is committed: the marks stay, and the
            # next run's sweep decides.
            with suppress(psycopg.OperationalError):
                if settled is not None and _committed(connection, kind, settled):
                    shelf.keep(settled)
                    if old is not None:
                        shelf.discard(old)
                elif settled is not None:
                    shelf.discard(settled)
                    if old is not None:
                        shelf.keep(old)
    return report


def _committed(connection: psycopg.Connection, kind: Kind, path: str) -> bool:
    statement = sql.SQL("SELECT FROM {} WHERE path = %s").format(sql.Identifier(kind.name))
    return connection.execute(statement, [path]).fetchone() is not None


def _finish(connection: psycopg.Connection, ledger: Run | None, report: Report) -> None:
    if ledger is None:
        return
    counts = dict.fromkeys(("inserted", "updated", "unchanged", "rejected", "unplaced"), 0) | {"rows_read": 1}
    counts[report.outcome] = 1
    ledger.finish("done", counts, report.facts(), Rejects(), connection)


def _size(content: Path) -> int:
    if content.is_file():
        return content.stat().st_size
    return sum(entry.stat().st_size for entry in content.rglob("*") if entry.is_file())
