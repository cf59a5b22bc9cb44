"""Files of the formats that no library of ours writes, made byte by byte."""

import io
import json
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path


def dxf(path: Path, outlines: Iterable[tuple[str, list[tuple[float, float]]]], codepage: str = "ANSI_936",
        encoding: str = "gbk") -> Path:
    """Write a drawing of closed polylines.

    Args:
        path: where.
        outlines: name of the drawing's layer, and the corners.
        codepage: what the drawing says of its text.
        encoding: what its text is in.
    """
    lines = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1015", "9", "$DWGCODEPAGE", "3", codepage,
             "0", "ENDSEC", "0", "SECTION", "2", "ENTITIES"]
    for layer, corners in outlines:
        lines += ["0", "LWPOLYLINE", "8", layer, "90", str(len(corners)), "70", "1"]
        for x, y in corners:
            lines += ["10", repr(x), "20", repr(y)]
    path.write_bytes(("\n".join([*lines, "0", "ENDSEC", "0", "EOF"]) + "\n").encode(encoding))
    return path


def city(path: Path, **changes: object) -> Path:
    """Write a CityJSON file with one house of 10 m × 8 m and 6 m height, in two parts, at Delft.

    Args:
        path: where.
        changes: members of the document that are different.
    """
    def box(west: int, east: int, first: int) -> tuple[list, dict]:
        corners = [[x, y, z] for z in (0, 6000) for x, y in ((west, 0), (east, 0), (east, 8000), (west, 8000))]
        a, b, c, d, e, f, g, h = range(first, first + 8)
        shell = [[[d, c, b, a]], [[e, f, g, h]], [[a, b, f, e]], [[b, c, g, f]], [[c, d, h, g]], [[d, a, e, h]]]
        kinds = {"surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}],
                 "values": [[0, 1, 2, 2, 2, 2]]}
        return corners, {"type": "Solid", "lod": "2.2", "boundaries": [shell], "semantics": kinds}

    (left, left_solid), (right, right_solid) = box(0, 6000, 0), box(6000, 10000, 8)
    document = {
        "type": "CityJSON", "version": "2.0",
        "transform": {"scale": [0.001] * 3, "translate": [84600.0, 447400.0, 1.5]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
        "CityObjects": {
            "house": {"type": "Building", "children": ["house-a", "house-b"],
                      "attributes": {"storeysAboveGround": 2, "用途": "住宅"}},
            "house-a": {"type": "BuildingPart", "parents": ["house"], "geometry": [left_solid]},
            "house-b": {"type": "BuildingPart", "parents": ["house"], "geometry": [right_solid]},
        },
        "vertices": left + right,
    }
    path.write_text(json.dumps({**document, **changes}, ensure_ascii=False), encoding="utf-8")
    return path


def _varint(number: int) -> bytes:
    result = bytearray()
    while number > 0x7F:
        result.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*result, number])


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _field(1, content)
    header = _field(1, kind) + _field(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def extract(path: Path, corners: list[tuple[float, float]], tags: dict[str, str]) -> Path:
    """Write an OpenStreetMap extract with one closed way (https://wiki.openstreetmap.org/wiki/PBF_Format).

    Args:
        path: where.
        corners: longitude and latitude of its nodes.
        tags: of the way.
    """
    texts = [b"", *(text.encode() for pair in tags.items() for text in pair)]
    table = b"".join(_field(1, text) for text in texts)
    nodes = b"".join(_field(1, _field(1, _zigzag(number)) + _field(8, _zigzag(round(lat * 1e7)))
                            + _field(9, _zigzag(round(lon * 1e7))))
                     for number, (lon, lat) in enumerate(corners, 1))
    numbers = [*range(1, len(corners) + 1), 1]
    steps = b"".join(_varint(_zigzag(after - before)) for before, after in zip([0, *numbers], numbers, strict=False))
    keys = b"".join(_varint(number) for number in range(1, len(texts), 2))
    values = b"".join(_varint(number) for number in range(2, len(texts), 2))
    way = _field(3, _field(1, 1) + _field(2, keys) + _field(3, values) + _field(8, steps))
    head = _field(4, b"OsmSchema-V0.6")
    path.write_bytes(_blob(b"OSMHeader", head)
                     + _blob(b"OSMData", _field(1, table) + _field(2, nodes))
                     + _blob(b"OSMData", _field(1, table) + _field(2, way)))
    return path


def column_letter(number: int) -> str:
    """Return the letter of a column, counted from 0; 26 at most."""
    return chr(ord("A") + number)


def workbook(path: Path, sheets: dict[str, list[list[object]]], sheet_xml: dict[str, str] | None = None) -> Path:
    """Write a workbook (.xlsx; ECMA-376 part 1, chapter 18).

    Args:
        path: where.
        sheets: name → rows of cells. A cell is text, the error of a formula (#REF!), a number, None, or a formula with
            its value ``("=A1*3", 18)``.
        sheet_xml: name → what stands in the sheet instead.
    """
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        kinds = "".join(f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="application/vnd.'
                        'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
                        for number in range(1, len(sheets) + 1))
        archive.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/'
                         'package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxml'
                         'formats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="appli'
                         f'cation/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{kinds}</Types>')
        archive.writestr("_rels/.rels", f'<?xml version="1.0"?><Relationships {package}><Relationship Id="r1" Type="'
                         f'{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        listed = "".join(f'<sheet name="{name}" sheetId="{number}" r:id="s{number}"/>'
                         for number, name in enumerate(sheets, 1))
        archive.writestr("xl/workbook.xml", f'<?xml version="1.0"?><workbook {space} xmlns:r="{relations}"><sheets>'
                         f"{listed}</sheets></workbook>")
        targets = "".join(f'<Relationship Id="s{number}" Type="{relations}/worksheet" Target="worksheets/sheet{number}'
                          '.xml"/>' for number in range(1, len(sheets) + 1))
        archive.writestr("xl/_rels/workbook.xml.rels",
                         f'<?xml version="1.0"?><Relationships {package}>{targets}</Relationships>')
        for number, (name, rows) in enumerate(sheets.items(), 1):
            body = "".join(_row(at, row) for at, row in enumerate(rows, 1))
            made = f'<?xml version="1.0"?><worksheet {space}><sheetData>{body}</sheetData></worksheet>'
            archive.writestr(f"xl/worksheets/sheet{number}.xml", (sheet_xml or {}).get(name, made))
    path.write_bytes(content.getvalue())
    return path


def _row(number: int, cells: list[object]) -> str:
    return f'<row r="{number}">' + "".join(
        _cell(f"{column_letter(at)}{number}", cell) for at, cell in enumerate(cells)) + "</row>"


def _cell(place: str, cell: object) -> str:
    match cell:
        case None:
            return ""
        case str() if cell.startswith("#"):
            return f'<c r="{place}" t="e"><f>A1</f><v>{cell}</v></c>'
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>'
        case (formula, value):
            saved = f"<v>{value}</v>" if value is not None else ""
            return f'<c r="{place}"><f>{formula.lstrip("=")}</f>{saved}</c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


def zipped(path: Path, parts: dict[str, bytes], names: str = "utf-8", **info: object) -> Path:
    """Write a zip archive.

    Args:
        path: where.
        parts: name → content.
        names: encoding of the names; other than UTF-8 they are written as old programs do, without saying so.
        info: attributes of every entry.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name if names == "utf-8" else name.encode(names).decode("cp437"))
            entry.compress_type = zipfile.ZIP_DEFLATED
            for key, value in info.items():
                setattr(entry, key, value)
            archive.writestr(entry, content)
    if names != "utf-8":
        _unmark(path, [name.encode(names) for name in parts], [name.encode(names).decode("cp437").encode()
                                                                for name in parts])
    return path


def _unmark(path: Path, raw: list[bytes], marked: list[bytes]) -> None:
    # Python marks such names as UTF-8; old programs write the bytes alone. Same length is not kept, so rebuild.
    content = path.read_bytes()
    result, at, offsets = bytearray(), 0, []
    for name, written in zip(raw, marked, strict=True):
        head = bytearray(content[at:at + 30])
        packed, = struct.unpack_from("<I", head, 18)
        flags, = struct.unpack_from("<H", head, 6)
        struct.pack_into("<H", head, 6, flags & ~0x800)
        struct.pack_into("<H", head, 26, len(name))
        body = content[at + 30 + len(written):at + 30 + len(written) + packed]
        offsets.append(len(result))
        result += head + name + body
        at += 30 + len(written) + packed
    start = len(result)
    for name, written, offset in zip(raw, marked, offsets, strict=True):
        head = bytearray(content[at:at + 46])
        flags, = struct.unpack_from("<H", head, 8)
        struct.pack_into("<H", head, 8, flags & ~0x800)
        struct.pack_into("<H", head, 28, len(name))
        struct.pack_into("<I", head, 42, offset)
        result += head + name
        at += 46 + len(written)
    end = bytearray(content[at:])
    struct.pack_into("<II", end, 12, len(result) - start, start)
    path.write_bytes(result + end)
