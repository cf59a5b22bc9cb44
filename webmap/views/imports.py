"""Imports: the history of runs, their rejects, and files that are sent to be imported."""

from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import psycopg
from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer
from apiflask.validators import Range
from flask import Response, request, url_for

from spatial import uploads
from spatial.errors import InvalidInput
from spatial.queries import imports as queries
from spatial.types import EVERYWHERE
from webmap import guard, identity, sheets
from webmap.kept import Kept
from webmap.receive import Received, receive
from webmap.services import services, transaction
from webmap.upload_form import read_files, read_options

imports = APIBlueprint("imports", __name__, url_prefix="/api/imports", tag="Imports")

LARGEST_ID = 2**63 - 1
FAULTS_MOST = 10_000


class RunsQuery(Schema):
    """Which runs."""

    before = Integer(load_default=None, validate=Range(1, LARGEST_ID))
    limit = Integer(load_default=50, validate=Range(1, 200))


class FaultsQuery(Schema):
    """Which faults of a run."""

    after = Integer(load_default=0, validate=Range(0, 2**31 - 1))
    limit = Integer(load_default=50, validate=Range(0, 500))


def _whole_area() -> None:
    """Refuse an account with a part of the area: a run is of a whole file, wherever its rows lie."""
    who = identity.current()
    if EVERYWHERE not in who.scope.prefixes:
        raise identity.NotAllowed(f"Account {who.account} sees a part of the area only; imports are for the whole.",
                                  "Ask an administrator.")


@imports.get("")
@identity.needs("imports.read")
@imports.input(RunsQuery, location="query", arg_name="query")
@imports.doc(summary="Import runs, the newest first")
def runs(query: dict[str, Any]) -> dict[str, Any]:
    """List runs; ``next`` is the ``before`` of the next page. ``worker`` tells whether queued ones will be taken."""
    _whole_area()
    with transaction() as connection:
        found = queries.recent(connection, query["before"], query["limit"] + 1)
        worker = queries.worker_lives(connection)
    shown = found[:query["limit"]]
    more = len(found) > len(shown)
    return {"runs": [queries.as_json(run) for run in shown], "next": shown[-1].id if more else None, "worker": worker,
            "now": datetime.now(UTC).isoformat()}


@imports.get("/concepts")
@identity.needs("imports.read")
@imports.doc(summary="What can be imported: concepts with their fields, endings of files, largest upload")
def concepts() -> dict[str, Any]:
    """Return what the import worker said it can take when it last started."""
    with transaction() as connection:
        found = queries.catalogue(connection)
    return {**found, "largest_mb": services().settings.upload_mb}


@imports.get("/<int:run_id>")
@identity.needs("imports.read")
@imports.input(FaultsQuery, location="query", arg_name="query")
@imports.doc(summary="One run: counts, mapping, coordinates, faults page by page", responses={404: "No such run"})
def one(run_id: int, query: dict[str, Any]) -> dict[str, Any]:
    """Return one run with a page of its faults; ``next`` is the ``after`` of the next page."""
    _whole_area()
    with transaction() as connection:
        run = queries.get(connection, run_id)
        mapping, report, recorded = queries.detail(connection, run_id)
        faults = queries.faults(connection, run_id, query["after"], query["limit"])
        kept = _kept(connection, run, report) if identity.current().may("imports.send") else None
    last = faults[-1].ordinal if faults else query["after"]
    return {
        **queries.as_json(run), "mapping": mapping, "crs": report.get("crs"), "reasons": report.get("reasons", {}),
        "repeated": report.get("repeated"), "skipped": report.get("skipped"), "faults_recorded": recorded,
        "warnings": report.get("warnings", []),
        "faults": [vars(fault) for fault in faults], "next": last if faults and last < recorded else None,
        "reject_file": kept and kept.reject_file(), "request": kept and kept.request(),
    }


def _kept(connection: psycopg.Connection, run: queries.Run, report: dict[str, Any]) -> Kept:
    token, held = queries.upload(connection, run.id)
    return Kept(run, uploads.find(services().settings, token) if token else None, held, queries.is_personal(
        connection, run.concept), report.get("rejects_lost"), services().settings.upload_days)


@imports.get("/<int:run_id>/reject-file")
@identity.needs("imports.send")
@imports.doc(summary="The rejected rows of an upload with their original values, to be corrected and sent again",
             responses={200: "GeoPackage, or CSV in UTF-8 with a byte order mark", 404: "No such run, or no file"})
def reject_file(run_id: int) -> Response:
    """Return the reject file of a run that a browser sent, as long as it is kept."""
    _whole_area()
    with transaction() as connection:
        run = queries.get(connection, run_id)
        kept = _kept(connection, run, {})
    return kept.download()


@imports.get("/<int:run_id>/rejects.csv")
@identity.needs("imports.read")
@imports.doc(summary="The faults of a run as CSV: row, field, reason, message",
             responses={200: "text/csv, UTF-8 with a byte order mark", 404: "No such run"})
def rejects(run_id: int) -> Response:
    """Return the recorded faults as a table that spreadsheets open as text and never as formulas."""
    _whole_area()
    with transaction() as connection:
        queries.get(connection, run_id)
        faults = queries.faults(connection, run_id, limit=FAULTS_MOST)
    return sheets.answer(f"import-{run_id}-rejects", ("row", "field", "reason", "message"),
                         [(fault.row, fault.field, fault.reason, fault.message) for fault in faults])


@imports.post("")
@identity.needs("imports.send")
@guard.takes_files
@imports.doc(
    summary="Send files to be imported",
    description="multipart/form-data with the header X-Shapan: 1. `file`: the file; for a shapefile a zip, or its "
                "parts under one name. `concept` and, as on the command line, `crs`, `override_crs`, `swap_axes`, "
                "`source`, `key`, `layer`, `max_rejects`, `on_conflict`, `dry_run`, `repair`; `mapping`: text of a "
                "mapping file (YAML).",
    responses={201: "Queued; Location names the run", 413: "Too large", 422: "All faults", 507: "Not enough space"})
def send() -> tuple[dict[str, Any], int, dict[str, str]]:
    """Store files and queue a run, which the import worker takes. Nothing is kept where anything is wrong."""
    _whole_area()
    received = receive(request, services().settings)
    try:
        run_id = _queue(received)
    except BaseException:
        received.upload.remove()
        raise
    return {"id": run_id}, 201, {"Location": url_for("imports.one", run_id=run_id)}


def _queue(received: Received) -> int:
    with transaction() as connection:
        catalogue = queries.catalogue(connection)
    options, faults = read_options(received, catalogue)
    name, endings, wrong = read_files(received, catalogue)
    faults += wrong
    if faults:
        raise InvalidInput(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the upload; nothing was imported. "
                           + "; ".join(f"{place}: {message}" for place, message in faults[:5]), faults)
    concept, mapping = options.pop("concept"), options.pop("mapping")
    size = received.size
    source = options.get("source") or PurePath(name).stem.removesuffix(".rejects")
    received.keep(endings)
    received.upload.describe({**options, "ending": next(iter(endings))}, mapping)
    with transaction() as connection:
        return queries.queue(
            connection, concept=concept, file=name, source=source,
            account=identity.current().account, upload=received.upload.token, size=size)


@imports.post("/<int:run_id>/cancel")
@identity.needs("imports.send")
@imports.doc(summary="Cancel a run", responses={404: "No such run", 409: "It has ended"})
def cancel(run_id: int) -> dict[str, Any]:
    """Cancel a run that waits; one that the worker is carrying out ends within moments and imports nothing."""
    _whole_area()
    with transaction() as connection:
        return queries.as_json(queries.cancel(connection, run_id, identity.current().account))


@imports.post("/<int:run_id>/resume")
@identity.needs("imports.send")
@imports.doc(summary="Go on with a run that was stopped", responses={404: "No such run", 409: "It was not stopped"})
def resume(run_id: int) -> dict[str, Any]:
    """Queue a run again that was killed or lost its database; it goes on from its last chunk with its own file."""
    _whole_area()
    with transaction() as connection:
        return queries.as_json(queries.resume(connection, run_id))
