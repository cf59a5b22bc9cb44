"""Archives: looked through before they are unpacked, and unpacked within limits; the rest in ``hostile/packed.py``."""

import os
import stat

import pytest

from importers import archives
from spatial.errors import SourceError
from tests.importers import made

LINK = {"create_system": 3, "external_attr": (stat.S_IFLNK | 0o777) << 16}


def test_the_list_of_an_archive_says_how_much_is_in_it_and_what_is_unpacked_is_that(tmp_path):
    files = {"模型/tileset.json": b"{}", "模型/a/b.bin": b"0", "__MACOSX/模型/._b.bin": b"rubbish"}
    path = made.zipped(tmp_path / "a.zip", files, names="gbk")
    assert archives.declared_bytes(path) == 3
    (tmp_path / "u").mkdir()
    found = {file.relative_to(tmp_path / "u").as_posix(): file.read_bytes()
             for file in archives.unpack(path, tmp_path / "u")}
    assert found == {"模型/tileset.json": b"{}", "模型/a/b.bin": b"0"}


@pytest.mark.parametrize("name", ["楼.shp", "模型/楼.shp", "联通.shp", "望江苑.shp", "a.shp", "𠮷祥.shp"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf8"])
def test_chinese_names_are_read_where_nothing_says_their_encoding(tmp_path, name, encoding):
    path = made.zipped(tmp_path / "a.zip", {name: b"x"}, names=encoding)
    (tmp_path / "u").mkdir()
    assert [file.relative_to(tmp_path / "u").as_posix() for file in archives.unpack(path, tmp_path / "u")] == [name]


@pytest.mark.parametrize(("files", "info", "words"), [
    ({"../x": b""}, {}, "leads out of it"), ({"/x": b""}, {}, "leads out of it"),
    ({"a/../../x": b""}, {}, "leads out of it"), ({"C:/x": b""}, {}, "leads out of it"),
    ({str(number): b"" for number in range(501)}, {}, "501 entries"),
    ({"x": b"\0" * (20 << 20)}, {}, "more than 100 times its size"),
    ({"x": b"/etc/passwd"}, LINK, "is a link or a device"),
    ({"tileset.json": b"1", "TILESET.json": b"2"}, {}, "twice"),
])
def test_an_archive_with_a_trick_is_refused_by_its_list_alone(tmp_path, files, info, words):
    with pytest.raises(SourceError, match=words) as caught:
        archives.declared_bytes(made.zipped(tmp_path / "a.zip", files, **info))
    assert "Nothing was imported" in caught.value.cure


def test_an_archive_that_is_cut_off_or_damaged_is_refused(tmp_path):
    content = made.zipped(tmp_path / "a.zip", {"tileset.json": os.urandom(5000)}).read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[:3000])
    with pytest.raises(SourceError, match="not a zip archive that can be read"):
        archives.declared_bytes(tmp_path / "cut.zip")
    (tmp_path / "bad.zip").write_bytes(content[:500] + bytes(100) + content[600:])
    with pytest.raises(SourceError, match="is damaged"):
        archives.unpack(tmp_path / "bad.zip", tmp_path)
