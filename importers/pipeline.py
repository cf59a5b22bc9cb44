"""The whole story of an import: read → map → validate → reproject → stage → place → upsert.

One run is one transaction: killed at any moment, it leaves the database as it was or as
finished. Rows that cannot be taken are listed; if there are more than allowed, nothing is
imported.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import psycopg

from importers import clean, fields, mapping, place, refuse, rejects_file, staging, upsert
from importers.concepts.declare import Concept
from importers.faults import Rejects
from importers.guard import guarded, wait_for_turn
from importers.inspection import systems
from importers.inspection.record import Record
from importers.ledger import Run, record
from importers.mapping import FieldMapping, MappingFile
from importers.progress import Silent, Watcher
from importers.report import Allowance, Report
from importers.rows import Maker, Rows, staging_columns
from importers.source import Batch, Source, find_reference, open_source, typical_box
from importers.upsert import Counts
from spatial import cipher, crs, db, disk, migrate, outbox, server
from spatial.settings import Settings
from spatial.types import Scope

FRESH_STATISTICS_FROM = 1000
"""Rows written from which the table's statistics are refreshed at once, not by autovacuum."""

ANALYZE = "SELECT shapan_analyze(%s::regclass)"


@dataclass(frozen=True)
class Request:
    """What a person asks for.

    Attributes:
        concept: what the rows are.
        path: the file.
        account: who asks.
        layer, crs, source, key: options; each stands before what the mapping file says.
        override_crs: ``crs`` stands against what the file declares.
        mapping: what the mapping file says.
        assigned: ``--set`` field → expression.
        allowed: how many rows may be rejected.
        on_conflict: ``update``, ``skip`` or ``fail`` for rows that the database has with other content.
        dry_run: roll back at the end.
        rejects: where to write the rejected rows; None writes no file.
    """

    concept: Concept
    path: Path
    account: str
    layer: str | None = None
    crs: str | None = None
    override_crs: bool = False
    source: str | None = None
    key: str | None = None
    mapping: MappingFile = field(default_factory=MappingFile)
    assigned: dict[str, str] = field(default_factory=dict)
    allowed: Allowance = field(default_factory=Allowance)
    on_conflict: str = "update"
    dry_run: bool = False
    rejects: Path | None = None


def run(request: Request, settings: Settings, watcher: Watcher | None = None) -> Report:
    """Carry out one import.

    Args:
        request: what is asked for.
        settings: where the database and the key are.
        watcher: is told how it goes on.

    Returns:
        The report; ``committed`` tells whether anything was imported.

    Raises:
        MappingError: mapping or options do not fit; the database was not asked.
        SourceError: the file cannot be read or its coordinates cannot be trusted; nothing was imported.
        DatabaseError: the database does not answer, is not migrated, or refused; nothing was imported.
    """
    watcher, started, concept = watcher or Silent(), time.monotonic(), request.concept
    source = open_source(request.path, request.layer or request.mapping.layer, concept.name)
    mapped = mapping.build(concept, source.layer, request.mapping, request.assigned, request.key)
    name = request.source or request.mapping.source or default_source(request.path)
    if request.rejects is not None:
        rejects_file.check(request.rejects)
    address = _ready(settings)
    watcher.begin(f"{concept.name} from {source.name}", source.layer.features)
    try:
        if request.dry_run:
            report = _transact(request, settings, source, mapped, name, address, None, watcher)
        else:
            facts = {"concept": concept.name, "file_name": source.name, "file_sha256": source.sha256(),
                     "source": name, "mapping": mapped.describe(), "account": request.account}
            with record(address, facts) as ledger:
                report = _transact(request, settings, source, mapped, name, address, ledger, watcher)
    finally:
        watcher.end()
    if report.rejects.rows and request.rejects is not None:
        rejects_file.write(request.rejects, source, report.rejects)
        report = replace(report, rejects_file=str(request.rejects))
    return replace(report, seconds=time.monotonic() - started, detail={**report.detail, "notes": list(source.notes)})


def default_source(path: Path) -> str:
    """Return the name of a source that nobody named: the file's, also for its reject file."""
    return path.stem.removesuffix(".rejects")


def _ready(settings: Settings) -> str:
    """Check that there is room and a database of this version; return the worker's address."""
    disk.guard_free_space(settings, "the import")
    address = server.addresses(settings).worker
    with db.open_connection(address, Scope.everything()) as connection:
        migrate.require_current(connection)
    return address


def _transact(request: Request, settings: Settings, source: Source, mapped: FieldMapping, name: str, address: str,
              ledger: Run | None, watcher: Watcher) -> Report:
    concept, rejects = request.concept, Rejects()
    columns = staging_columns(concept, list(mapped.fields), bool(concept.geometry and source.layer.geometry))
    with guarded(source.name), db.open_connection(address, Scope.everything()) as connection, \
            connection.transaction() as transaction:
        wait_for_turn(connection, concept)
        staging.create(connection, columns)
        read, route = _stage(connection, request, settings, source, mapped, columns, rejects, ledger, watcher)
        watcher.step("placing")
        repeated = refuse.drop_repeats(connection)
        rejects.add(refuse.before_placing(connection, concept, columns))
        place.place(connection, concept, columns)
        rejects.add(refuse.after_placing(connection, concept, columns, name))
        watcher.step("writing")
        refused = request.allowed.exceeded(len(rejects), read)
        counts = Counts() if refused else _write(connection, request, columns, name, rejects)
        refused = counts is None or request.allowed.exceeded(len(rejects), read)
        committed = not refused and not request.dry_run
        report = Report(concept.name, concept.title, source.name, name, route, read, repeated,
                        counts or Counts(), rejects, committed, request.dry_run, 0.0, ledger and ledger.id)
        if not committed:
            raise psycopg.Rollback(transaction)
        if ledger is not None:
            ledger.finish("done", report.recorded(), report.facts(), rejects, connection)
    if ledger is not None and not report.committed:
        ledger.finish("failed", report.recorded(), report.facts(), rejects)
    return report


def _stage(connection: psycopg.Connection, request: Request, settings: Settings, source: Source,
           mapped: FieldMapping, columns: dict[str, str], rejects: Rejects, ledger: Run | None, watcher: Watcher,
           ) -> tuple[int, crs.Route | None]:
    """Read, map, validate, reproject and stage every row; return how many were read, and the route."""
    batches = source.batches()
    route, batches = _route(request, source, batches, Record(connection)) if "geom" in columns else (None, batches)
    maker = Maker(request.concept, cipher.from_file(settings.key_file), mapped.key_sealed)
    zone = ZoneInfo(settings.time_zone)
    read = 0
    with staging.copying(connection, columns) as writer:
        for batch in batches:
            writer.write(_prepare(request.concept, mapped, batch, route, zone, maker, rejects))
            read += batch.rows
            watcher.read(read)
            if ledger is not None:
                ledger.progress(read)
    return read, route


def _prepare(concept: Concept, mapped: FieldMapping, batch: Batch, route: crs.Route | None, zone: ZoneInfo,
             maker: Maker, rejects: Rejects) -> Rows:
    """Map, validate and reproject some rows; return the good ones ready for staging."""
    values, key, faults = mapped.apply(batch)
    faults += batch.faults
    checked, found = fields.check(concept, values, batch.first, zone)
    faults += found
    ewkb = None
    if route is not None:
        geometries, found = clean.check(concept, batch.wkb, batch.first, route.reference)
        # A geometry that could not be read out of the file is not missing as well.
        spoilt = {fault.row for fault in batch.faults}
        faults += [fault for fault in found if fault.row not in spoilt]
        ewkb, found = clean.reproject(concept, geometries, batch.first, route)
        faults += found
    rejects.add(faults)
    good = np.ones(batch.rows, bool)
    good[[fault.row - batch.first for fault in faults]] = False
    return maker.make(batch, checked, key, ewkb, good)


def _route(request: Request, source: Source, batches: Iterator[Batch], known: Record,
           ) -> tuple[crs.Route | None, Iterator[Batch]]:
    """Decide about coordinates with the first rows; return the route and all rows."""
    first = next(batches, None)
    if first is None or first.rows == 0:
        return None, iter(())
    typed = request.crs or request.mapping.crs
    reference = find_reference(source, typed, typical_box(first.wkb), request.override_crs,
                               lambda: systems.advise(first.wkb, known))
    return crs.route(reference), chain([first], batches)


def _write(connection: psycopg.Connection, request: Request, columns: dict[str, str], name: str, rejects: Rejects,
           ) -> Counts | None:
    """Bring the staged rows into the table; return None where conflicts forbid it."""
    concept = request.concept
    refuse.drop_refused(connection)
    for statement in concept.before:
        connection.execute(statement, {"source": name})
    upsert.compare(connection, concept, name)
    if request.on_conflict == "fail":
        conflicts = upsert.conflicts(connection, concept)
        rejects.add(conflicts)
        if conflicts:
            return None
    try:
        with connection.transaction():
            counts = upsert.write(connection, concept, columns, name, update=request.on_conflict == "update")
    except psycopg.errors.CheckViolation:
        faults = refuse.unsound(connection, concept) if "geom" in columns else []
        if not faults:
            raise
        rejects.add(faults)
        refuse.drop_refused(connection)
        counts = upsert.write(connection, concept, columns, name, update=request.on_conflict == "update")
    for statement in concept.after:
        connection.execute(statement)
    if counts.inserted + counts.updated >= FRESH_STATISTICS_FROM:
        connection.execute(ANALYZE, [concept.table])
    if concept.layer and counts.box is not None:
        outbox.touched(connection, concept.layer, counts.box)
    return counts
