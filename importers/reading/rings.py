"""Geometries of more vertices than a ring may have, found without building any."""

import struct

import numpy as np
import pyarrow as pa

MOST_VERTICES = 200_000
"""Vertices of one ring or line at most. Checks of a ring take time by n·log n at best, and drawing it n."""

_DEEPEST = 8
_LINE, _POLYGON = 2, 3
_COLLECTIONS = range(4, 18)


def bound(wkb: pa.Array, faults: pa.Array | None) -> tuple[pa.Array, pa.Array | None]:
    """Take out geometries with a ring or line that is too long.

    Args:
        wkb: geometries.
        faults: faults of the rows so far; None where there are none.

    Returns:
        The geometries, null in the place of the ones taken out, and the faults with theirs.
    """
    wkb = wkb.storage if isinstance(wkb.type, pa.BaseExtensionType) else wkb
    wkb = wkb if pa.types.is_binary(wkb.type) else wkb.cast(pa.binary())
    lengths = np.asarray(pa.compute.fill_null(pa.compute.binary_length(wkb), 0))
    found: dict[int, int] = {}
    for position in np.flatnonzero(lengths > 16 * MOST_VERTICES):
        longest = longest_sequence(wkb[int(position)].as_py())
        if longest > MOST_VERTICES:
            found[int(position)] = longest
    if not found:
        return wkb, faults
    told = faults.to_pylist() if faults is not None else [None] * len(wkb)
    for position, longest in found.items():
        told[position] = told[position] or f"too-many-vertices|the geometry has a ring or line of {longest:,} " \
            f"vertices; {MOST_VERTICES:,} are the most. Simplify it"
    kept = np.ones(len(wkb), bool)
    kept[list(found)] = False
    return pa.compute.if_else(pa.array(kept), wkb, pa.scalar(None, pa.binary())), pa.array(told, pa.string())


def longest_sequence(wkb: bytes) -> int:
    """Return how many vertices the longest ring or line of a geometry has; 0 where the bytes are no geometry."""
    try:
        return _walk(wkb, 0, 0)[1]
    except (struct.error, ValueError):
        return 0


def _walk(wkb: bytes, at: int, depth: int) -> tuple[int, int]:
    """Return where a geometry ends, and its longest sequence."""
    order = "<" if wkb[at] == 1 else ">"
    code, = struct.unpack_from(order + "I", wkb, at + 1)
    # ISO adds 1000 for z, 2000 for m; the extended form sets the top bits.
    iso = (code & 0xFFFF) // 1000
    width = 8 * (2 + bool(code & 0x80000000 or iso in (1, 3)) + bool(code & 0x40000000 or iso in (2, 3)))
    at += 9 if code & 0x20000000 else 5
    kind = (code & 0xFFFF) % 1000
    if kind == 1:
        return at + width, 1
    count, = struct.unpack_from(order + "I", wkb, at)
    at += 4
    if kind == _LINE or kind == 8:
        return at + count * width, count
    longest = 0
    if kind in (_POLYGON, 17):
        for _ in range(count):
            length, = struct.unpack_from(order + "I", wkb, at)
            at += 4 + length * width
            longest = max(longest, length)
    elif kind in _COLLECTIONS:
        if depth >= _DEEPEST:
            raise ValueError("nested too deep")
        for _ in range(count):
            at, length = _walk(wkb, at, depth + 1)
            longest = max(longest, length)
    return at, longest
