"""Uploads: names of ours only, private, and gone when removed."""

import os

import pytest

from spatial import uploads
from spatial.settings import load


@pytest.fixture
def settings(tmp_path):
    return load({"SHAPAN_HOME": str(tmp_path)})


def test_what_is_described_is_read_again_and_nobody_else_may(settings):
    upload = uploads.create(settings)
    upload.describe({"crs": "EPSG:4547", "ending": ".gpkg"}, "fields: {name: 楼名}\n")
    same = uploads.find(settings, upload.token)
    assert same.request() == {"crs": "EPSG:4547", "ending": ".gpkg"}
    assert same.mapping.read_text(encoding="utf-8") == "fields: {name: 楼名}\n"
    assert {oct(path.stat().st_mode & 0o777) for path in same.folder.iterdir()} == {"0o600"}
    assert oct(same.folder.stat().st_mode & 0o777) == oct(same.folder.parent.stat().st_mode & 0o777) == "0o700"
    same.remove()
    assert (upload.request(), upload.mapping) == (None, None)


@pytest.mark.parametrize("token", ["", "..", "../../etc", "A" * 32, "0" * 31, "0" * 32 + "/x", "0" * 32 + "\n"])
def test_a_token_that_we_did_not_make_is_no_path(settings, token):
    with pytest.raises(ValueError, match="^"):
        uploads.find(settings, token)


@pytest.mark.parametrize("ending", ["", "gpkg", ".", "./x", ".gpkg/..", ".GPKG", ".a b", ".gpkg\n"])
def test_an_ending_that_is_none_is_no_path(settings, ending):
    with pytest.raises(ValueError, match="^"):
        uploads.create(settings).path(ending)


def test_only_folders_of_uploads_that_are_old_enough_are_offered_for_removal(settings):
    assert list(uploads.older_than(settings, 0)) == []
    old, young = uploads.create(settings), uploads.create(settings)
    other = old.folder.parent / "notes"
    other.mkdir()
    for folder in (old.folder, other):
        os.utime(folder, (0, 0))
    assert [upload.token for upload in uploads.older_than(settings, 3600)] == [old.token]
    assert young.folder.exists()
