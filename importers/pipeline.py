"""The whole story of an import: read → map → validate → reproject → stage → place → upsert.

Rows are staged chunk by chunk, each chunk in a transaction of its own; one transaction at the end
brings all of them into the table. Killed at any moment, a run leaves the table as it was or as
finished, and can go on from its last chunk. Rows that cannot be taken are listed; if there are more
than allowed, nothing is imported.
"""

import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import psycopg

from importers import (
    again,
    ground,
    key_doubts,
    ledger,
    mapping,
    outside,
    place,
    refuse,
    rejects_file,
    resettle,
    stopped,
    upsert,
)
from importers.chunks import Job, stage_rows
from importers.faults import Rejects
from importers.guard import guarded, lift_limits, wait_for_turn
from importers.progress import Silent, Watcher
from importers.report import Report
from importers.request import Request
from importers.rows import reject_reason, staging_columns
from importers.source import open_source
from importers.staging import Stage
from importers.upsert import Counts
from spatial import cipher, crs, db, disk, migrate, server
from spatial.errors import DatabaseUnreachable, SourceError
from spatial.queries import alarms, placing, search_entries
from spatial.settings import Settings
from spatial.types import Scope

FRESH_STATISTICS_FROM = 1000
"""Rows written from which the table's statistics are refreshed at once, not by autovacuum."""

ANALYZE = "SELECT shapan_analyze(%s::regclass)"


def run(request: Request, settings: Settings, watcher: Watcher | None = None, queued: ledger.Run | None = None,
        ) -> Report:
    """Carry out one import.

    Args:
        request: what is asked for.
        settings: where the database and the key are.
        watcher: is told how it goes on.
        queued: the record of a run that waited for the worker; None makes a new one. A dry run has none:
            its record is the worker's.

    Returns:
        The report; ``committed`` tells whether anything was imported.

    Raises:
        MappingError: mapping or options do not fit; the database was not asked.
        SourceError: the file cannot be read or its coordinates cannot be trusted; nothing was imported.
        DatabaseError: the database does not answer, is not migrated, or refused; nothing was imported.
    """
    watcher, started = watcher or Silent(), time.monotonic()
    job = _job(request, settings)
    address = _ready(settings)
    watcher.begin(f"{request.concept.name} from {job.source.name}", job.source.layer.features)
    try:
        if request.dry_run:
            report = _carry_out(job, address, None, 0, watcher)
        else:
            facts = {"concept": request.concept.name, "file_name": job.source.name,
                     "file_sha256": job.source.sha256(), "source": job.name, "mapping": job.mapped.describe(),
                     "account": request.account, "request": request.sealed(cipher.from_file(settings.key_file))}
            with ledger.record(address, facts, queued) as begun:
                report = _carry_out(job, address, begun, 0, watcher)
    finally:
        watcher.end()
    return _reported(job, report, address, started)


def resume(run_id: int, settings: Settings, watcher: Watcher | None = None, held: stopped.TakenUp | None = None,
           ) -> Report:
    """Go on with a run that was stopped, from its last chunk.

    Args:
        run_id: number of the run.
        settings, watcher: as for ``run``.
        held: the run, where the caller holds it already.

    Returns:
        The report, as of a run that nobody stopped.

    Raises:
        MappingError: there is no such run, it is alive, or it has ended.
        SourceError: the file is gone or no longer the same; see ``run`` for the rest.
    """
    watcher, started = watcher or Silent(), time.monotonic()
    address = _ready(settings)
    with stopped.take_up(address, run_id) if held is None else nullcontext(held) as taken:
        request = Request.opened(taken.request, cipher.from_file(settings.key_file))
        job = _job(request, settings)
        if job.source.sha256() != taken.file_sha256:
            raise SourceError(f"{job.source.name} is no longer the file of run {run_id}: its SHA-256 differs.",
                              "Nothing was imported. Bring the old file back, or import the new one.")
        watcher.begin(f"{request.concept.name} from {job.source.name}", job.source.layer.features)
        try:
            with taken.going():
                report = _carry_out(job, address, taken.run, taken.reached, watcher)
        finally:
            watcher.end()
    return _reported(job, report, address, started)


def default_source(path: Path) -> str:
    """Return the name of a source that nobody named: the file's, also for its reject file."""
    return path.stem.removesuffix(".rejects")


def _job(request: Request, settings: Settings) -> Job:
    source = open_source(request.path, request.layer or request.mapping.layer, request.concept.name,
                         request.swap_axes or request.mapping.swap_axes)
    mapped = mapping.build(request.concept, source.layer, request.mapping, request.assigned, request.key)
    name = request.source or request.mapping.source or default_source(request.path)
    if request.rejects is not None:
        rejects_file.check(request.rejects)
    columns = staging_columns(request.concept, list(mapped.fields),
                              bool(request.concept.geometry and source.layer.geometry),
                              reject_reason(source.layer.fields) is not None)
    return Job(request, settings, source, mapped, name, columns)


def _ready(settings: Settings) -> str:
    """Check that there is room and a database of this version; return the worker's address."""
    disk.guard_free_space(settings, "the import")
    address = server.addresses(settings).worker
    with db.open_connection(address, Scope.everything()) as connection:
        migrate.require_current(connection)
    return address


def _reported(job: Job, report: Report, address: str, started: float) -> Report:
    if report.rejects.rows and job.request.rejects is not None:
        report = _rejects_written(job, report)
    if report.committed and report.counts.box is not None:
        report = replace(report, displaced=resettle.displaced(address, report.counts.box))
    return replace(report, seconds=time.monotonic() - started,
                   detail={**report.detail, "notes": list(job.source.notes)})


def _rejects_written(job: Job, report: Report) -> Report:
    try:
        rejects_file.write(job.request.rejects, job.source, report.rejects)
    except SourceError as error:
        # What the run has done stands, and an error would hide it.
        return replace(report, rejects_lost=error.what)
    left = None if report.committed or not report.good else len(report.rejects)
    return replace(report, rejects_file=str(job.request.rejects),
                   again=again.commands(job.request, job.source, job.name, report.route, left))


def _carry_out(job: Job, address: str, begun: ledger.Run | None, reached: int, watcher: Watcher) -> Report:
    """Stage every row after ``reached`` and bring all of them into the table."""
    rejects = Rejects()
    try:
        # A dry run is one transaction from its first row to its last.
        with guarded(job.source.name), db.open_connection(address, Scope.everything()) as connection, \
                connection.transaction(force_rollback=True) if begun is None else nullcontext():
            if begun is None:
                lift_limits(connection)
            stage = Stage(connection, begun.id if begun else -connection.info.backend_pid, job.columns)
            if stage.exists():
                reached = stage.recover(reached, rejects)
            else:
                reached = 0
                stage.create()
            read, route = stage_rows(job, connection, stage, reached, rejects, watcher)
            return _finish(job, connection, stage, begun, read, route, rejects, watcher)
    except DatabaseUnreachable as error:
        if begun is None:
            raise
        raise DatabaseUnreachable(error.what, "Nothing was imported. Look at `shapan db status`, then go on with "
                                  f"`shapan import resume {begun.id}`.") from error


def _finish(job: Job, connection: psycopg.Connection, stage: Stage, begun: ledger.Run | None, read: int,
            route: crs.Route | None, rejects: Rejects, watcher: Watcher) -> Report:
    """Place the staged rows and write them, in one transaction that also ends the run."""
    request, concept, columns = job.request, job.request.concept, job.columns
    with connection.transaction() as transaction:
        wait_for_turn(connection, concept)
        watcher.step("placing")
        stage.open()
        repeated, doubles = refuse.doubles(connection, concept)
        rejects.add(doubles)
        rejects.add(refuse.before_placing(connection, concept, columns))
        place.place(connection, concept, columns)
        if request.outside == "reject" and "geom" in columns:
            rejects.add(outside.reject(connection, concept))
        rejects.add(refuse.after_placing(connection, concept, columns, job.name))
        doubles = upsert.doubles_again(connection, concept, columns, job.name)
        refuse.remember(connection, doubles)
        rejects.add(doubles)
        watcher.step("writing")
        refused = request.allowed.exceeded(len(rejects), read)
        counts = Counts() if refused else _write(connection, job, rejects)
        refused = counts is None or request.allowed.exceeded(len(rejects), read)
        if concept.table == "building" and not refused:
            ground.fill(connection, job.settings)
        committed = not refused and not request.dry_run
        report = Report(concept.name, concept.title, job.source.name, job.name, route, read, repeated,
                        Counts() if refused else counts, rejects, committed, request.dry_run, 0.0, begun and begun.id,
                        unplaced_rows=outside.rows(connection) if not refused and counts.unplaced else ())
        if not committed:
            raise psycopg.Rollback(transaction)
        stage.drop()
        begun.finish("done", report.recorded(), report.facts(), rejects, connection)
    if begun is not None and not committed:
        with connection.transaction():
            lift_limits(connection)
            stage.drop()
            begun.finish("failed", report.recorded(), report.facts(), rejects, connection)
    return report


def _write(connection: psycopg.Connection, job: Job, rejects: Rejects) -> Counts | None:
    """Bring the staged rows into the table; return None where conflicts forbid it."""
    request, concept, columns = job.request, job.request.concept, job.columns
    refuse.drop_refused(connection)
    for statement in concept.before:
        connection.execute(statement, {"source": job.name})
    compared = upsert.compare(connection, concept, columns, job.name)
    if compared and request.on_conflict == "fail":
        conflicts = upsert.conflicts(connection, concept)
        rejects.add(conflicts)
        if conflicts:
            return None
    update = request.on_conflict == "update"
    found = key_doubts.find(connection, concept, columns, job.name, compared=compared, update=update)
    try:
        with connection.transaction():
            counts = upsert.write(connection, concept, columns, job.name, compared=compared, update=update)
    except psycopg.errors.CheckViolation:
        faults = refuse.unsound(connection, concept) if "geom" in columns else []
        if not faults:
            raise
        rejects.add(faults)
        refuse.drop_refused(connection)
        compared = upsert.compare(connection, concept, columns, job.name)
        counts = upsert.write(connection, concept, columns, job.name, compared=compared, update=update)
    for statement in concept.after:
        connection.execute(statement)
    if counts.updated and concept.table in placing.MOVE_ALARMS:
        alarms.follow(connection)
    if counts.inserted + counts.updated:
        search_entries.refresh(connection, concept.table, job.name)
    if counts.inserted + counts.updated >= FRESH_STATISTICS_FROM:
        connection.execute(ANALYZE, [concept.table])
    return replace(counts, doubts=found)
