"""The chunks of a run: read → map → validate → reproject → stage, one chunk after the other."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import pyarrow as pa

from importers import clean, fields
from importers.faults import LEFT_OUT, Fault, Rejects
from importers.formats.base import NO_DATA
from importers.inspection import doubt, systems
from importers.inspection.record import Record
from importers.mapping import FieldMapping
from importers.mend import Mender
from importers.progress import Watcher
from importers.reference import find_reference, overruled
from importers.request import Request
from importers.rows import Maker
from importers.source import Batch, Source, typical_box
from importers.staging import Stage
from importers.stray import Surroundings
from spatial import cipher, crs
from spatial.settings import Settings


@dataclass(frozen=True)
class Job:
    """A request that fits its file.

    Attributes:
        request, settings, source: as they say.
        mapped: how fields come from columns.
        name: name of the source.
        columns: columns of the staging table.
    """

    request: Request
    settings: Settings
    source: Source
    mapped: FieldMapping
    name: str
    columns: dict[str, str]


def stage_rows(job: Job, connection: psycopg.Connection, stage: Stage, reached: int, rejects: Rejects,
               watcher: Watcher) -> tuple[int, crs.Route | None]:
    """Read, map, validate, reproject and stage the rows that are not staged yet.

    Args:
        job: what is imported from where.
        connection: of the stage; tells what is on record, to guess a coordinate system that nobody names.
        stage: takes the rows.
        reached: number of the last row that is staged already.
        rejects: takes what is wrong with rows, and what was mended.
        watcher: is told how it goes on.

    Returns:
        How many rows the source has, and how their coordinates become stored ones.
    """
    batches = job.source.batches()
    route, around = None, None
    if "geom" in job.columns:
        with connection.transaction():
            route, around, batches = _route(job, batches, Record(connection))
    maker = Maker(job.request.concept, cipher.from_file(job.settings.key_file), job.mapped.key_sealed)
    zone = ZoneInfo(job.settings.time_zone)
    # One chunk goes to the database while the next one is prepared.
    repair = job.request.repair
    with ThreadPoolExecutor(1, "stage") as writer, nullcontext() if repair is None else Mender(repair) as mender:
        written = None
        for batch in _after(batches, reached):
            rows, faults, mended = _prepare(job, batch, route, around, zone, maker, mender)
            rejects.add(faults)
            rejects.mended.extend(mended)
            reached = batch.first + batch.rows - 1
            if written is not None:
                written.result()
            written = writer.submit(stage.add, rows, faults + mended, reached)
            watcher.read(reached)
        if written is not None:
            written.result()
    return reached, route


def _after(batches: Iterator[Batch], reached: int) -> Iterator[Batch]:
    """Leave out the rows up to ``reached``."""
    for batch in batches:
        known = min(max(reached + 1 - batch.first, 0), batch.rows)
        if known == 0:
            yield batch
        elif known < batch.rows:
            yield batch.after(known)


def _prepare(job: Job, batch: Batch, route: crs.Route | None, around: Surroundings | None, zone: ZoneInfo,
             maker: Maker, mender: Mender | None) -> tuple[pa.RecordBatch, list[Fault], list[Fault]]:
    """Map, validate and reproject some rows.

    Returns:
        The good ones ready for staging, what is wrong with the others, and what was mended.
    """
    concept = job.request.concept
    values, key, faults = job.mapped.apply(batch)
    checked, found = fields.check(concept, values, batch.first, zone)
    # What is said of a cell is not said again of the value made of it.
    told = {(fault.row, fault.field) for fault in faults}
    faults += [*batch.faults, *(fault for fault in found if (fault.row, fault.field) not in told)]
    ewkb, mended = None, []
    if route is not None:
        geometries, found, mended = clean.check(concept, batch.wkb, batch.first, route.reference, mender, around)
        # A geometry that could not be read out of the file is not missing as well.
        spoilt = {fault.row for fault in batch.faults}
        faults += [fault for fault in found if fault.row not in spoilt]
        ewkb, found = clean.reproject(concept, geometries, batch.first, route, None if mended else batch.wkb,
                                      around)
        faults += found
    below = {fault.row for fault in batch.faults if fault.reason in NO_DATA}
    faults = [fault for fault in faults if fault.row not in below or fault.reason in (*NO_DATA, LEFT_OUT)]
    good = np.ones(batch.rows, bool)
    good[[fault.row - batch.first for fault in faults]] = False
    return maker.make(batch, checked, key, ewkb, good), faults, mended


def _route(job: Job, batches: Iterator[Batch], known: Record) -> tuple[
        crs.Route | None, Surroundings | None, Iterator[Batch]]:
    """Decide about coordinates with the first rows; return the route, where rows may lie, and all rows."""
    first = next(batches, None)
    if first is None or first.rows == 0:
        return None, None, iter(())
    typed = job.request.crs or job.request.mapping.crs
    box = typical_box(first.wkb)
    reference = find_reference(job.source, typed, box, job.request.override_crs,
                               lambda: systems.advise(first.wkb, known))
    route = crs.route(reference)
    if job.request.override_crs:
        route = overruled(job.source, route)
    else:
        route = replace(route, remarks=doubt.check(job.source, first.wkb, route, known, typed))
    around = Surroundings.of(route, box, known.somewhere(), job.request.override_crs)
    return route, around, chain([first], batches)
