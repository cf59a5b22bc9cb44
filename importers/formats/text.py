"""Tables in text (.csv, .tsv, .txt): encoding and delimiter found, every cell kept as text."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pyarrow as pa

from importers.formats import encodings, formulas, heads, tables
from importers.formats.base import GEOMETRY, Format, Layer, Reader, head
from spatial.errors import SourceError

LONGEST_CELL = 32 << 20
"""Characters of one cell at most. A polygon as WKT is long; more than this is a quotation mark without a partner."""

_SAMPLE_BYTES = 1 << 22
_SAMPLE_ROWS = 200
_DELIMITERS = ",\t;|，"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BINARY = (b"PK\x03\x04", b"SQLite format 3", b"%PDF", b"\x00\x00\x27\x0a", b"\xd0\xcf\x11\xe0", b"PAR1", b"ARROW1")


class _Text:
    """One table in text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._encoding, self._how = _encoding(path)
        self._delimiter = _delimiter(path, self._first_lines())
        sample = list(islice(self._cells(), _SAMPLE_ROWS))
        found = tables.find_head(sample)
        if found is None:
            raise SourceError(f"{path.name} is an empty file.", "Nothing was imported. Export it again.")
        if len(found.names) > tables.MOST_COLUMNS:
            raise SourceError(f"{path.name} has {len(found.names):,} columns; {tables.MOST_COLUMNS:,} are the most.",
                              "Nothing was imported. Is its delimiter , ; | or a tab?")
        self._head = found
        self._names = found.names
        self._guarded = formulas.is_reject_file(found.names)
        if self._guarded:
            self._names = heads.unique_names([formulas.plain(name) for name in found.names])
        self._position = tables.find_position(self._names, sample[found.skipped:])

    def names(self) -> list[str]:
        return [self.path.stem]

    def describe(self, name: str) -> Layer:
        notes = (*self._head.notes, *([self._position.words] if self._position else []))
        return Layer(name, dict.fromkeys(self._names, "text"), None, self._position and self._position.crs,
                     GEOMETRY if self._position else None, "text", self._encoding, self._how, notes,
                     self._head.missing)

    def batches(self, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        cells = islice(self._cells(), self._head.skipped, None)
        return tables.batches(self._names, map(self._row, cells), self._position, min(rows, 20_000))

    def _row(self, cells: list[str]) -> tuple[list[str | None], str | None]:
        wanted = len(self._names)
        fault = None if len(cells) == wanted or not any(cells[wanted:]) and len(cells) > wanted else \
            f"cells|the row has {len(cells)} cells where the line of names has {wanted}"
        cells = [formulas.plain(cell) for cell in cells] if self._guarded else cells
        padded = (cells + [""] * (wanted - len(cells)))[:wanted]
        return [cell or None for cell in padded], fault

    def _cells(self) -> Iterator[list[str]]:
        csv.field_size_limit(LONGEST_CELL)
        with self.path.open(encoding=self._encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self._delimiter)
            try:
                # An empty line is none, nor is one of delimiters alone, as programs write them below the last row.
                last: list[str] = []
                for row in reader:
                    last = row or last
                    if any(cell.strip(heads.SPACES) for cell in row):
                        yield row
                if any("\n" in cell for cell in last) and self._odd():
                    raise csv.Error("unexpected end of data")
            except UnicodeError as error:
                raise self._wrong_bytes() from error
            except csv.Error as error:
                raise SourceError(f"{self.path.name}: after line {reader.line_num:,} stands a cell without end; a "
                                  "quotation mark may have no partner.",
                                  "Nothing was imported. Save it as CSV in UTF-8.") from error

    def _wrong_bytes(self) -> SourceError:
        """Return the error that names the lines whose bytes are no text."""
        wrong: list[int] = []
        with self.path.open("rb") as file:
            # In UTF-16 a byte of a line's end may be half of another character.
            for number, line in enumerate(file if "16" not in self._encoding else (), 1):
                try:
                    line.decode(self._encoding)
                except UnicodeError:
                    wrong.append(number)
        lines = f"line{'s' if len(wrong) > 1 else ''} {', '.join(f'{one:,}' for one in wrong[:20])}"
        more = f" and {len(wrong) - 20:,} more" if len(wrong) > 20 else ""
        where = f"{lines}{more} of {self.path.name} hold{'s' if len(wrong) == 1 else ''}" if wrong else \
            f"{self.path.name} holds"
        return SourceError(f"{where[0].upper()}{where[1:]} bytes that are no text in {self._encoding}.",
                           "Nothing was imported. Type what should stand there, or save the table as CSV in UTF-8.")

    def _odd(self) -> bool:
        """Tell whether a quotation mark has no partner."""
        count = 0
        with self.path.open("rb") as file:
            while block := file.read(1 << 20):
                count += block.count(b'"')
        return count % 2 == 1

    def _first_lines(self) -> str:
        try:
            with self.path.open(encoding=self._encoding, newline="") as file:
                return file.read(65_536)
        except UnicodeError as error:
            raise self._wrong_bytes() from error


def open_file(path: Path, folder: Path) -> Reader:
    """Open a table in text.

    Raises:
        SourceError: it is no text, or empty.
    """
    beginning = head(path)
    if beginning.startswith(_BINARY) or (b"\x00" in beginning and not beginning.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise SourceError(f"{path.name} is not a table in text but holds bytes of another kind.",
                          "Nothing was imported. Give the file its right ending, or save it as CSV in UTF-8.")
    if beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<OGR", b"<?xml", b"<!", b"<html")):
        raise SourceError(f"{path.name} is not a table in text but an XML or HTML document.",
                          "Nothing was imported. Give the file its right ending, or save it as CSV in UTF-8.")
    return _Text(path)


def _encoding(path: Path) -> tuple[str, str]:
    beginning = head(path, _SAMPLE_BYTES)
    for mark, name in _MARKS:
        if beginning.startswith(mark):
            return name, "certain: the file begins with its mark"
    return encodings.find(beginning.split(b"\n"), None)


def _delimiter(path: Path, text: str) -> str:
    """Return the mark that divides a table into the same number of cells in most rows."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    return max(_DELIMITERS, key=lambda mark: _divides(text, mark))


def _divides(text: str, mark: str) -> tuple[bool, float, int, int]:
    """Return how well a mark divides the first lines of a table, the better the greater."""
    rows = []
    with suppress(csv.Error):
        rows.extend(row for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark), heads.LOOKED_AT)
                    if row)
    start = heads.line(rows)
    if start is None:
        return (False, 0.0, 0, 0)
    width = len(rows[start])
    # The last row may be cut.
    below = rows[start + 1:-1] or rows[start + 1:]
    even = sum(len(row) == width or (len(row) > width and not any(row[width:])) for row in below)
    return (width > 1, even / len(below) if below else 1.0, -start, width)


FORMAT = Format("table in text", (".csv", ".tsv", ".txt"), open_file)
