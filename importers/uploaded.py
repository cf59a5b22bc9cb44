"""Files that a browser sent: what is asked for, which rejected rows are kept, and how long all of it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePath

import psycopg
import structlog
from psycopg.types.json import Jsonb

from importers import concepts, ledger, mapping, pipeline, rejects_file, stopped
from importers.faults import LISTED
from importers.progress import Watcher
from importers.report import Allowance, Report
from importers.request import Request
from importers.source import Batch, Source, open_source
from spatial import cipher, disk, server, uploads
from spatial.errors import DiskNearlyFull, ShapanError, SourceError
from spatial.queries import imports
from spatial.settings import Settings

log = structlog.get_logger()

ORPHAN_AFTER_S = 24 * 3600.0
"""Age of a folder of uploads that no run names; a slow upload is younger."""

MOST_ROWS = LISTED
"""Rejected rows from which on no file of them is kept: something is wrong with all of them then."""

MOST_BYTES = 256 * disk.MEGABYTE
"""Rejected rows are held in memory while they are written; more than this are not."""

_TABLES = ("text", "workbook")
"""Drivers of tables, which people correct as tables whether or not they say where something is."""

# Rows: uploads of runs that have ended and that nobody holds: id, token, state, whether their time is over.
_ENDED = """
WITH ended AS MATERIALIZED (
    SELECT id, upload, state, finished_at < now() - make_interval(days => %(days)s) AS over FROM import_run
    WHERE upload IS NOT NULL AND state IN ('done', 'failed', 'cancelled') FOR UPDATE SKIP LOCKED
)
SELECT * FROM ended WHERE pg_try_advisory_xact_lock(%(locks)s + id)
"""
_FORGET = "UPDATE import_run SET upload = NULL WHERE id = %s"
_KNOWN = "SELECT EXISTS (SELECT FROM import_run WHERE upload = %s)"
_NOTE = "UPDATE import_run SET detail = detail || %s WHERE id = %s"
_UPLOAD = "SELECT upload, file_name FROM import_run WHERE id = %s"


def read_request(settings: Settings, upload: uploads.Upload, concept: str, file_name: str, account: str) -> Request:
    """Return what a person asked for on the page.

    Args:
        settings: where the uploads are.
        upload: the stored files.
        concept: name of the concept. file_name: as its owner calls the file. account: who asked.

    Raises:
        SourceError: the file is gone.
        MappingError: the mapping is none.
    """
    asked = upload.request()
    if asked is None:
        raise SourceError(f"The uploaded file {file_name} is no longer there.",
                          "Nothing was imported. Send it again.")
    mapped = mapping.read(upload.mapping) if upload.mapping else mapping.MappingFile()
    named = asked.get("source") or mapped.source or pipeline.default_source(PurePath(file_name))
    return Request(
        concepts.find(concept), upload.path(asked["ending"]), account, layer=asked.get("layer"),
        crs=asked.get("crs"), override_crs=bool(asked.get("override_crs")), swap_axes=bool(asked.get("swap_axes")),
        source=named, key=asked.get("key"), mapping=mapped, allowed=Allowance.parse(asked.get("max_rejects") or "0"),
        on_conflict=asked.get("on_conflict") or "update", outside=asked.get("outside") or "keep",
        dry_run=bool(asked.get("dry_run")),
        repair=float(asked["repair"].removesuffix("%")) / 100 if asked.get("repair") else None)


def resume(run_id: int, settings: Settings, watcher: Watcher | None = None) -> Report:
    """Go on with a run that was stopped, whoever began it; see ``pipeline.resume``.

    Of one that was sent by a browser, the rejected rows are kept as the worker keeps them.
    """
    with stopped.take_up(server.addresses(settings).worker, run_id) as taken:
        report = pipeline.resume(run_id, settings, watcher, taken)
        token, file_name = taken.run.connection.execute(_UPLOAD, (run_id,)).fetchone()
        if token is not None:
            report = replace(report, file=report.file.replace(token, PurePath(file_name).stem))
            request = Request.opened(taken.request, cipher.from_file(settings.key_file))
            keep_rejects(taken.run.connection, run_id, settings, uploads.find(settings, token), request, report)
    return report


def keep_rejects(connection: psycopg.Connection, run_id: int, settings: Settings, upload: uploads.Upload,
                 request: Request, report: Report) -> None:
    """Write the rejected rows of a run beside its file, to be downloaded, corrected and sent again.

    Rows of people are not: they would leave the server by a browser. Where no file can be kept, the run says why.

    Args:
        connection: holds the run's lock, so that nobody deletes the upload meanwhile.
        run_id: number of the run, whose outcome is on record.
        settings: how much room there must be, and how large a file may be sent.
        upload: the stored files. request: what was asked for. report: what became of it.
    """
    if not report.rejects.rows or request.concept.personal:
        return
    try:
        if len(report.rejects) > MOST_ROWS:
            raise SourceError(f"More than {MOST_ROWS:,} rows were rejected.",
                              "Something is wrong with all of them: look at the file, the coordinates, the mapping.")
        disk.guard_free_space(settings, "the reject file", upload.size)
        source = open_source(request.path, request.layer or request.mapping.layer, request.concept.name)
        plain = source.layer.geometry is None or source.layer.driver in _TABLES
        path = upload.rejects_path(".csv" if plain else ".gpkg")
        rejects_file.write(path, _Limited(**vars(source), wanted=report.rejects.rows), report.rejects)
        if path.stat().st_size > settings.upload_mb * disk.MEGABYTE:
            path.unlink()
            raise SourceError(f"The rejected rows have more than the {settings.upload_mb} MB of an upload.", "")
    except (ShapanError, OSError) as error:
        log.warning("no reject file", run=run_id, error=type(error).__name__)
        said = error.what if isinstance(error, SourceError | DiskNearlyFull) else type(error).__name__
        connection.execute(_NOTE, (Jsonb({"rejects_lost": said.replace(upload.token, "…")}), run_id))


@dataclass(frozen=True)
class _Limited(Source):
    """A source that is given up when the rows wanted of it become too many bytes."""

    wanted: set[int] = field(default_factory=set)

    def batches(self) -> Iterator[Batch]:
        taken = 0
        for batch in super().batches():
            inside = [row for row in range(batch.rows) if batch.first + row in self.wanted]
            columns = [*batch.columns.values(), *([] if batch.wkb is None else [batch.wkb])]
            taken += sum(column.take(inside).nbytes for column in columns) if inside else 0
            if taken > MOST_BYTES:
                raise SourceError(f"The rejected rows have more than {MOST_BYTES // disk.MEGABYTE} MB.", "")
            yield batch


def tidy(connection: psycopg.Connection, settings: Settings) -> None:
    """Delete the files of runs that succeeded, were cancelled, or failed days ago.

    Of a run that succeeded with rejects, the reject file is kept as long as a failed upload.

    Args:
        connection: of the worker, autocommit.
        settings: where the uploads are, and how long they are kept.
    """
    gone: list[uploads.Upload] = []
    with connection.transaction():
        rows = connection.execute(_ENDED, {"days": settings.upload_days, "locks": imports.RUN_LOCKS}).fetchall()
        for run_id, token, state, over in rows:
            upload = uploads.find(settings, token)
            if state == "cancelled":
                ledger.Run(connection, run_id).forget()
            elif not over and state == "failed":
                continue
            elif not over and upload.rejects is not None:
                upload.keep_only_rejects()
                continue
            connection.execute(_FORGET, (run_id,))
            gone.append(upload)
    for upload in gone:
        upload.remove()


def remove_orphans(connection: psycopg.Connection, settings: Settings) -> None:
    """Delete folders of uploads that no run names: the service ended while they were sent."""
    for upload in uploads.older_than(settings, ORPHAN_AFTER_S):
        if not connection.execute(_KNOWN, (upload.token,)).fetchone()[0]:
            upload.remove()
