"""Cells of a workbook that hold the error of a formula: the reader of workbooks gives them as empty.

Whoever takes #REF! for an empty cell erases the value on record. So the parts of a packed workbook (.xlsx, .xlsm) that
have such cells are read once more for them (ECMA-376 part 1, 18.3.1.4: a cell of type ``e``).
"""

import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

HAS_ERROR = re.compile(rb"""\st=["']e["']""")
"""Stands in every part that has a cell with an error."""

_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def find(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Return the errors of one sheet.

    Args:
        path: a packed workbook, looked through for entities already.
        sheet: name of the sheet.

    Returns:
        Row and column, counted from 0 → the error, such as ``#REF!``; nothing for a workbook of another kind (.ods).
    """
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        if part is None:
            return {}
        with archive.open(part) as file:
            return _errors(file)


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Return the part of a sheet as the workbook's list of sheets names it."""
    names = {name.casefold(): name for name in archive.namelist()}
    book, relations = (names.get(f"xl/{name}") for name in ("workbook.xml", "_rels/workbook.xml.rels"))
    if book is None or relations is None:
        return None
    number = next((one.get(_RELATION) or one.get(_STRICT) for one in ElementTree.fromstring(archive.read(book)).iter()
                   if _word(one) == "sheet" and one.get("name") == sheet), None)
    target = next((one.get("Target", "") for one in ElementTree.fromstring(archive.read(relations))
                   if one.get("Id") == number), None)
    if target is None:
        return None
    whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
    return names.get(whole.casefold())


def _errors(file: zipfile.ZipExtFile) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    row, column = -1, -1
    for event, one in ElementTree.iterparse(file, ("start", "end")):
        word = _word(one)
        if event == "start" and word == "row":
            row, column = int(one.get("r", row + 2)) - 1, -1
        elif event == "start" and word == "c":
            # A cell that does not say where it is stands behind the one before.
            place = _PLACE.fullmatch(one.get("r", ""))
            row, column = (int(place[2]) - 1, _column(place[1])) if place else (row, column + 1)
        elif event == "end" and word == "c" and one.get("t") == "e":
            text = next((part.text for part in one if _word(part) == "v"), None)
            found[row, column] = (text or "#VALUE!").strip()
        if event == "end" and word == "row":
            one.clear()
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _word(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


__all__ = ["HAS_ERROR", "find"]
