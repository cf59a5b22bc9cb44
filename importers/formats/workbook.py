"""Workbooks (.xlsx, .xlsm, .xls, .ods): each sheet a layer, every cell as text.

A number of 16 digits or more has lost its last ones when it was typed: a workbook holds 15. Such a cell is given as the
workbook shows it, ``1.1010119900307E+17``, which no code or identity number passes as.
"""

import datetime
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa

from importers import archives
from importers.formats import cell_errors, formulas, heads, old_cell_errors, tables
from importers.formats.base import GEOMETRY, Format, Layer, Reader, head, looks_like
from spatial.errors import SourceError

DIGITS = 15
"""Significant digits that a workbook keeps of a number."""

_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAMPLE_ROWS = 200
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]|table:formula=")
_DOCTYPE = re.compile(rb"<!\s*(DOCTYPE|ENTITY)")
_AGAIN = "Nothing was imported. Open it in the program that made it and save it as .xlsx or .csv."


@dataclass(frozen=True)
class _Table:
    """A sheet as a table: names of the columns, where they say a position, what to know, and the rows of data."""

    names: list[str]
    position: tables.Position | None
    notes: tuple[str, ...]
    nameless: bool
    rows: list[list[object]]


@dataclass(frozen=True)
class _Parts:
    """What stands in the parts of a workbook: cells with formulas, perhaps cells with the errors of formulas.

    Those of an old one, which is not packed, are not looked through beforehand.
    """

    formulas: bool = False
    errors: bool = True
    packed: bool = False


class _Workbook:
    """An opened workbook."""

    def __init__(self, path: Path, parts: "_Parts") -> None:
        import python_calamine

        self.path, self._parts = path, parts
        self._tables: dict[str, _Table] = {}
        try:
            self._book = python_calamine.CalamineWorkbook.from_path(str(path))
        except python_calamine.PasswordError as error:
            raise SourceError(f"{path.name} is locked by a password.",
                              "Nothing was imported. Save it without one.") from error
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise SourceError(f"{path.name} is damaged or cut off.", _AGAIN) from error

    def names(self) -> list[str]:
        import python_calamine as calamine

        names = [one.name for one in self._book.sheets_metadata
                 if one.typ == calamine.SheetTypeEnum.WorkSheet and one.visible == calamine.SheetVisibleEnum.Visible]
        # Old workbooks begin with three sheets, of which two stay empty.
        return [name for name in names if not self._is_empty(name)] or names

    def _is_empty(self, name: str) -> bool:
        import python_calamine

        try:
            rows = self._book.get_sheet_by_name(name).iter_rows()
            return not any(_says(cell) for row in rows for cell in row)
        except (python_calamine.CalamineError, OSError, ValueError):
            # Whoever asks for it is told what is wrong with it.
            return False

    def describe(self, name: str) -> Layer:
        table = self._table(name)
        position = table.position
        return Layer(name, dict.fromkeys(table.names, "text"), len(table.rows), position and position.crs,
                     GEOMETRY if position else None, "workbook", None, None, table.notes, table.nameless)

    def batches(self, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        table = self._table(name)
        cells = (([as_text(cell) for cell in row], None) for row in table.rows)
        if formulas.is_reject_file(table.names):
            cells = (([cell and formulas.plain(cell) for cell in row], None) for row, _ in cells)
        return tables.batches(table.names, cells, table.position, rows)

    def _table(self, name: str) -> _Table:
        if name not in self._tables:
            self._tables[name] = self._parsed(name)
        return self._tables[name]

    def _parsed(self, name: str) -> _Table:
        import python_calamine

        try:
            sheet = self._book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise SourceError(f"{self.path.name}: the sheet {name} is damaged.", _AGAIN) from error
        if self._parts.errors:
            self._put_errors(name, rows)
        # An empty line is none, wherever it stands.
        rows = [row for row in rows if any(_says(cell) for cell in row)]
        found = tables.find_head([[as_text(cell) for cell in row] for row in rows[:_SAMPLE_ROWS]])
        if found is None:
            raise SourceError(f"{self.path.name}: the sheet {name} is empty.",
                              "Nothing was imported. Name another sheet with --layer.")
        header, body = found.names, rows[found.skipped:]
        width = max(at + 1 for row in rows[found.above:1000] for at, cell in enumerate(row) if cell != "")
        if width > tables.MOST_COLUMNS:
            raise SourceError(f"{self.path.name}: the sheet {name} has {width:,} columns; {tables.MOST_COLUMNS:,} are "
                              "the most.", "Nothing was imported. Delete the columns that are not needed.")
        body = [row[:width] for row in body]
        names = header[:width]
        if formulas.is_reject_file(names):
            names = heads.unique_names([formulas.plain(name) for name in names])
        position = tables.find_position(names, [[as_text(cell) for cell in row] for row in body[:_SAMPLE_ROWS]])
        notes = [*found.notes, *([position.words] if position else [])]
        if self._parts.formulas:
            notes.append("Cells with formulas are read as the value that was last computed and saved.")
        if sheet.merged_cell_ranges:
            notes.append("Merged cells have their value in the first cell only.")
        return _Table(names, position, tuple(notes), found.missing, body)

    def _put_errors(self, name: str, rows: list[list[object]]) -> None:
        try:
            found = cell_errors.find(self.path, name) if self._parts.packed else \
                old_cell_errors.find(self.path, [one.name for one in self._book.sheets_metadata].index(name))
        except (ElementTree.ParseError, ValueError) as error:
            raise SourceError(f"{self.path.name}: the sheet {name} is damaged.", _AGAIN) from error
        for (row, column), text in found.items():
            # Cells beyond the last one with a value: the reader leaves them out.
            rows.extend([] for _ in range(row + 1 - len(rows)))
            rows[row].extend([""] * (column + 1 - len(rows[row])))
            rows[row][column] = text


def _says(cell: object) -> bool:
    return bool(cell.strip(heads.SPACES)) if isinstance(cell, str) else True


def as_text(cell: object) -> str | None:
    """Return a cell as text, None where it is empty.

    Args:
        cell: text, number, truth value, date, time or duration.
    """
    match cell:
        case "" | None:
            return None
        case bool():
            return "true" if cell else "false"
        case int() | float():
            if cell != cell or abs(cell) >= 10.0**DIGITS:
                return f"{cell:.14E}" if cell == cell else None
            return str(int(cell)) if cell == int(cell) else repr(cell)
        case datetime.datetime():
            return cell.isoformat() if cell.time() != datetime.time() else cell.date().isoformat()
        case datetime.date() | datetime.time():
            return cell.isoformat()
    return str(cell)


def open_file(path: Path, folder: Path) -> Reader:
    """Open a workbook.

    Raises:
        SourceError: it is something else, damaged, locked, or unpacks to too much.
    """
    beginning = head(path, 512)
    packed = path.suffix.lower() != ".xls"
    if not beginning.startswith(_ZIP if packed else (_OLD, _ZIP)):
        what = "a workbook locked by a password, or an old one (.xls)" if beginning.startswith(_OLD) else \
            looks_like(beginning)
        raise SourceError(f"{path.name} is not a workbook but {what}.",
                          "Nothing was imported. Save it as .xlsx without a password, or give it its right ending.")
    return _Workbook(path, _check_parts(path) if beginning.startswith(_ZIP) else _Parts())


def _check_parts(path: Path) -> _Parts:
    """Check a packed workbook; return what it has."""
    archives.check(path)
    formulas = errors = False
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.lower().endswith((".xml", ".rels")):
                continue
            with archive.open(entry) as part:
                rest = b""
                while block := part.read(1 << 20):
                    if _DOCTYPE.search(rest + block):
                        raise SourceError(f"{path.name} declares a document type or entities inside.", _AGAIN)
                    formulas = formulas or ("sheet" in entry.filename or "content" in entry.filename) and bool(
                        _FORMULA.search(rest + block))
                    errors = errors or bool(cell_errors.HAS_ERROR.search(rest + block))
                    rest = block[-64:]
    return _Parts(formulas, errors, True)


FORMAT = Format("workbook", (".xlsx", ".xlsm", ".xls", ".ods"), open_file)
