"""Rasters that are broken, in disguise or without measure: each ends in a named error, none reaches the network."""

import json
import platform
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio

from importers.filed_report import IMAGERY, TERRAIN
from importers.rasters import bands, child, position
from importers.rasters.run import Request, describe, run
from importers.reading.limits import Limits
from spatial.errors import MappingError, SourceError
from spatial.settings import load
from tests.fixtures.homes import REPOSITORY
from tests.importers.geotiffs import picture, slope, write


@pytest.fixture
def listener() -> Iterator[tuple[str, list]]:
    """Yield the address of a server on this machine, and the connections that came."""
    came: list = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                came.append(address)
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x.tif", came
        stop.set()
        thread.join()


def refused(path: Path, kind=IMAGERY, **options) -> str:
    """Return why a file is refused, before any database is asked."""
    settings = load({"SHAPAN_HOME": str(path.parent / "no-home"), "SHAPAN_DATABASE_URL": "postgresql://x@127.0.0.1:1/x",
                     "SHAPAN_ADMIN_DATABASE_URL": "postgresql://x@127.0.0.1:1/x", "SHAPAN_MIN_FREE_MB": "0"})
    started = time.monotonic()
    with pytest.raises((SourceError, MappingError)) as caught:
        run(kind, Request(path, "test", **options), settings)
    assert time.monotonic() - started < 30
    assert caught.value.cure
    return str(caught.value)


def job(path: Path, part: Path) -> dict:
    """Return the job of converting a picture."""
    return {"do": "convert", "path": str(path), "kind": "imagery", "folder": str(part),
            "crs": rasterio.crs.CRS.from_epsg(4490).to_wkt(), "transform": [1e-4, 0, 117, 0, -1e-4, 31],
            "bands": [1, 2, 3], "stretch": None, "nodata": None, "spots": [[0, 0]]}


@pytest.mark.parametrize("content", [
    '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
    '<SourceFilename>/vsicurl/{}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>',
    '<GDAL_WMS><Service name="TMS"><ServerUrl>{}</ServerUrl></Service></GDAL_WMS>',
    "{}", "/vsicurl/{}", "", "%PDF-1.4",
])
def test_a_file_in_disguise_is_refused_and_nobody_is_asked(tmp_path, listener, content):
    address, came = listener
    path = tmp_path / "a.tif"
    path.write_text(content.format(address))
    assert "is not a GeoTIFF" in refused(path)
    # Past the look at its first bytes as well, GDAL's one driver does not take it.
    with pytest.raises(SourceError, match="damaged or cut off|cannot be read"):
        child.call({"do": "describe", "path": str(path)}, cpu_s=20)
    assert came == []


@pytest.mark.parametrize("form", ["/vsicurl/{}", "{}", "vrt://{}", "GTIFF_RAW:{}"])
def test_an_address_is_no_file(tmp_path, listener, form):
    address, came = listener
    assert "does not exist" in refused(Path(form.format(address)))
    with pytest.raises(SourceError):
        child.call({"do": "describe", "path": form.format(address)}, cpu_s=20)
    assert came == []


def test_neighbours_of_a_raster_are_not_read(tmp_path, listener):
    address, came = listener
    path = write(tmp_path / "a.tif", slope())
    (tmp_path / "a.tif.aux.xml").write_text(
        f"<PAMDataset><Metadata domain='OVERVIEWS'><MDI key='OVERVIEW_FILE'>/vsicurl/{address}</MDI></Metadata>"
        "<PAMRasterBand band='1'><UnitType>ft</UnitType></PAMRasterBand></PAMDataset>")
    (tmp_path / "a.tif.ovr").write_text(f"<VRTDataset>/vsicurl/{address}</VRTDataset>")
    (tmp_path / "a.tif.msk").write_text(f"<VRTDataset>/vsicurl/{address}</VRTDataset>")
    assert describe(path)["unit"] in (None, "")
    assert came == []


def test_a_giant_that_is_only_declared_is_refused_at_once(tmp_path):
    path = tmp_path / "a.tif"
    with rasterio.open(path, "w", driver="GTiff", width=60_000, height=60_000, count=3, dtype="uint8", sparse_ok=True,
                       tiled=True, crs="EPSG:4490", transform=(1e-4, 0, 110, 0, -1e-4, 35), bigtiff="yes"):
        pass
    assert path.stat().st_size < 2_000_000
    assert "60,000 × 60,000 pixels; 2,000,000,000 are the most" in refused(path)


def test_one_block_without_measure_is_refused():
    described = {"width": 40_000, "height": 40_000, "block": 1_600_000_000}
    with pytest.raises(SourceError, match="blocks of 1,525 MB"):
        bands.check_size("a.tif", described)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("form", [{}, {"compress": "deflate", "tiled": True, "blockxsize": 64, "blockysize": 64}])
def test_a_raster_that_is_cut_off_is_found_out(tmp_path, share, form):
    noise = np.random.default_rng(1).integers(0, 255, (3, 300, 300), dtype="uint8")
    path = write(tmp_path / "a.tif", noise, **form)
    content = path.read_bytes()
    path.write_bytes(content[:int(len(content) * share)])
    part = tmp_path / "part"
    part.mkdir()
    with pytest.raises(SourceError, match="damaged or cut off"):
        child.call(job(path, part), cpu_s=60, folder=part, largest_file=100 << 20)
    assert not (part / "cog.tif").exists()
    path.write_bytes(content)
    child.call(job(path, part), cpu_s=60, folder=part, largest_file=100 << 20)
    assert (part / "cog.tif").exists()


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
                    reason="the kernel's walls are Linux's, on x86_64 and aarch64")
def test_a_child_reads_nothing_but_its_raster_writes_nothing_but_its_result_and_has_no_network(tmp_path, listener):
    secret, part = tmp_path / "secret", tmp_path / "part"
    secret.write_text("a password")
    part.mkdir()
    path = write(tmp_path / "a.tif", slope())
    limits = Limits(cpu=20, memory=child.MEMORY, file=1 << 20, open_files=child.OPEN_FILES)
    told = {"limits": limits.plain(), "path": str(path), "folder": str(part)}
    attempts = (
        "import json, socket, sys",
        "from importers.rasters import worker",
        "job = json.loads(sys.argv[1])",
        "worker.shut_in(job)",
        "def attempt(name, do):",
        "    try: do()",
        "    except PermissionError: print(name, 'denied')",
        "    else: print(name, 'allowed')",
        "attempt('raster', lambda: open(job['path'], 'rb').read())",
        "attempt('result', lambda: open(job['folder'] + '/cog.tif', 'wb'))",
        f"attempt('secret', lambda: open({str(secret)!r}).read())",
        f"attempt('beside', lambda: open({str(tmp_path / 'b.tif')!r}, 'wb'))",
        "attempt('overwrite', lambda: open(job['path'], 'r+b'))",
        "attempt('socket', lambda: socket.socket())",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(attempts), json.dumps(told)], capture_output=True, text=True,
                          cwd=REPOSITORY, timeout=60, check=True)
    assert dict(line.split() for line in done.stdout.splitlines()) == {
        "raster": "allowed", "result": "allowed", "secret": "denied", "beside": "denied", "overwrite": "denied",
        "socket": "denied"}


def test_a_child_that_works_too_long_is_stopped(tmp_path):
    path, part = write(tmp_path / "a.tif", np.zeros((3, 6000, 6000), "uint8"), compress="deflate"), tmp_path / "part"
    part.mkdir()
    with pytest.raises(SourceError, match="takes more time than its size explains"):
        child.call(job(path, part), cpu_s=1, folder=part, largest_file=1 << 30)


def test_a_child_that_writes_too_much_is_stopped(tmp_path):
    noise = np.random.default_rng(1).integers(0, 255, (3, 900, 900), dtype="uint8")
    path, part = write(tmp_path / "a.tif", noise), tmp_path / "part"
    part.mkdir()
    with pytest.raises(SourceError, match="a.tif: it (is damaged|cannot be read)"):
        child.call(job(path, part), cpu_s=60, folder=part, largest_file=100_000)
    assert all(entry.stat().st_size <= 100_000 for entry in part.iterdir())


def test_a_child_without_a_word_is_stopped(tmp_path, monkeypatch):
    waiting = child.subprocess.Popen(["sleep", "60"], stdin=child.subprocess.PIPE, stdout=child.subprocess.PIPE)
    monkeypatch.setattr(child, "start", lambda: waiting)
    with pytest.raises(SourceError, match="made no progress for 1 s"):
        child.call({"do": "describe", "path": "a.tif"}, cpu_s=1, silent_s=1)
    assert waiting.returncode is not None


@pytest.mark.parametrize(("pixels", "kind", "options", "words"), [
    (slope(), IMAGERY, {}, "has 1 band; imagery has red, green and blue"),
    (picture()[:2], IMAGERY, {}, "has 2 bands; imagery has"),
    (np.zeros((5, 9, 9), "uint8"), IMAGERY, {}, "which are red, green and blue is not clear"),
    (np.zeros((5, 9, 9), "uint8"), IMAGERY, {"bands": (1, 2, 6)}, "does not name three of the 5 bands"),
    (np.zeros((3, 9, 9), "float32"), IMAGERY, {}, "has bands of float32"),
    (np.zeros((3, 9, 9), "uint16"), IMAGERY, {}, "such as --stretch 0,3000"),
    (picture(), IMAGERY, {"stretch": (0.0, 9.0)}, "--stretch is for pictures of 16 bits"),
    (picture(), TERRAIN, {}, "has 3 bands; an elevation model has one"),
    (np.zeros((9, 9), "complex64"), TERRAIN, {}, "holds complex64"),
    (slope(), TERRAIN, {"stretch": (0.0, 9.0)}, "are for imagery"),
])
def test_a_raster_that_is_no_such_thing_is_refused(tmp_path, pixels, kind, options, words):
    assert words in refused(write(tmp_path / "a.tif", pixels), kind, **options)


def test_heights_in_feet_are_refused(tmp_path):
    assert "has heights in ft; they must be metres" in refused(write(tmp_path / "a.tif", slope(), unit="ft"), TERRAIN)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_without_a_place_is_refused(tmp_path):
    path = write(tmp_path / "a.tif", picture(), None, "EPSG:4490")
    assert "neither a position inside nor a world file" in refused(path)
    (tmp_path / "a.tfw").write_text("1\n2\nthree")
    assert "does not hold the six numbers" in refused(path)
    (tmp_path / "a.tfw").write_text("nan\n" * 6)
    assert "numbers that are not finite" in refused(path)


@pytest.mark.parametrize("transform", [[np.nan] * 6, [1e-4, 0, 117, 0, 0, 31], [np.inf, 0, 117, 0, -1e-4, 31]])
def test_pixels_without_an_area_are_refused(transform):
    described = {"transform": transform, "width": 9, "height": 9, "crs": "EPSG:4490"}
    with pytest.raises(SourceError, match="its pixels have no area"):
        position.locate(Path("a.tif"), described, None, False)


def test_a_raster_of_thousands_of_bands_is_refused_in_one_line(tmp_path):
    path = write(tmp_path / "a.tif", np.zeros((3000, 4, 4), "uint8"))
    assert "has 3000 bands (gray, undefined, undefined, undefined, undefined, undefined, …)" in refused(path)


@pytest.mark.parametrize(("name", "words"), [("a.jpg", "has an ending that is not read as a raster"),
                                             ("no.tif", "does not exist"), (".", "is a folder")])
def test_what_is_no_raster_file_is_refused(tmp_path, name, words):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8")
    assert words in refused(tmp_path / name)
