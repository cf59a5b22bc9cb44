"""Tables in text (.csv, .tsv, .txt): encoding and delimiter found, every cell kept as text."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from importers.formats import encodings, tables
from importers.formats.base import Format, Layer, Reader, head
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
        first = self._first_lines()
        self._delimiter = _delimiter(path, first)
        rows = self._cells()
        header = next(rows, None)
        if header is None:
            raise SourceError(f"{path.name} is an empty file.", "Nothing was imported. Export it again.")
        if len(header) > tables.MOST_COLUMNS:
            raise SourceError(f"{path.name} has {len(header):,} columns; {tables.MOST_COLUMNS:,} are the most.",
                              "Nothing was imported. Is its delimiter , ; | or a tab?")
        self._names = tables.unique_names(header)
        sample = [row for row, _ in zip(rows, range(_SAMPLE_ROWS), strict=False)]
        self._position = tables.find_position(self._names, sample)

    def names(self) -> list[str]:
        return [self.path.stem]

    def describe(self, name: str) -> Layer:
        notes = (self._position.words,) if self._position else ()
        return Layer(name, dict.fromkeys(self._names, "text"), None, self._position and self._position.crs,
                     tables.GEOMETRY if self._position else None, "text", self._encoding, self._how, notes)

    def batches(self, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        cells = self._cells()
        next(cells)
        return tables.batches(self._names, map(self._row, cells), self._position, min(rows, 20_000))

    def _row(self, cells: list[str]) -> tuple[list[str | None], str | None]:
        wanted = len(self._names)
        fault = None if len(cells) == wanted or not any(cells[wanted:]) and len(cells) > wanted else \
            f"cells|the row has {len(cells)} cells where the first line has {wanted}"
        padded = (cells + [""] * (wanted - len(cells)))[:wanted]
        return [cell or None for cell in padded], fault

    def _cells(self) -> Iterator[list[str]]:
        csv.field_size_limit(LONGEST_CELL)
        with self.path.open(encoding=self._encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self._delimiter)
            try:
                # An empty line is none; a line of delimiters is a row that says nothing.
                last: list[str] = []
                for row in reader:
                    if row:
                        last = row
                        yield row
                if any("\n" in cell for cell in last) and self._odd():
                    raise csv.Error("unexpected end of data")
            except (csv.Error, UnicodeError) as error:
                what = "a character that is not " + self._encoding if isinstance(error, UnicodeError) else \
                    "a cell without end; a quotation mark may have no partner"
                raise SourceError(f"{self.path.name}: after line {reader.line_num:,} stands {what}.",
                                  "Nothing was imported. Save it as CSV in UTF-8.") from error

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
            raise SourceError(f"{self.path.name} is not text in {self._encoding}.",
                              "Nothing was imported. Save it as CSV in UTF-8.") from error


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
    if path.suffix.lower() == ".tsv":
        return "\t"
    first = next((line for line in text.splitlines() if line.strip()), "")
    # What stands in quotes is no delimiter.
    bare = "".join(part for at, part in enumerate(first.split('"')) if at % 2 == 0)
    return max(_DELIMITERS, key=bare.count) if any(mark in bare for mark in _DELIMITERS) else ","


FORMAT = Format("table in text", (".csv", ".tsv", ".txt"), open_file)
