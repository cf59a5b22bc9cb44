"""Hostile and broken files: name → how it is made, and what must come of it.

A builder takes an empty folder and the address of a server that must never be asked, and returns the file to import.
What must come is the beginning of an error's words as a regular expression (``refused``), or reasons of rejected rows
(``rejected``), or rows that are read for what they are (``read``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.importers.files import square, write

Builder = Callable[[Path, str], Path]


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        build: makes it.
        refused: what the error says; None where there is none.
        rejected: reasons of the rejected rows, sorted.
        rows: how many rows are read; None where that does not matter.
    """

    build: Builder
    refused: str | None = None
    rejected: tuple[str, ...] = ()
    rows: int | None = None


CASES: dict[str, Case] = {}


def case(name: str, **expected: object) -> Callable[[Builder], Builder]:
    """Enter a builder into the table."""

    def enter(build: Builder) -> Builder:
        assert name not in CASES
        CASES[name] = Case(build, **expected)
        return build

    return enter


def text_file(name: str, content: str | bytes) -> Builder:
    def build(folder: Path, url: str) -> Path:
        path = folder / name
        content_ = content.replace("{url}", url) if isinstance(content, str) else content
        path.write_bytes(content_.encode() if isinstance(content_, str) else content_)
        return path

    return build


SQUARES = [square(117, 31), square(117.01, 31)]
VRT = (
    "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/{url}/a.geojson</SrcDataSource>"
    "</OGRVRTLayer></OGRVRTDataSource>"
)
FEATURES = '{"type": "FeatureCollection", "features": [%s]}'
FEATURE = (
    '{"type": "Feature", "properties": {"code": "B1"}, "geometry": {"type": "Polygon", "coordinates": '
    "[[[117, 31], [117.1, 31], [117, 31.1], [117, 31]]]}}"
)
WFS = "<OGRWFSDataSource><URL>{url}/wfs?SERVICE=WFS</URL></OGRWFSDataSource>"


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def many(folder: Path, ending: str) -> Path:
    count = 300
    columns = {"code": [f"B{n}" for n in range(count)]}
    return write(
        folder / f"a{ending}",
        columns,
        [square(117 + n / 1000, 31) for n in range(count)],
        crs="EPSG:4326",
        kind="Polygon",
    )
