"""Imagery, terrain and 3D models over HTTP, imported as a person would import them."""

import dataclasses
import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile

from importers.filed_report import IMAGERY, TERRAIN
from importers.models3d import run as models3d
from importers.rasters import run as rasters
from spatial.queries import imagery, model3d
from tests.fixtures import schemas
from tests.fixtures.databases import OwnDatabase, copy_template, drop
from tests.importers import geotiffs
from tiles import terrain
from webmap.app import create_app

pytestmark = pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")

TILE = "14/13517/6706"
"""Lies within what is imported below, at a zoom of all of it."""


PICTURE = geotiffs.picture(400, 400)


class Served:
    """An application over sources that were imported, and a client of it."""

    def __init__(self, database: OwnDatabase, folder: Path) -> None:
        self.database, self.folder, self.settings = database, folder, database.settings
        self.app: APIFlask = create_app(dataclasses.replace(database.settings, demo_account=True))
        self.client: FlaskClient = self.app.test_client()

    def raster(self, kind, name: str, pixels: np.ndarray) -> None:
        path = geotiffs.write(self.folder / f"{name}.tif", pixels)
        rasters.run(kind, rasters.Request(path, "test", attribution="测绘院 <b>&"), self.settings)

    def model(self, name: str, **how: object) -> None:
        shutil.rmtree(self.folder / name, ignore_errors=True)
        models3d.run(models3d.Request(geotiffs.tileset(self.folder / name, **how), "test"), self.settings)

    def content(self, route: str, name: str) -> Path:
        """Return the file or folder of a source."""
        table = {"raster": "imagery", "terrain": "terrain", "models": "model3d"}[route]
        with self.database.connect() as connection:
            (path,) = connection.execute(f"SELECT path FROM {table} WHERE name = %s", [name]).fetchone()
        return self.settings.home / path

    def get(self, path: str, **headers: str):
        return self.client.get(path, buffered=True,
                               headers={name.replace("_", "-"): value for name, value in headers.items()})

    def close(self) -> None:
        parts = self.app.extensions["shapan"]
        parts.hub.close()
        parts.rasters.close()
        parts.tiles.close()
        parts.database.close()


@pytest.fixture(scope="module")
def served(cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    database = copy_template(cluster, folder / "home")
    made = Served(database, folder)
    made.raster(IMAGERY, "正射", PICTURE)
    made.raster(TERRAIN, "dem", geotiffs.slope(400, 400))
    made.model("tower", files={"a.b3dm": geotiffs.b3dm(), "高/b c.glb": geotiffs.glb()},
               root=geotiffs.tile("a.b3dm", children=[geotiffs.tile("高/b%20c.glb")]), extras={"words": "同" * 2000})
    yield made
    made.close()
    drop(cluster, database)


def opened(body: bytes) -> np.ndarray:
    with MemoryFile(body) as file, file.open() as image:
        return image.read()


@pytest.mark.parametrize(("path", "mimetype", "shape"), [
    (f"/raster/正射/{TILE}.webp", "image/webp", (256, 256)), (f"/raster/正射/{TILE}.png", "image/png", (256, 256)),
    (f"/raster/正射/{TILE}@2x.webp", "image/webp", (512, 512)), (f"/terrain/dem/{TILE}.png", "image/png", (256, 256)),
    (f"/terrain/dem/{TILE}@2x.png", "image/png", (512, 512))])
def test_a_tile_is_drawn_kept_and_revalidated(served: Served, path: str, mimetype: str, shape: tuple) -> None:
    first = served.get(path)
    assert (first.status_code, first.mimetype, first.headers["X-Cache"]) == (200, mimetype, "MISS")
    assert opened(first.data).shape[1:] == shape
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = served.get(path)
    assert (again.data, again.headers["X-Cache"]) == (first.data, "HIT")
    unchanged = served.get(path, If_None_Match=first.headers["ETag"])
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    head = served.client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])


def test_heights_over_http_are_those_of_the_file(served: Served) -> None:
    heights = terrain.decode(opened(served.get(f"/terrain/dem/{TILE}.png").data))
    assert 20 <= heights.min() < heights.max() <= 60
    assert np.diff(heights, axis=1).min() >= -0.11


@pytest.mark.parametrize("path", [
    "/raster/正射/14/0/0.webp", "/raster/正射/2/3/1.png", "/raster/正射/20/0/0.png", "/terrain/dem/14/0/0.png"])
def test_outside_the_box_and_the_zooms_there_is_nothing_and_no_file_is_opened(served: Served, path: str) -> None:
    route, name = path.split("/")[1:3]
    place = served.content(route, name)
    place.rename(place.with_suffix(".away"))
    try:
        answer = served.get(path)
    finally:
        place.with_suffix(".away").rename(place)
    assert (answer.status_code, answer.data, answer.headers["X-Cache"]) == (204, b"", "OUTSIDE")
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("path", [
    f"/raster/none/{TILE}.webp", f"/raster/正射/{TILE}.jpg", f"/raster/正射/{TILE}", f"/terrain/dem/{TILE}.webp",
    "/raster/正射/23/0/0.png", "/raster/正射/3/8/0.png", "/raster/正射/-1/0/0.png", "/raster/正射/1.5/0/0.png",
    f"/raster/正射/{'9' * 30}/0/0.png", f"/raster/正射/1/{'9' * 5000}/0.png", f"/raster/正射/{TILE}@3x.png",
    f"/raster/dem/{TILE}.png", f"/terrain/正射/{TILE}.png", "/raster/none.json", "/terrain/none.json",
    "/models/none/tileset.json", f"/raster/../raster/正射/{TILE}.png", f"/raster/%00/{TILE}.png"])
def test_what_does_not_exist_is_a_problem_document(served: Served, path: str) -> None:
    answer = served.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/raster/正射.json", "/terrain/dem.json"])
def test_tilejson_is_valid_against_its_schema(served: Served, path: str) -> None:
    jsonschema.validate(served.get(path).json, schemas.TILEJSON)


def test_tilejson_says_what_a_map_must_know(served: Served) -> None:
    for path in ("/raster/正射.json", "/terrain/dem.json"):
        document = served.get(path).json
        assert document["bounds"] == pytest.approx([117.0, 30.98, 117.04, 31.02], abs=1e-6)
        assert document["tileSize"] == 256
        # MapLibre shows it as HTML.
        assert document["attribution"] == "测绘院 &lt;b&gt;&amp;"
        (url,) = document["tiles"]
        tile = url.removeprefix("http://localhost").replace("{z}/{x}/{y}", TILE)
        assert served.get(tile).status_code == 200
    assert served.get("/terrain/dem.json").json["encoding"] == "mapbox"


@pytest.mark.parametrize(("kind", "link"), [("raster", "tilejson"), ("terrain", "tilejson"), ("models", "tileset")])
def test_what_is_on_record_is_listed_with_links_that_lead_somewhere(served: Served, kind: str, link: str) -> None:
    listed = served.get(f"/{kind}.json").json["sources"]
    (source,) = [one for one in listed if one["name"] in ("正射", "dem", "tower")]
    assert source["minzoom"] <= source["maxzoom"]
    assert len(source["bounds"]) == 4
    assert served.get(source[link].removeprefix("http://localhost")).status_code == 200


def test_a_source_that_is_imported_again_is_never_served_stale(served: Served) -> None:
    served.raster(IMAGERY, "again", PICTURE)
    path = f"/raster/again/{TILE}.png"
    before = served.get(path)
    served.raster(IMAGERY, "again", 255 - PICTURE)
    after = served.get(path, If_None_Match=before.headers["ETag"])
    assert after.status_code == 200
    assert np.abs(opened(before.data)[:3].astype(int) - (255 - opened(after.data)[:3].astype(int))).mean() < 3


def test_a_file_replaced_between_its_row_and_its_opening_is_read_from_the_new_row(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.raster(IMAGERY, "swapped", PICTURE)
    with served.database.connect() as connection:
        old = imagery.find(connection, "swapped")
    served.raster(IMAGERY, "swapped", 255 - PICTURE)
    asked, find = [], imagery.find

    def late(connection, name):
        asked.append(name)
        return old if len(asked) == 1 else find(connection, name)

    monkeypatch.setattr(imagery, "find", late)
    answer = served.get(f"/raster/swapped/{TILE}.png")
    assert answer.status_code == 200
    assert len(asked) == 2


def test_a_file_that_cannot_be_read_is_503_and_says_what_to_do(served: Served) -> None:
    for kind, route, pixels in ((IMAGERY, "raster", PICTURE), (TERRAIN, "terrain", geotiffs.slope(400, 400))):
        served.raster(kind, "broken", pixels)
        place = served.content(route, "broken")
        whole = place.read_bytes()
        for content in (None, whole[:len(whole) // 3], b"hello"):
            place.unlink(missing_ok=True)
            if content is not None:
                place.write_bytes(content)
            answer = served.get(f"/{route}/broken/{TILE}.png")
            assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
            assert answer.json["title"] == "Source not available"
            assert "Import it again" in answer.json["detail"]
            assert str(served.settings.home) not in answer.text
            assert answer.headers["Cache-Control"] == "no-store"
        place.write_bytes(whole)
        assert served.get(f"/{route}/broken/{TILE}.png").status_code == 200


@pytest.mark.parametrize(("path", "mimetype"), [
    ("tileset.json", "application/json"), ("a.b3dm", "application/octet-stream"),
    ("高/b c.glb", "model/gltf-binary")])
def test_a_file_of_a_model_is_served_whole_in_part_and_unchanged(served: Served, path: str, mimetype: str) -> None:
    url, whole = f"/models/tower/{path}", (served.content("models", "tower") / path).read_bytes()
    answer = served.get(url)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, mimetype, whole)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert int(answer.headers["Content-Length"]) == len(whole)
    etag = answer.headers["ETag"]
    for asked, wanted in (("bytes=0-3", whole[:4]), ("bytes=4-", whole[4:]), ("bytes=-5", whole[-5:]),
                          (f"bytes=2-{10 * len(whole)}", whole[2:])):
        part = served.get(url, Range=asked, Accept_Encoding="gzip", If_Range=etag)
        assert (part.status_code, part.data) == (206, wanted)
        assert part.headers["Content-Range"].endswith(f"/{len(whole)}")
        assert "Content-Encoding" not in part.headers
    unchanged = served.get(url, If_None_Match=etag)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    head = served.client.head(url, buffered=True)
    assert (head.data, int(head.headers["Content-Length"])) == (b"", len(whole))


def test_a_part_beyond_the_end_is_416_and_says_how_long_the_file_is(served: Served) -> None:
    size = (served.content("models", "tower") / "a.b3dm").stat().st_size
    answer = served.get("/models/tower/a.b3dm", Range=f"bytes={size}-")
    assert (answer.status_code, answer.mimetype) == (416, "application/problem+json")
    assert answer.headers["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize("headers", [
    {"Range": "bytes=0-1,4-5"}, {"Range": "lines=1-2"}, {"Range": "bytes=x"}, {"Range": "bytes=5-2"},
    {"Range": "bytes=0-3", "If-Range": '"another"'}, {"Range": "bytes=0-3", "If-Range": "W/{etag}"}])
def test_a_range_that_is_none_of_ours_brings_the_whole_file(served: Served, headers: dict[str, str]) -> None:
    etag = served.get("/models/tower/a.b3dm").headers["ETag"]
    asked = {name: value.replace("{etag}", etag) for name, value in headers.items()}
    answer = served.client.get("/models/tower/a.b3dm", headers=asked, buffered=True)
    assert (answer.status_code, answer.data) == (200, geotiffs.b3dm())


def test_json_is_packed_where_that_is_taken_and_binary_is_not(served: Served) -> None:
    packed = served.get("/models/tower/tileset.json", Accept_Encoding="gzip")
    plain = served.get("/models/tower/tileset.json")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 5
    assert packed.headers["ETag"].startswith("W/")
    again = served.get("/models/tower/tileset.json", Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
    assert again.status_code == 304
    assert "Content-Encoding" not in served.get("/models/tower/a.b3dm", Accept_Encoding="gzip").headers


def test_a_model_that_is_imported_again_has_other_tags(served: Served) -> None:
    served.model("twice", files={"a.b3dm": geotiffs.b3dm()})
    before = served.get("/models/twice/a.b3dm").headers["ETag"]
    served.model("twice", files={"a.b3dm": geotiffs.b3dm(geotiffs.glb({"asset": {"version": "2.0"}, "extras": 1}))})
    answer = served.get("/models/twice/a.b3dm", If_None_Match=before)
    assert answer.status_code == 200
    assert answer.headers["ETag"] != before


def test_a_model_whose_folder_has_gone_is_503(served: Served) -> None:
    served.model("gone")
    shutil.rmtree(served.content("models", "gone"))
    assert served.get("/models/gone/tileset.json").status_code == 503


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_a_model_that_is_imported_again_meanwhile_is_the_one_of_now(
    served: Served, monkeypatch: pytest.MonkeyPatch, left: str,
) -> None:
    served.model("renewed", files={"a.b3dm": geotiffs.b3dm()})
    with served.database.connect() as connection:
        read = [model3d.find(connection, "renewed")]
    served.model("renewed", files={"a.b3dm": geotiffs.b3dm(geotiffs.glb({"asset": {"version": "2.0"}, "extras": 2}))})
    old = served.settings.home / read[0].path
    assert not old.exists()
    if left != "nothing":
        old.mkdir()
    now, find = served.get("/models/renewed/a.b3dm").data, model3d.find
    # The row was read before the import, the file is opened after it.
    monkeypatch.setattr(model3d, "find", lambda *asked: read.pop() if read else find(*asked))
    answer = served.get("/models/renewed/a.b3dm")
    assert (answer.status_code, answer.data) == (200, now)


@pytest.mark.parametrize("path", [
    "", "/", ".", "高", "高/", "../../dem", "%2e%2e/%2e%2e/%2e%2e/keys/residents.key", "..%2f..%2f..%2fetc%2fpasswd",
    "/etc/passwd", "%2Fetc%2Fpasswd", "..%5c..%5cx.json", "tileset.json%00.png", "TILESET.JSON/../../x.json",
    "%ff.json", "....//....//x.json", "a.b3dm/", "%252e%252e/x.json", "x" * 3000 + ".json"])
def test_hostile_paths_find_nothing(served: Served, path: str) -> None:
    answer = served.client.get(f"/models/tower/{path}", follow_redirects=True, buffered=True)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


PIECES = st.sampled_from(["..", "%2e%2e", ".", "", "a.b3dm", "高", "keys", "residents.key", "%00", "%5c", "etc",
                          "sources"])


@settings(max_examples=60, deadline=None)
@given(path=st.one_of(st.lists(PIECES, max_size=7).map("/".join),
                      st.text(st.characters(exclude_categories=["Cs"]), max_size=25)))
def test_no_path_serves_anything_but_the_files_of_the_model(served: Served, path: str) -> None:
    known = {entry.read_bytes() for entry in served.content("models", "tower").rglob("*") if entry.is_file()}
    answer = served.get("/models/tower/" + path.replace("?", "%3F").replace("#", "%23"))
    assert answer.status_code in (200, 308, 404)
    assert answer.status_code != 200 or answer.data in known
