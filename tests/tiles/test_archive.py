"""Archives of layers: every tile of the server and no other, read by others' programs, whole or not there."""

import gzip
from pathlib import Path

import mapbox_vector_tile
import morecantile
import psycopg
import pyogrio
import pytest
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import Compression, TileType

from spatial import disk
from spatial.errors import DiskNearlyFull, InvalidInput, NotFound
from spatial.settings import load
from spatial.types import Box
from tests.fixtures.objects import Objects
from tiles import archive, layers, vector
from tiles.archive import ArchiveFailed
from tiles.layers import CLASSED, EXACT
from tiles.matrix import Address

TMS = morecantile.tms.get("WebMercatorQuad")
NAMES = ("buildings", "grids", "places")


@pytest.fixture
def town(objects: Objects) -> Objects:
    """Put two clusters of buildings, a grid and a place on record, far enough apart for empty tiles between them."""
    objects.grid()
    for number in range(40):
        objects.building(f"A{number}", west=117.001 + number % 8 * 0.001, south=31.001 + number // 8 * 0.001)
        objects.building(f"B{number}", west=117.101 + number % 8 * 0.001, south=31.051 + number // 8 * 0.001)
    return objects


def wanted(first: int = 0, last: int = 15, names: tuple[str, ...] = NAMES, box: Box | None = None,
           field_class: str = CLASSED) -> archive.Wanted:
    return archive.wanted(names, first, last, field_class, box)


def export(town: Objects, target: Path, asked: archive.Wanted | None = None, **how: object) -> archive.Archive:
    return archive.export(town.connection, target, asked or wanted(), load({"SHAPAN_MIN_FREE_MB": "0"}), **how)


def read(path: Path) -> tuple[Reader, dict[tuple[int, int, int], bytes]]:
    source = MemorySource(path.read_bytes())
    return Reader(source), {place: gzip.decompress(body) for place, body in all_tiles(source)}


def test_an_archive_holds_the_tiles_of_the_server_and_no_others(town: Objects, tmp_path: Path) -> None:
    written = export(town, tmp_path / "town.pmtiles")
    reader, found = read(tmp_path / "town.pmtiles")
    # Every tile of every zoom around the town, asked of the server one by one.
    expected = {}
    for z in range(16):
        for tile in TMS.tiles(116.99, 30.99, 117.13, 31.07, zooms=[z]):
            body = vector.build(town.connection, NAMES, Address(z, tile.x, tile.y), CLASSED).body
            if body:
                expected[z, tile.x, tile.y] = body
    assert found == expected
    assert written.tiles == len(expected) > 20
    assert {z for z, _, _ in found} == set(range(written.first, written.last + 1))
    header = reader.header()
    assert (header["min_zoom"], header["max_zoom"]) == (written.first, written.last)
    assert (header["tile_type"], header["tile_compression"]) == (TileType.MVT, Compression.GZIP)
    assert header["clustered"]
    assert header["addressed_tiles_count"] == written.tiles
    assert written.bytes == (tmp_path / "town.pmtiles").stat().st_size


def test_the_head_says_where_the_data_lie_and_what_the_layers_hold(town: Objects, tmp_path: Path) -> None:
    export(town, tmp_path / "town.pmtiles")
    reader, _ = read(tmp_path / "town.pmtiles")
    header, metadata = reader.header(), reader.metadata()
    assert [header[name] / 1e7 for name in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")] == \
        pytest.approx([117.0, 31.0, 117.1085, 31.0555], abs=1e-4)
    described = {entry["id"]: entry["fields"] for entry in metadata["vector_layers"]}
    assert set(NAMES) <= set(described)
    assert "residents" in described["buildings"]
    export(town, tmp_path / "afar.pmtiles", wanted(11, 12))
    reader, _ = read(tmp_path / "afar.pmtiles")
    assert "buildings" not in {entry["id"] for entry in reader.metadata()["vector_layers"]}
    assert metadata["field_class"] == CLASSED


def test_counts_go_out_in_classes_unless_exact_ones_are_asked_for(town: Objects, tmp_path: Path) -> None:
    town.room(town.building("C", west=117.05), residents=37)
    shown = {}
    for field_class in (CLASSED, EXACT):
        export(town, tmp_path / f"{field_class}.pmtiles", wanted(15, 15, ("buildings",), field_class=field_class))
        _, found = read(tmp_path / f"{field_class}.pmtiles")
        shown[field_class] = max(feature["properties"]["residents"] for body in found.values()
                                 for feature in mapbox_vector_tile.decode(body)["buildings"]["features"])
    assert shown == {CLASSED: 10, EXACT: 37}


def test_a_box_leaves_out_tiles_beyond_it(town: Objects, tmp_path: Path) -> None:
    box = Box(117.1, 31.05, 117.2, 31.1)
    written = export(town, tmp_path / "part.pmtiles", wanted(13, 15, ("buildings",), box))
    _, found = read(tmp_path / "part.pmtiles")
    assert list(written.bounds) == pytest.approx([117.1, 31.05, 117.1085, 31.0555], abs=1e-4)
    for z, x, y in found:
        bounds = TMS.bounds(morecantile.Tile(x, y, z))
        margin = (bounds.right - bounds.left) / 16
        assert bounds.right + margin >= box.west
        assert bounds.top + margin >= box.south


def test_gdal_reads_an_archive(town: Objects, tmp_path: Path) -> None:
    export(town, tmp_path / "town.pmtiles", wanted(15, 15, ("buildings", "grids")))
    listed = {name for name, _ in pyogrio.list_layers(tmp_path / "town.pmtiles")}
    assert {"buildings", "grids"} <= listed
    head, _, _, columns = pyogrio.raw.read(tmp_path / "town.pmtiles", layer="buildings")
    codes = set(columns[list(head["fields"]).index("code")])
    assert codes == {f"{letter}{number}" for letter in "AB" for number in range(40)}


@pytest.mark.shared_data
def test_the_head_is_made_as_others_make_it(town: Objects, tmp_path: Path, shared_data: Path) -> None:
    export(town, tmp_path / "town.pmtiles")
    ours, _ = read(tmp_path / "town.pmtiles")
    theirs = Reader(MemorySource((shared_data / "tiles" / "protomaps_firenze.pmtiles").read_bytes()))
    assert set(ours.header()) == set(theirs.header())
    for name in ("version", "tile_type", "tile_compression", "internal_compression", "clustered", "root_offset"):
        assert ours.header()[name] == theirs.header()[name], name
    assert {"vector_layers", "name", "type"} <= set(ours.metadata()) & set(theirs.metadata())


def test_progress_goes_zoom_by_zoom(town: Objects, tmp_path: Path) -> None:
    seen: list[tuple[int, int, int]] = []
    export(town, tmp_path / "town.pmtiles", progress=lambda *place: seen.append(place))
    assert [z for z, *_ in seen] == sorted(z for z, *_ in seen)
    assert all(done <= total for _, done, total in seen)


def test_a_file_that_is_there_is_kept_unless_forced(town: Objects, tmp_path: Path) -> None:
    target = tmp_path / "town.pmtiles"
    target.write_bytes(b"precious")
    with pytest.raises(ArchiveFailed, match="is there already"):
        export(town, target)
    assert target.read_bytes() == b"precious"
    export(town, target, force=True)
    assert target.read_bytes()[:7] == b"PMTiles"
    assert list(tmp_path.iterdir()) == [target]


def test_an_export_that_is_interrupted_leaves_nothing(town: Objects, tmp_path: Path) -> None:
    def stop(z: int, done: int, total: int) -> None:
        if z == 14:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(town, tmp_path / "town.pmtiles", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named_and_leaves_nothing(town: Objects, tmp_path: Path) -> None:
    settings = load({"SHAPAN_MIN_FREE_MB": str(min(1_000_000, disk.free_mb(tmp_path) + 1000))})
    with pytest.raises(DiskNearlyFull, match="given up"):
        archive.export(town.connection, tmp_path / "town.pmtiles", wanted(), settings)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(town: Objects, tmp_path: Path) -> None:
    with pytest.raises(ArchiveFailed, match="cannot be written"):
        export(town, tmp_path / "no" / "town.pmtiles")


def test_where_nothing_is_there_is_no_archive(town: Objects, connection: psycopg.Connection, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="on record in this box"):
        export(town, tmp_path / "a.pmtiles", wanted(box=Box(10, 10, 11, 11)))
    with pytest.raises(NotFound, match="Nothing of water is on record"):
        export(town, tmp_path / "a.pmtiles", wanted(names=("water",)))
    with pytest.raises(NotFound, match="no tile at zooms 0 to 3"):
        export(town, tmp_path / "a.pmtiles", wanted(0, 3, ("grids",)))
    assert list(tmp_path.iterdir()) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        archive.wanted(["buildings", "devices", "nothing", "buildings"], 5, 3, CLASSED, Box(5, 5, 4, 6))
    assert [place for place, _ in caught.value.faults] == ["layers", "layers", "layers", "zooms", "bbox"]
    with pytest.raises(InvalidInput, match="Layers for export: water"):
        archive.wanted(["buildings"], 0, 20, CLASSED)


def test_layers_about_people_and_what_protects_them_are_not_exported() -> None:
    assert not {"devices", "events", "organisations"} & {one.name for one in layers.LAYERS if one.exported}
