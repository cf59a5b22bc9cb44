"""Whether what is on record speaks against the coordinate system that an import is about to believe.

A wrong central meridian and the shifts of public maps leave numbers that look right. They show where areas,
footprints or roads are on record, and a few rows are enough to see it.
"""

import shlex
from dataclasses import replace

import numpy as np
import pyarrow as pa

from importers.inspection import sample as samples
from importers.inspection.record import Record
from importers.inspection.systems import INSIDE, NEAR_M, Candidate, candidates, decide, neighbours
from importers.reference import declared
from importers.source import Source
from spatial import crs
from spatial.errors import MappingError

ROWS = 1000
"""Rows of the first batch that are looked at, evenly spread."""

SPOTS = 100
"""Of these, so many are tried on the areas, and twice as many, next to each other, on footprints or roads."""

OUTSIDE = 0.05
"""With a smaller share of rows inside the areas on record the system is doubted."""

LEAST_SHIFTED = 5
"""Rows from which a shift of some 500 m is told by areas alone."""

SAME_PLACE = 1e-5
"""Degrees, about 1 m: candidates that differ by less put the rows at the same place."""


def check(source: Source, wkb: pa.Array, route: crs.Route, record: Record, typed: str | None) -> tuple[str, ...]:
    """Refuse a system that the record contradicts while another one fits.

    Costs three small queries where the rows lie on what is on record.

    Args:
        source: the layer, for messages.
        wkb: geometries of the first batch.
        route: how their coordinates would become stored ones.
        record: what is on record.
        typed: what the person typed after ``--crs``; None where nothing was.

    Returns:
        Sentences for the report: what speaks against the system and is not enough to refuse it.

    Raises:
        MappingError: nearly no row lies inside the areas on record and as another system nearly all do, or
            the rows lie on the objects on record as another system and clearly not as this one.
    """
    rows = np.unique(np.linspace(0, len(wkb) - 1, min(ROWS, len(wkb))).astype(int))
    sample = samples.of(wkb.take(pa.array(rows)))
    spots = sample.spots(SPOTS)
    if sample.box is None or not len(spots):
        return ()
    near = sample.middle(2 * SPOTS)
    residuals = record.residuals([route.transform(near.spots(2 * SPOTS))], neighbours(near))
    if residuals is not None and residuals[0] <= NEAR_M:
        return ()
    force = Candidate(route.reference.shift or route.reference.label, route.reference.title)
    share = record.hits(route.transform(spots))
    if share is None and not route.reference.geographic:
        return ()
    tried = [(force, route), *_others(sample, spots, route)]
    compared = _compared(tried, spots, near, record, share)
    found, _, evidence = decide(compared, len(spots), neighbours(near), route.reference.geographic)
    best = None if found is None or found.option == force.option else found
    if best is None and share is not None and share < OUTSIDE:
        best = next((one for one in compared if (one.inside or 0.0) >= INSIDE), None)
    if best is None:
        return ()
    enough = not route.reference.geographic or len(spots) >= LEAST_SHIFTED
    by_areas = share is not None and share < OUTSIDE and (best.inside or 0.0) >= INSIDE and enough
    by_objects = found is best and best.residual_m is not None and best.residual_m <= NEAR_M and "medians" in evidence
    right = _words(best.option, declared(source) is not None)
    if by_areas or by_objects:
        believed = route.reference.shift or (force.option if ":" in force.option else shlex.quote(typed or "…"))
        raise MappingError(
            f"{source.name}: the coordinates are not read as {force.words}, because they fit {best.words}: "
            f"{evidence}",
            f"Nothing was imported. Type {right}. If {force.words} is right all the same, type "
            f"--crs {believed} --override-crs.")
    return (f"Read as {force.words}, but the rows fit {best.words} better: {evidence} If that is right, import the "
            f"file again with {right}.",)


def _others(sample: samples.Sample, spots: np.ndarray, route: crs.Route) -> list[tuple[Candidate, crs.Route]]:
    """Return the other systems that such numbers may be in, and that put them elsewhere."""
    here = route.transform(spots)
    routes = [(one, crs.route(crs.reference(one.option))) for one in candidates(sample.box)]
    with np.errstate(invalid="ignore"):
        return [(one, way) for one, way in routes if not (np.abs(way.transform(spots) - here) <= SAME_PLACE).all()]


def _compared(tried: list[tuple[Candidate, crs.Route]], spots: np.ndarray, near: samples.Sample, record: Record,
              share: float | None) -> tuple[Candidate, ...]:
    """Return the candidates with how they lie on the record, the best first, the one in force the first of equals."""
    shares = [share, *(record.hits(way.transform(spots)) for _, way in tried[1:])]
    likely = [number for number, inside in enumerate(shares) if number == 0 or inside is None or inside > 0]
    where = near.spots(2 * SPOTS)
    residuals = record.residuals([tried[number][1].transform(where) for number in likely], neighbours(near))
    known = dict(zip(likely, residuals, strict=True)) if residuals is not None else {}
    found = [replace(one, inside=inside, residual_m=known.get(number))
             for number, ((one, _), inside) in enumerate(zip(tried, shares, strict=True))]
    return tuple(sorted(found, key=lambda one: (one.residual_m is None, one.residual_m or 0.0, -(one.inside or 0.0))))


def _words(option: str, declares: bool) -> str:
    return f"--crs {option}" + (" --override-crs" if declares else "")


__all__ = ["check"]
