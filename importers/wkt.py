"""Geometries that GEOS does not take, open rings and curves above all, as text that a person can read and mend."""

import struct

_NAMES = {1: "POINT", 2: "LINESTRING", 3: "POLYGON", 4: "MULTIPOINT", 5: "MULTILINESTRING", 6: "MULTIPOLYGON",
          7: "GEOMETRYCOLLECTION", 8: "CIRCULARSTRING", 9: "COMPOUNDCURVE", 10: "CURVEPOLYGON", 11: "MULTICURVE",
          12: "MULTISURFACE", 15: "POLYHEDRALSURFACE", 16: "TIN", 17: "TRIANGLE"}
"""Types of ISO 19125 and SQL/MM part 3."""

_POINT, _LINES, _RINGS = 1, (2, 8), (3, 17)
# Inside these the type that stands by itself is not named.
_ITS_OWN = {4: 1, 5: 2, 6: 3, 9: 2, 10: 2, 11: 2, 12: 3, 15: 3, 16: 17}
_DEEPEST = 8


def as_text(wkb: bytes) -> str:
    """Return a geometry as WKT, whether or not it is one that can be read.

    Args:
        wkb: WKB or EWKB of a geometry; rings may be open, curves are kept.

    Returns:
        WKT in the coordinates of the geometry. Bytes that are none stand in hexadecimal behind the name of a geometry,
        so that they are taken for one and refused as one.
    """
    try:
        text, end = _written(wkb, 0, 0, None)
    except (struct.error, ValueError, KeyError, IndexError):
        return f"GEOMETRYCOLLECTION UNREADABLE {wkb.hex()}"
    return text if end == len(wkb) else f"GEOMETRYCOLLECTION UNREADABLE {wkb.hex()}"


def _written(wkb: bytes, at: int, depth: int, understood: int | None) -> tuple[str, int]:
    """Return a geometry as text, and where its bytes end."""
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    order = "<" if wkb[at] == 1 else ">"
    code, = struct.unpack_from(order + "I", wkb, at + 1)
    # ISO adds 1000 for z, 2000 for m; the extended form sets the top bits.
    iso, kind = divmod(code & 0xFFFF, 1000)
    z, m = bool(code & 0x80000000) or iso in (1, 3), bool(code & 0x40000000) or iso in (2, 3)
    width = 2 + z + m
    at += 9 if code & 0x20000000 else 5
    marks = f" {'Z' * z}{'M' * m}" if z or m else ""
    name = "" if kind == understood else f"{_NAMES[kind]}{marks} "
    if kind == _POINT:
        point, at = _points(wkb, at, order, 1, width)
        return f"{name}({point})", at
    count, = struct.unpack_from(order + "I", wkb, at)
    at += 4
    if kind in _LINES:
        points, at = _points(wkb, at, order, count, width)
        return name + (f"({points})" if count else "EMPTY"), at
    parts = []
    for _ in range(count):
        if kind in _RINGS:
            length, = struct.unpack_from(order + "I", wkb, at)
            points, at = _points(wkb, at + 4, order, length, width)
            part = f"({points})"
        else:
            part, at = _written(wkb, at, depth + 1, _ITS_OWN.get(kind))
        parts.append(part)
    return name + (f"({', '.join(parts)})" if parts else "EMPTY"), at


def _points(wkb: bytes, at: int, order: str, count: int, width: int) -> tuple[str, int]:
    numbers = struct.unpack_from(f"{order}{count * width}d", wkb, at)
    points = (numbers[start:start + width] for start in range(0, len(numbers), width))
    text = ", ".join(" ".join(repr(number).removesuffix(".0") for number in point) for point in points)
    return text, at + 8 * count * width


__all__ = ["as_text"]
