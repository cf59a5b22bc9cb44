"""Geometries out of their binary form, whatever stands in it."""

import numpy as np
import shapely


def decode(raw: np.ndarray) -> np.ndarray:
    """Decode WKB.

    Args:
        raw: one geometry for each row, None where there is none.

    Returns:
        Shapely geometries, None where there is none, where the bytes are damaged, and where the
        geometry is a curve, which GEOS does not know.
    """
    try:
        return shapely.from_wkb(raw, on_invalid="ignore")
    except NotImplementedError:
        # One curve stops the whole column: look at the rows one by one.
        return np.array([_single(one) for one in raw], object)


def _single(raw: bytes | None) -> shapely.Geometry | None:
    try:
        return shapely.from_wkb(raw, on_invalid="ignore")
    except NotImplementedError:
        return None
