"""Archives and XML that do more than hold data."""

import stat
import struct
from pathlib import Path

from tests.importers import made
from tests.importers.hostile.table import CASES, FEATURE, FEATURES, VRT, Builder, Case, case, cut, text_file

# --- archives ---
GOOD = {"a.geojson": (FEATURES % FEATURE).encode()}


def _zip(parts: dict[str, bytes], **info: object) -> Builder:
    return lambda folder, url: made.zipped(folder / "a.zip", parts, **info)


CASES["archive that unpacks to 1000 times its size"] = Case(
    _zip({"a.geojson": bytes(50 << 20)}), "unpacks to more than"
)
CASES["archive with a path that leads out"] = Case(_zip({"../../a.geojson": b"x", **GOOD}), "which leads out of it")
CASES["archive with an absolute path"] = Case(_zip({"/etc/a.geojson": b"x", **GOOD}), "which leads out of it")
CASES["archive with a path of Windows"] = Case(_zip({"C:\\a.geojson": b"x", **GOOD}), "which leads out of it")
CASES["archive with a link"] = Case(
    _zip({"a.geojson": b"/etc/passwd"}, create_system=3, external_attr=(stat.S_IFLNK | 0o777) << 16),
    "is a link or a device",
)
CASES["archive in an archive"] = Case(_zip({"b.zip": b"PK\x05\x06" + bytes(18), **GOOD}), "holds another archive")
CASES["archive of 501 entries"] = Case(
    _zip({f"{n}.txt": b"" for n in range(501)}), "holds 501 entries; 500 are the most"
)
CASES["archive with a name twice"] = Case(_zip({"a.geojson": b"1", "A.GeoJSON": b"2"}), "holds 'A.GeoJSON' twice")
CASES["archive with nothing to read"] = Case(_zip({"a.doc": b"x"}), "holds no file that can be read")
CASES["archive with a drawing of AutoCAD"] = Case(
    _zip({"a.dwg": b"x"}), "holds no file that can be read.*Save it as DXF"
)
CASES["archive with a virtual data set"] = Case(_zip({"a.geojson": VRT.encode()}), "but a GDAL virtual data set")
CASES["archive with nothing in it"] = Case(_zip({}), "holds no file that can be read")


def _zip_edited(offset_of: bytes, at: int, value: bytes) -> Builder:
    def build(folder: Path, url: str) -> Path:
        path = made.zipped(folder / "a.zip", GOOD)
        content = bytearray(path.read_bytes())
        place = content.rindex(offset_of) + at
        content[place : place + len(value)] = value
        path.write_bytes(content)
        return path

    return build


CASES["archive that is encrypted"] = Case(_zip_edited(b"PK\x01\x02", 8, b"\x01\x00"), "is encrypted")
CASES["archive that lies about sizes"] = Case(
    _zip_edited(b"PK\x01\x02", 24, struct.pack("<I", 17)), "lies about the size|is damaged"
)
CASES["archive that says it holds 3 GB"] = Case(
    _zip_edited(b"PK\x01\x02", 24, struct.pack("<I", 3 << 30)), "holds 3,221,225,472 bytes"
)
CASES["archive of an unknown method"] = Case(_zip_edited(b"PK\x01\x02", 10, b"\x63\x00"), "packed in an unusual way")
CASES["archive without its list"] = Case(
    lambda folder, url: cut(made.zipped(folder / "a.zip", GOOD), 0.6), "is damaged, cut off"
)


@case("KMZ without KML", refused="holds no KML file")
def _(folder: Path, url: str) -> Path:
    return made.zipped(folder / "a.kmz", {"a.png": b"x"})


@case("KMZ with entities", refused="declares a document type")
def _(folder: Path, url: str) -> Path:
    return made.zipped(folder / "a.kmz", {"doc.kml": b'<!DOCTYPE a [<!ENTITY b "c">]><kml></kml>'})


# --- XML ---
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>%s</name><Point><coordinates>117,31'
    "</coordinates></Point></Placemark></Document></kml>"
)
GML = (
    '<ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" %s>'
    "<gml:featureMember><ogr:a>%s<ogr:code>B1</ogr:code></ogr:a></gml:featureMember></ogr:FeatureCollection>"
)
_GML_POINT = (
    '<ogr:geometry><gml:Point srsName="EPSG:4326"><gml:coordinates>117,31</gml:coordinates></gml:Point></ogr:geometry>'
)
CASES["billion laughs in KML"] = Case(
    text_file("a.kml", f"<?xml version='1.0'?><!DOCTYPE kml [{_LAUGHS}]>{KML % '&l11;'}"),
    "declares a document type or entities",
)
CASES["file of the machine in KML"] = Case(
    text_file("a.kml", f'<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>{KML % "&x;"}'),
    "declares a document type",
)
CASES["address of the network in GML"] = Case(
    text_file("a.gml", '<!DOCTYPE a SYSTEM "{url}/a.dtd">' + GML % ("", _GML_POINT)), "declares a document type"
)
CASES["document type behind 5 MB of blanks"] = Case(
    text_file(
        "a.kml", f"<?xml version='1.0'?><!-- <kml > -->{' ' * (5 << 20)}<!DOCTYPE kml [<!ENTITY a 'b'>]>{KML % 'a'}"
    ),
    "declares a document type",
)
CASES["schema on the network in GML"] = Case(
    text_file("a.gml", GML % ('xsi:schemaLocation="http://ogr.maptools.org/ {url}/a.xsd"', _GML_POINT)),
    rows=1,
    rejected=("wrong-geometry-type",),
)
CASES["geometry on the network in GML"] = Case(
    text_file("a.gml", GML % ("", '<ogr:geometry><gml:Point xlink:href="{url}/a.gml#b"/></ogr:geometry>')),
    "ends after row 0|no geometry",
)
CASES["link and style on the network in KML"] = Case(
    text_file(
        "a.kml",
        KML.replace(
            "<Placemark>",
            "<NetworkLink><Link><href>{url}/b.kml</href></Link></NetworkLink><Placemark>"
            "<styleUrl>{url}/c.kml#d</styleUrl>",
        )
        % "a",
    ),
    rows=1,
    rejected=("wrong-geometry-type",),
)
CASES["KML in UTF-7"] = Case(
    text_file("a.kml", '<?xml version="1.0" encoding="UTF-7"?>' + KML % "a"), "in the encoding utf-7"
)
CASES["KML that says GBK and is not"] = Case(
    text_file("a.kml", b'<?xml version="1.0" encoding="GBK"?>' + (KML % "X").encode().replace(b"X", b"\xff\xff")),
    "says that it is in GBK, and is not",
)
CASES["KML cut off"] = Case(text_file("a.kml", (KML % "a")[:150]), "cannot be read|holds no layer")
CASES["KML of 100,000 folders in each other"] = Case(
    text_file("a.kml", "<kml>" + "<Folder>" * 100_000 + "</Folder>" * 100_000 + "</kml>"),
    "elements inside elements 200 deep",
)
CASES["drawing by pixels called KML"] = Case(
    text_file("a.kml", "<svg xmlns='http://www.w3.org/2000/svg'></svg>"), "is not KML"
)
