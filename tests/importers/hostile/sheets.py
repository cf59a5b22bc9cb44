"""Workbooks, tables in text, and what surveyors and drawings bring."""

import io
import os
import struct
import zipfile
from pathlib import Path

from tests.importers import made
from tests.importers.files import write
from tests.importers.hostile.table import (
    CASES,
    SQUARES,
    VRT,
    Case,
    case,
    cut,
    many,
    text_file,
)
from tests.importers.made_xls import old_workbook

# --- tables ---
CASES["workbook with entities"] = Case(
    lambda folder, url: made.workbook(
        folder / "a.xlsx",
        {"a": []},
        {"a": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet>&b;</worksheet>'},
    ),
    "declares a document type",
)
CASES["workbook that is damaged inside"] = Case(
    lambda folder, url: made.workbook(folder / "a.xlsx", {"a": []}, {"a": "<worksheet><sheetData><row><c"}),
    "is damaged|is empty",
)
CASES["workbook of one row at the last line"] = Case(
    lambda folder, url: made.workbook(
        folder / "a.xlsx",
        {"a": []},
        {
            "a": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheet'
            'Data><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v>'
            "</c></row></sheetData></worksheet>"
        },
    ),
    "",
)
CASES["workbook of formulas without values"] = Case(
    lambda folder, url: made.workbook(folder / "a.xlsx", {"a": [["code", "name"], [("=1/0", None), ("=A1", "x")]]}),
    rows=1,
)
CASES["workbook without rows"] = Case(lambda folder, url: made.workbook(folder / "a.xlsx", {"a": []}), "is empty")
CASES["workbook cut off"] = Case(
    lambda folder, url: cut(made.workbook(folder / "a.xlsx", {"a": [["b"]]}), 0.7), "is damaged, cut off"
)
CASES["workbook that unpacks to 100 MB"] = Case(lambda folder, url: _with_zeros(folder), "unpacks to more than")
CASES["old workbook of noise"] = Case(
    text_file("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xfe" * 4096), "is damaged"
)
for _share in (0.3, 0.9):
    CASES[f"old workbook cut off at {_share:.0%}"] = Case(
        lambda folder, url, share=_share: cut(
            old_workbook(folder / "a.xls", {"a": [["code"], *[[f"B{n}"] for n in range(900)]]}), share
        ),
        "is damaged",
    )
CASES["table of bytes"] = Case(text_file("a.csv", bytes(range(256)) * 4), "holds bytes of another kind")
CASES["table with a quotation mark without partner"] = Case(
    text_file("a.csv", 'code,name\nB1,"x\n' + "B2,y\n" * 1000), "a quotation mark may have no partner"
)
CASES["table whose rows are of any length"] = Case(
    text_file("a.csv", "a,b\n1\n1,2,3\n1,2\n"), rejected=("cells", "cells"), rows=3
)
CASES["table with positions that are no numbers"] = Case(
    text_file("a.csv", "lon,lat\n117,31\nabc,31\n1e400,31\n"),
    rejected=("not-a-number", "not-a-number", "wrong-geometry-type"),
    rows=3,
)
CASES["table of 3,000 columns"] = Case(text_file("a.csv", ",".join("abc") + "," * 3000 + "\n"), "2,000 are the most")
CASES["virtual data set beside a table"] = Case(
    lambda folder, url: (
        text_file("a.vrt", VRT)(folder, url),
        text_file("a.csvt", '"WKT"')(folder, url),
        text_file("a.csv", "code,name\n1,2\n")(folder, url),
    )[2],
    rows=1,
)
CASES["table in two encodings"] = Case(
    text_file("a.csv", "code,name\n1,望江苑\n".encode() * 240_000 + "2,望江苑市场\n".encode("gbk")),
    "Line 480,001 of a.csv holds bytes that are no text in UTF-8",
)


def _with_zeros(folder: Path) -> Path:
    path = made.workbook(folder / "a.xlsx", {"a": [["b"]]})
    content = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", bytes(100 << 20))
    path.write_bytes(content.getvalue())
    return path


# --- MapInfo, drawings, extracts, FlatGeobuf ---
_TAB = "!table\n!version 300\n!charset WindowsLatin1\n\n"
CASES["MapInfo table that stands for another"] = Case(
    text_file("a.tab", _TAB + 'Open Table "/etc/secret.TAB" Hide\nCreate View a As\nSelect * From secret\n'),
    "stands for other files",
)
CASES["MapInfo table of a database"] = Case(
    text_file("a.tab", _TAB + 'Definition Table\n  Type LINKED Charset "WindowsLatin1"\n  File "{url}"\n'),
    "stands for other files",
)
CASES["MapInfo table without its parts"] = Case(
    text_file(
        "a.tab", _TAB + 'Definition Table\n  Type NATIVE Charset "WindowsLatin1"\n  Fields 1\n    a Char (10) ;\n'
    ),
    r"a\.dat, a part of a\.tab, is missing",
)
CASES["MapInfo exchange file without its table"] = Case(
    text_file("a.mif", "Version 300\nData\n"), r"a\.mid.* is missing"
)
CASES["drawing cut off"] = Case(
    lambda folder, url: cut(made.dxf(folder / "a.dxf", [("a", [(0, 0), (1, 1), (0, 1)])]), 0.8), "is cut off"
)
CASES["drawing with blocks inside themselves"] = Case(
    text_file(
        "a.dxf",
        (
            "0 SECTION 2 BLOCKS 0 BLOCK 2 A 70 0 10 0 20 0 0 INSERT 2 A 10 0 20 0 0 INSERT 2 A 10 1 20 1 0 ENDBLK 0 "
            "ENDSEC 0 SECTION 2 ENTITIES 0 INSERT 8 0 2 A 10 0 20 0 0 ENDSEC 0 EOF "
        ).replace(" ", "\n"),
    ),
    "",
)
CASES["extract of noise"] = Case(
    text_file("a.osm.pbf", struct.pack(">I", 14) + b"\n\tOSMHeader\x18\x05" + b"\xff" * 4096),
    "cut off or damaged at byte",
)
CASES["extract with a block of 4 GB"] = Case(
    text_file("a.osm.pbf", struct.pack(">I", 0xFFFFFFF0) + b"\n\tOSMHeader" + bytes(100)), "cut off or damaged at byte"
)
CASES["extract cut off"] = Case(
    lambda folder, url: cut(
        made.extract(folder / "a.osm.pbf", [(117, 31), (118, 31), (118, 32)], {"building": "yes"}), 0.8
    ),
    "cut off or damaged at byte",
)


@case("FlatGeobuf of noise behind its head", refused="cannot be read|ends after row")
def _(folder: Path, url: str) -> Path:
    path = many(folder, ".fgb")
    content = bytearray(path.read_bytes())
    content[-2000:] = b"\xff" * 2000
    path.write_bytes(content)
    return path


@case("geodatabase with a link to elsewhere", refused="holds links to other places")
def _(folder: Path, url: str) -> Path:
    path = write(folder / "a.gdb", {"code": ["B1"]}, SQUARES[:1], kind="MultiPolygon")
    os.symlink("/etc/passwd", path / "b.gdbtable")
    return path


@case("geodatabase of noise", refused="cannot be read|holds no layer")
def _(folder: Path, url: str) -> Path:
    path = write(folder / "a.gdb", {"code": ["B1"]}, SQUARES[:1], kind="MultiPolygon")
    (path / "a00000001.gdbtable").write_bytes(b"\xff" * 400)
    return path


CASES["device called a file"] = Case(
    lambda folder, url: (os.mkfifo(folder / "a.geojson"), folder / "a.geojson")[1], "is neither a file nor a folder"
)
CASES["link to nowhere"] = Case(
    lambda folder, url: (os.symlink("/no/a.gpkg", folder / "a.gpkg"), folder / "a.gpkg")[1], "does not exist"
)
