"""Tables of text cells: the position of a row, however the table says it."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from importers.formats import coordinates, heads
from importers.formats.base import FAULT, GEOMETRY, NO_DATA
from importers.formats.coordinates import Axis

MOST_COLUMNS = 2000

# Names of columns as people write them, in lower case without spaces and underscores.
_LONGITUDES = ("经度", "longitude", "lon", "lng", "long", "lngdeg", "londeg", "longitudex", "经度坐标", "经度x")
_LATITUDES = ("纬度", "latitude", "lat", "latdeg", "latitudey", "纬度坐标", "纬度y")
_EASTINGS = ("x", "x坐标", "坐标x", "横坐标", "东坐标", "easting", "coordx", "xcoord", "pointx")
_NORTHINGS = ("y", "y坐标", "坐标y", "纵坐标", "北坐标", "northing", "coordy", "ycoord", "pointy")
_TEXTS = ("wkt", "geom", "geometry", "thegeom", "shape", "wktgeometry", "几何", "空间坐标", "坐标串")
_WKT = re.compile(r"^\s*(SRID=(\d+);)?\s*((MULTI|CURVE)?(POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION"
                  r"|CIRCULARSTRING|COMPOUNDCURVE|MULTICURVE|MULTISURFACE|POLYHEDRALSURFACE|TIN|TRIANGLE)\b",
                  re.IGNORECASE)
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
# Cells by which the lines below a table begin: 合计, 总 计：, 备注1：, 制表人：.
_TOTAL = re.compile(r"(合|总|小|共|累|本页小|本页合)\s*计\s*[:：]?|总\s*数\s*[:：]?")
_REMARK = re.compile(r"([备附]?注|说明|([制填]表|填报|[审复]核|负责人|统计|单位|日期)\w*)\s*\d*\s*[:：]")
_NO_POSITION = ("", "null", "none", "nan", "na", "n/a", "无", "-")


@dataclass(frozen=True)
class Position:
    """Where a table says where a row is.

    Attributes:
        columns: one column of WKT, or two: x (longitude, easting) and y.
        crs: authority code that every WKT names; None where none does.
        degrees: the two columns are called longitude and latitude.
    """

    columns: tuple[str, ...]
    crs: str | None = None
    degrees: bool = False

    @property
    def words(self) -> str:
        """Say it for a person."""
        return f"Positions are read from the columns {' and '.join(self.columns)}."


def find_head(rows: list[list[str | None]]) -> heads.Head | None:
    """Find the names of the columns, also where they stand in two lines as over merged cells: 位置 over 经度 and 纬度.

    Args:
        rows: the first rows of a table.

    Returns:
        The head; None where every row is empty.
    """
    found = heads.find(rows)
    if found is None or found.missing:
        return found
    # The line that was found may be the upper one, or the lower one where few cells stand above it.
    placed = find_position(found.names, []) is not None
    first = found.above - 1 if placed else found.above
    if first < 0 or first + 1 >= len(rows):
        return found
    upper, lower = ([(cell or "").strip(heads.SPACES) for cell in row] for row in rows[first:first + 2])
    both = [low or high for high, low in zip_longest(upper, lower, fillvalue="")]
    added = [cell for cell in both if cell and cell not in lower]
    # A title over everything is one cell, a remark has a colon; a row of data has a digit.
    if sum(map(bool, upper)) < 2 or not added or any(re.search("[:：]", cell) for cell in added) \
            or any(re.search("[0-9]", cell) for cell in lower):
        return found
    names = heads.unique_names(both)
    if find_position(names, []) is None:
        return found
    return replace(found, names=names, above=first, lines=2, repeated=heads.repeated(both))


def find_position(names: list[str], first_rows: list[list[str | None]]) -> Position | None:
    """Return where the rows of a table say where they are; None where they do not.

    Args:
        names: of the columns.
        first_rows: some rows.
    """
    known = {re.sub(r"[\s_\-()（）°.]", "", name).lower(): name for name in reversed(names)}
    for word in _TEXTS:
        if word in known:
            at = names.index(known[word])
            cells = [row[at] for row in first_rows if at < len(row) and row[at]]
            read = [found for cell in cells if (found := _WKT.match(cell))]
            # Most must be geometries: some odd cells reject their rows, a column of something else is no position.
            if 2 * len(read) > len(cells):
                numbers = {found[2] for found in read}
                return Position((known[word],), f"EPSG:{numbers.pop()}" if len(numbers) == 1 and None not in numbers
                                else None)
    for xs, ys in ((_LONGITUDES, _LATITUDES), (_EASTINGS, _NORTHINGS)):
        x, y = (next((known[word] for word in words if word in known), None) for words in (xs, ys))
        if x is not None and y is not None:
            at = names.index(x), names.index(y)
            cells = [[row[one] for row in first_rows if one < len(row) and row[one]] for one in at]
            # What the cells name decides, not what the columns are called.
            turned = all(_names_direction(column, axis) for column, axis in zip(cells, (Axis.Y, Axis.X), strict=True))
            return Position((y, x) if turned else (x, y), degrees=xs is _LONGITUDES)
    return None


def _names_direction(cells: list[str], axis: Axis) -> bool:
    """Tell whether most cells name a direction of an axis: 北纬31°, 117°E."""
    return 2 * sum(coordinates.direction(cell) is axis for cell in cells) > len(cells)


def batches(names: list[str], rows: Iterable[tuple[list[str | None], str | None]], position: Position | None,
            size: int) -> Iterator[pa.RecordBatch]:
    """Make batches of rows of text.

    Args:
        names: of the columns.
        rows: cells of a row, as many as there are names, and what is wrong with it (``FAULT``) or None.
        position: where they say where they are.
        size: rows of a batch.
    """
    part: list[tuple[list[str | None], str | None]] = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield _batch(names, part, position)
            part = []
    if part:
        yield _batch(names, part, position)


def _batch(names: list[str], rows: list[tuple[list[str | None], str | None]], position: Position | None,
           ) -> pa.RecordBatch:
    cells = list(zip(*(row for row, _ in rows), strict=True))
    arrays = {name: pa.array(column, pa.string()) for name, column in zip(names, cells, strict=True)}
    faults = [_below(row) or fault for row, fault in rows]
    if position is not None:
        shapes, wrong = _shapes([arrays[name] for name in position.columns], position)
        for at, what in wrong.items():
            faults[at] = faults[at] or what
        arrays[GEOMETRY] = shapes
    arrays[FAULT] = pa.array(faults, pa.string())
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def _below(row: list[str | None]) -> str | None:
    """Say what is wrong with a line of totals or remarks below a table; None where it is none."""
    first = next((cell for cell in row if cell), "").strip(heads.SPACES)
    if _TOTAL.fullmatch(first):
        return f"{NO_DATA[0]}|the row looks like a line of totals and not like one of the table; delete it"
    if _REMARK.match(first) and 2 * sum(1 for cell in row if cell) < len(row):
        return f"{NO_DATA[1]}|the row looks like a remark below the table and not like one of its rows; delete it"
    return None


def _shapes(columns: list[pa.Array], position: Position) -> tuple[pa.Array, dict[int, str]]:
    return _from_text(columns[0], position) if len(columns) == 1 else _from_numbers(columns, position)


def _from_numbers(columns: list[pa.Array], position: Position) -> tuple[pa.Array, dict[int, str]]:
    wrong: dict[int, str] = {}
    points = np.full((len(columns[0]), 2), np.nan)
    for at, (column, axis) in enumerate(zip(columns, Axis, strict=True)):
        text = pc.replace_substring_regex(column, "[º˚∘]", "°")
        text = pc.utf8_trim(pc.utf8_normalize(text, form="NFKC"), characters=heads.SPACES)
        text = pc.replace_substring_regex(text, "°$", "")
        text = pc.if_else(pc.is_in(pc.utf8_lower(text), value_set=pa.array(_NO_POSITION)), None, text)
        good = pc.fill_null(pc.match_substring_regex(text, _NUMBER), False)
        numbers = pc.fill_null(pc.if_else(good, text, None).cast(pa.float64()), float("nan"))
        points[:, at] = numbers.to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(np.asarray(pc.and_(pc.is_valid(text), pc.invert(good)))):
            read = coordinates.read(text[int(row)].as_py(), axis, position.degrees)
            if isinstance(read, float):
                points[row, at] = read
            else:
                wrong.setdefault(int(row), f"{read[0]}|{position.columns[at]} {read[1]}")
        for row in np.flatnonzero(np.isinf(points[:, at])):
            wrong.setdefault(int(row), f"not-a-number|{position.columns[at]} is beyond every number, so that the row "
                             "has no position")
            points[row, at] = np.nan
    return points_as_wkb(points), wrong


def points_as_wkb(points: np.ndarray) -> pa.Array:
    """Return points as WKB, null where a coordinate is NaN.

    Args:
        points: shape (n, 2), x and y.
    """
    record = np.zeros(len(points), np.dtype([("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")]))
    record["order"], record["kind"] = 1, 1
    record["x"], record["y"] = points[:, 0], points[:, 1]
    missing = np.isnan(points).any(axis=1)
    width = record.dtype.itemsize
    offsets = pa.array(np.arange(len(points) + 1, dtype=np.int32) * width)
    return pa.Array.from_buffers(pa.binary(), len(points), [
        pa.array(~missing).buffers()[1], offsets.buffers()[1], pa.py_buffer(record.tobytes())])


def _parsed(texts: list[str | None]) -> np.ndarray:
    import shapely

    try:
        return shapely.from_wkt(np.array(texts, object), on_invalid="ignore")
    except NotImplementedError:
        # One curve stops the whole column: read the rows one by one.
        shapes = np.empty(len(texts), object)
        for row, text in enumerate(texts):
            with contextlib.suppress(NotImplementedError):
                shapes[row] = shapely.from_wkt(text, on_invalid="ignore")
        return shapes


def _from_text(column: pa.Array, position: Position) -> tuple[pa.Array, dict[int, str]]:
    import shapely

    wrong: dict[int, str] = {}
    texts = [re.sub(r"^\s*SRID=\d+;", "", text, flags=re.IGNORECASE) if text and text.strip() else None
             for text in column.to_pylist()]
    # A WKT text of this length has more vertices than a ring may have; it is not worth parsing.
    texts = [text if text is None or len(text) < (16 << 20) else "too long" for text in texts]
    with np.errstate(invalid="ignore"):
        shapes = _parsed(texts)
        for row, (text, shape) in enumerate(zip(texts, shapes, strict=True)):
            if text is not None and shape is None:
                wrong[row] = f"unreadable-geometry|{position.columns[0]} is not a geometry in WKT, or is a curve"
        return pa.array(shapely.to_wkb(shapes), pa.binary()), wrong
