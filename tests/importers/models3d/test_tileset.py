"""Tilesets: every reference followed, none out of the folder; broken ones named with all that is wrong."""

import json
import os
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.models3d import contents, tileset, volumes
from spatial.errors import SourceError
from tests.importers import geotiffs as made


def refused(folder: Path) -> str:
    with pytest.raises(SourceError) as caught:
        tileset.read(folder)
    assert "Nothing was imported" in caught.value.cure
    return caught.value.what


def test_a_tileset_is_followed_to_every_file_that_it_needs_and_no_other(tmp_path):
    gltf = {"asset": {"version": "2.0", "extras": {"uri": "http://author.example/"}}, "buffers": [{"uri": "m/b.bin"}],
            "images": [{"uri": "data:image/png;base64,AA=="}, {"uri": "m/%E5%9B%BE.png"}]}
    root = made.tile("a.b3dm", children=[made.tile("inner/tileset.json"), made.tile("c.cmpt"), made.tile("x.gltf"),
                                         {**made.tile(), "contents": [{"uri": "p.pnts"}, {"url": "a.b3dm"}]}])
    pnts = struct.pack("<4sIIIIII", b"pnts", 1, 28, 0, 0, 0, 0)
    folder = made.tileset(tmp_path / "t", root, {
        "a.b3dm": made.b3dm(), "c.cmpt": made.cmpt(made.i3dm("tree.glb"), made.b3dm()), "tree.glb": made.glb(),
        "x.gltf": json.dumps(gltf).encode(), "m/b.bin": b"0", "m/图.png": b"0", "p.pnts": pnts,
        "secret.b3dm": made.b3dm(), "README.md": b"x"})
    made.tileset(folder / "inner", made.tile("../a.b3dm"), {})
    found = tileset.read(folder)
    assert set(found.files) == {"tileset.json", "a.b3dm", "c.cmpt", "tree.glb", "x.gltf", "m/b.bin", "m/图.png",
                                "p.pnts", "inner/tileset.json"}
    assert found.version == "1.0"
    assert found.footprint.bounds == pytest.approx(np.degrees([2.0420, 0.5411, 2.0423, 0.5413]))


@pytest.mark.parametrize(("address", "words"), [
    ("../a.b3dm", "leads out of the folder"),
    ("x/../../a.b3dm", "leads out of the folder"),
    ("%2e%2e/a.b3dm", "leads out of the folder"),
    ("/etc/passwd", "not inside the folder"),
    ("http://example.com/a.b3dm", "not inside the folder"),
    ("//example.com/a.b3dm", "not inside the folder"),
    ("file:///etc/a.b3dm", "not inside the folder"),
    ("http://[/a.b3dm", "which is no address"),
    ("a.b3dm?token=1", "not the plain path"),
    ("..\\a.b3dm", "not the plain path"),
    ("a\x00.b3dm", "not the plain path"),
    ("no.b3dm", "which is not there"),
    ("A.b3dm", "which is not there"),
    ("a.html", "a kind of content that is not known"),
    ("", "a content without an address"),
])
def test_an_address_out_of_the_folder_or_to_nothing_is_refused(tmp_path, address, words):
    (tmp_path / "a.b3dm").write_bytes(made.b3dm())
    said = refused(made.tileset(tmp_path / "t", made.tile(address), {"a.b3dm": made.b3dm(), "a.html": b"<script>"}))
    assert words in said
    assert said.startswith("t is not a tileset that can be kept: tileset.json refers to ")


def test_all_faults_are_named_at_once(tmp_path):
    children = [made.tile(f"{number}.b3dm") for number in range(30)]
    said = refused(made.tileset(tmp_path / "t", made.tile("http://x.example/y.glb", children=children)))
    assert "http://x.example/y.glb" in said
    assert said.count("which is not there") == 19
    assert "and 11 more" in said


@pytest.mark.parametrize("address", ["http://x.example/t.png", "../../t.png", "no.png", "t.exe"])
@pytest.mark.parametrize("kind", ["glb", "b3dm", "i3dm", "cmpt", "gltf"])
def test_what_a_content_refers_to_is_followed_as_well(tmp_path, kind, address):
    document = {"asset": {"version": "2.0"}, "extensions": {"EXT_some": {"deep": [{"uri": address}]}}}
    content = {"glb": made.glb(document), "b3dm": made.b3dm(made.glb(document)), "i3dm": made.i3dm(address),
               "cmpt": made.cmpt(made.cmpt(made.b3dm(made.glb(document)))), "gltf": json.dumps(document).encode()}[kind]
    folder = made.tileset(tmp_path / "t", made.tile(f"a.{kind}"), {f"a.{kind}": content, "t.exe": b"MZ"})
    assert f"a.{kind} refers to {address!r}" in refused(folder)


@pytest.mark.parametrize("content", [
    b"", b"b3", b"b3dm", b"glTF" + b"\0" * 40, made.b3dm()[:-5], made.b3dm(b"<html>"), made.b3dm(made.glb()[:24]),
    struct.pack("<4sIIIIII", b"b3dm", 1, 28, 2**32 - 1, 0, 0, 0),
])
def test_a_content_that_is_not_what_it_says_is_refused(tmp_path, content):
    assert "a.b3dm " in refused(made.tileset(tmp_path / "t", files={"a.b3dm": content}))


def test_composites_in_composites_end_somewhere(tmp_path):
    content = made.b3dm()
    for _ in range(20):
        content = made.cmpt(content)
    assert "too many tiles in one" in refused(made.tileset(tmp_path / "t", made.tile("a.cmpt"), {"a.cmpt": content}))


@given(st.binary(max_size=200), st.sampled_from([*contents.KINDS]))
def test_no_bytes_upset_the_look_into_a_content(tmp_path_factory, noise, suffix):
    path = tmp_path_factory.getbasetemp() / f"noise{suffix}"
    path.write_bytes(contents.KINDS[suffix] + noise)
    with suppress(contents.Unsound):
        assert all(isinstance(address, str) for address in contents.references(path))


@pytest.mark.parametrize(("text", "words"), [
    (b"", "is not JSON"), (b"{", "is not JSON"), (b"\xff\xfe", "is not JSON"), (b"[]", "it has no asset and root"),
    (b'{"asset": {"version": "1.0"}}', "it has no asset and root"), (b"[" * 200_000, "nested too deeply"),
    (b'{"asset": {"version": "2.0"}, "root": {}}', "is of version '2.0'"),
    (b'{"asset": {"version": "1.0"}, "root": {"children": [7]}}', "a tile that is no object"),
    (b'{"asset": {"version": "1.0"}, "root": {"children": 7}}', "children are no list"),
    (b'{"asset": {"version": "1.0"}, "root": {"extensions": 7, "contents": 7, "boundingVolume": 7}}',
     "has no bounding volume"),
    (b'{"asset": {"version": "1.0"}, "root": {"boundingVolume": {"region": [1, 2, NaN, 4, 5, 6]}}}',
     "not 6 finite numbers"),
    (b'{"asset": {"version": "1.0"}, "root": {"boundingVolume": {"box": [1]}}}', "not 12 finite numbers"),
    (b'{"asset": {"version": "1.0"}, "root": {"boundingVolume": {"ball": [1]}}}', "of unknown kind (ball)"),
    (b'{"asset": {"version": "1.0"}, "extensionsRequired": ["X_y"], "root": {}}', "extensions that are not known: X_y"),
])
def test_a_tileset_json_that_is_none_is_refused(tmp_path, text, words):
    (tmp_path / "tileset.json").write_bytes(text)
    assert words in refused(tmp_path)


def test_a_folder_without_tileset_json_is_refused(tmp_path):
    assert "has no tileset.json" in refused(tmp_path)


@pytest.mark.parametrize("addresses", [["tileset.json"], ["a.json", "b.json", "tileset.json"],
                                       ["a.json", "b.json", "a.json"]])
def test_tilesets_that_refer_to_each_other_in_a_circle_are_refused(tmp_path, addresses):
    for name, address in zip(["tileset.json", *addresses], addresses, strict=False):
        made.tileset(tmp_path / "t", made.tile(address), {}, name=name)
    said = refused(tmp_path / "t")
    assert "in a circle" in said
    assert " → " in said


def test_two_ways_to_one_tileset_are_no_circle(tmp_path):
    made.tileset(tmp_path / "t", made.tile(children=[made.tile("a.json"), made.tile("b.json")]), {})
    made.tileset(tmp_path / "t", made.tile("b.json"), {}, name="a.json")
    made.tileset(tmp_path / "t", made.tile("c.b3dm"), {"c.b3dm": made.b3dm()}, name="b.json")
    assert len(tileset.read(tmp_path / "t").files) == 4


def test_a_link_is_refused_wherever_it_stands(tmp_path):
    folder = made.tileset(tmp_path / "t")
    (folder / "deep").mkdir()
    (folder / "deep" / "x").symlink_to("/etc/passwd")
    with pytest.raises(SourceError, match="deep/x is a link to another file"):
        tileset.read(folder)


def test_a_pipe_is_no_content(tmp_path):
    folder = made.tileset(tmp_path / "t", files={})
    os.mkfifo(folder / "a.b3dm")
    assert "which is not there" in refused(folder)


def subtree(text: dict) -> bytes:
    body = json.dumps(text).encode()
    return struct.pack("<4sIQQ", b"subt", 1, len(body), 0) + body


def implicit(content: str = "c/{level}_{x}_{y}.glb", subtrees: str = "s/{level}.{x}.{y}.subtree",
             **more: object) -> dict:
    return made.tile(content, implicitTiling={"subdivisionScheme": "QUADTREE", "subtreeLevels": 2, "availableLevels": 2,
                                              "subtrees": {"uri": subtrees}, **more})


IMPLICIT = {"c/0_0_0.glb": made.glb(), "c/1_1_0.glb": made.glb(), "c/1_1.glb": made.glb(),
            "s/0.0.0.subtree": subtree({"buffers": [{"uri": "b.bin"}]}), "s/b.bin": b"0"}


def test_implicit_tiles_bring_every_file_that_fits_their_template(tmp_path):
    found = tileset.read(made.tileset(tmp_path / "t", implicit(), IMPLICIT, version="1.1"))
    assert set(found.files) == {"tileset.json", *IMPLICIT} - {"c/1_1.glb"}


@pytest.mark.parametrize(("root", "words"), [
    (implicit("c/{level}_{x}.glb"), "which is no template"),
    (implicit("c/{level}_{x}_{y}_{z}.glb"), "which is no template"),
    (implicit("../{level}_{x}_{y}.glb"), "leads out of the folder"),
    (implicit("http://x.example/{level}_{x}_{y}.glb"), "not inside the folder"),
    (implicit("d/{level}_{x}_{y}.glb"), "of which not one file is there"),
    (implicit(subtrees="q/{level}.{x}.{y}.subtree"), "of which the first subtree is not there"),
    (implicit(subdivisionScheme="TRIANGLES"), "neither as QUADTREE nor as OCTREE"),
    (implicit(subtrees={}), "without an address"),
])
def test_a_template_that_leads_nowhere_is_refused(tmp_path, root, words):
    assert words in refused(made.tileset(tmp_path / "t", root, IMPLICIT, version="1.1"))


def placed(longitude: float, latitude: float) -> list[float]:
    """Return the transform that puts a tile's origin on the ellipsoid, east, north and up along its axes."""
    lon, lat = np.radians([longitude, latitude])
    axis, square = 6_378_137.0, 0.00669437999014
    radius = axis / np.sqrt(1 - square * np.sin(lat) ** 2)
    origin = [radius * np.cos(lat) * np.cos(lon), radius * np.cos(lat) * np.sin(lon),
              radius * (1 - square) * np.sin(lat)]
    east = [-np.sin(lon), np.cos(lon), 0]
    north = [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
    up = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    return [*east, 0, *north, 0, *up, 0, *origin, 1]


@given(longitude=st.floats(-179, 179), latitude=st.floats(-80, 80), half=st.floats(1, 2000))
def test_a_box_and_a_sphere_lie_where_their_transform_puts_them(longitude, latitude, half):
    box = [0, 0, 0, half, 0, 0, 0, half, 0, 0, 0, 5]
    for volume in ({"box": box}, {"sphere": [0, 0, 0, half]}):
        found = volumes.footprint({"boundingVolume": volume, "transform": placed(longitude, latitude)})
        west, south, east, north = found.bounds
        assert (west + east) / 2 == pytest.approx(longitude, abs=1e-4)
        assert (south + north) / 2 == pytest.approx(latitude, abs=2e-4)
        assert (north - south) * 111_200 == pytest.approx(2 * half, rel=0.02)


@pytest.mark.parametrize(("root", "words"), [
    ({"boundingVolume": {"box": [0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 9]}}, "from the centre of the Earth"),
    ({"boundingVolume": {"sphere": [0, 0, 9e6, 9]}}, "from the centre of the Earth"),
    ({"boundingVolume": {"region": [2, 0.5, 1, 0.6, 0, 1]}}, "its region runs from"),
    ({"boundingVolume": {"region": [2, 1.4, 2.1, 1.55, 0, 1]}}, "reaches beyond"),
    ({"boundingVolume": {"extensions": {}}}, "whose place is not known"),
])
def test_a_tileset_whose_place_is_not_known_is_refused(root, words):
    with pytest.raises(ValueError, match=words):
        volumes.footprint(root)
