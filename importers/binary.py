"""Geometries out of their binary form, whatever stands in it."""

import numpy as np
import pyarrow as pa
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


def exchanged(wkb: pa.Array) -> pa.Array:
    """Return geometries with x and y exchanged, two-dimensional; bytes that are no geometry stay as they are.

    Args:
        wkb: geometries, null where there is none.
    """
    raw = wkb.to_numpy(zero_copy_only=False)
    shapes = decode(raw)
    with np.errstate(invalid="ignore"):
        turned = shapely.to_wkb(shapely.transform(shapes, lambda points: points[:, ::-1]))
    return pa.array(np.where(shapely.is_missing(shapes), raw, turned), pa.binary())


def _single(raw: bytes | None) -> shapely.Geometry | None:
    try:
        return shapely.from_wkb(raw, on_invalid="ignore")
    except NotImplementedError:
        return None
