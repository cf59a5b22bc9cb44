"""Files of 3D models: every one that is there, and nothing outside the folder."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spatial.errors import NotFound
from spatial.queries.filed import SourceUnavailable
from tiles import models

SECRET = b"the key of the residents"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a tileset's folder with a file, an inner one, links that lead out, and a secret outside."""
    home = tmp_path_factory.mktemp("home")
    (home / "secret.json").write_bytes(SECRET)
    (home / "keys").mkdir()
    (home / "keys" / "secret.json").write_bytes(SECRET)
    inside = home / "tileset"
    (inside / "data" / "高").mkdir(parents=True)
    (inside / "tileset.json").write_text("{}")
    (inside / "data" / "高" / "a b.glb").write_bytes(b"glTF")
    (inside / "link.json").symlink_to(home / "secret.json")
    (inside / "keys").symlink_to(home / "keys")
    os.mkfifo(inside / "pipe.json")
    return inside


def test_a_file_of_the_folder_is_opened(folder: Path) -> None:
    with models.open_file(folder, "tileset.json") as file:
        assert file.read() == b"{}"
    with models.open_file(folder, "data/高/a b.glb") as file:
        assert file.read() == b"glTF"


HOSTILE = [
    "../secret.json", "data/../../secret.json", "..", ".", "", "/", "data", "data/", "./tileset.json",
    "data//高/a b.glb", "/etc/passwd", "..\\secret.json", "data\\高", "%2e%2e/secret.json", "..%2fsecret.json",
    "link.json", "keys/secret.json", "tileset.json/", "tileset.json/x.json", "tileset.json\0.png", "\0", "pipe.json",
    "nowhere.json", "a" * 300, "a/" * 400 + "b.json", "\udcff.json", "~/secret.json", "...", "．．/secret.json",
    "data/高/../../../secret.json",
]


@pytest.mark.parametrize("path", HOSTILE)
def test_a_path_that_is_no_file_of_the_folder_finds_nothing(folder: Path, path: str) -> None:
    with pytest.raises(NotFound):
        models.open_file(folder, path)


def test_a_folder_that_is_not_there_is_said_to_be_so(folder: Path) -> None:
    for place in (folder / "gone", folder / "tileset.json"):
        with pytest.raises(SourceUnavailable):
            models.open_file(place, "tileset.json")


PIECES = st.sampled_from(["..", ".", "", "keys", "secret.json", "link.json", "data", "高", "tileset.json", "\\..",
                          "%2e%2e", "..%2f", "\0", "home", "tileset", "etc", "passwd", "~"])


@settings(max_examples=300, deadline=None)
@given(path=st.one_of(st.lists(PIECES, max_size=8).map("/".join), st.text(max_size=40)))
def test_nothing_outside_the_folder_is_ever_opened(folder: Path, path: str) -> None:
    try:
        with models.open_file(folder, path) as file:
            opened = Path(os.readlink(f"/proc/self/fd/{file.fileno()}"))
            assert file.read() != SECRET
    except NotFound:
        return
    assert opened.is_relative_to(folder.resolve())


def test_no_opening_leaves_a_descriptor_behind(folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for path in (*HOSTILE, "tileset.json"):
        try:
            models.open_file(folder, path).close()
        except NotFound:
            continue
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("path", ["a.exe", "a", "a.html", "a.js", "tileset.json.bak", ".json"])
def test_kinds_of_files_that_no_tileset_has_are_not_served(path: str) -> None:
    with pytest.raises(NotFound):
        models.media_type(path)


def test_endings_in_capitals_are_the_same_kind() -> None:
    assert models.media_type("A/B.GLB") == "model/gltf-binary"
