"""PostgreSQL's programs are found where systems put them; what is missing is named with its package."""

import os
from pathlib import Path

import pytest

from spatial import binaries
from spatial.binaries import Binaries
from spatial.errors import BinariesMissing, ClusterVersionMismatch


def programs(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for name in binaries.PROGRAMS:
        (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_this_machines_programs_are_found_with_postgis():
    chosen = binaries.choose(binaries.find_all())
    assert chosen.major >= binaries.OLDEST_MAJOR
    assert chosen.has_postgis
    assert os.access(chosen.path("initdb"), os.X_OK)


def test_the_newest_is_first_and_betas_and_half_installations_are_read_right(tmp_path):
    programs(tmp_path / "15" / "bin", "15.18 (Debian 15.18-0+deb12u1)")
    programs(tmp_path / "19" / "bin", "19beta1")
    programs(tmp_path / "16" / "bin", "16.4")
    (tmp_path / "16" / "bin" / "initdb").unlink()
    folders = binaries.candidate_folders(debian=tmp_path, homebrew=(), search_path="")
    assert [each.major for each in binaries.find_all(folders)] == [19, 15]


def test_homebrews_folders_are_looked_into(tmp_path):
    programs(tmp_path / "postgresql@17" / "bin", "17.2 (Homebrew)")
    folders = binaries.candidate_folders(debian=tmp_path / "none", homebrew=(tmp_path,), search_path="")
    assert [each.major for each in binaries.find_all(folders)] == [17]


def test_nothing_installed_names_the_packages():
    with pytest.raises(BinariesMissing, match="apt-get install postgresql postgresql-NN-postgis-3"):
        binaries.choose([])


def test_postgis_missing_names_its_package():
    with pytest.raises(BinariesMissing, match="apt-get install postgresql-16-postgis-3"):
        binaries.choose([Binaries(Path("/x"), 16, has_postgis=False)])


def test_an_older_one_with_postgis_is_better_than_a_newer_without():
    older = Binaries(Path("/old"), 15, has_postgis=True)
    assert binaries.choose([Binaries(Path("/new"), 17, has_postgis=False), older]) == older


def test_one_that_is_too_old_is_refused():
    with pytest.raises(BinariesMissing, match="PostgreSQL 13 is installed; 15 or newer"):
        binaries.choose([Binaries(Path("/x"), 13, has_postgis=True)])


def test_the_data_directorys_version_is_chosen_though_a_newer_one_is_there():
    same = Binaries(Path("/15"), 15, has_postgis=True)
    assert binaries.choose([Binaries(Path("/17"), 17, has_postgis=True), same], wanted_major=15) == same


def test_a_data_directory_of_another_version_is_refused_with_both_versions_named():
    with pytest.raises(ClusterVersionMismatch, match=r"made by PostgreSQL 14; installed is 15"):
        binaries.choose([Binaries(Path("/x"), 15, has_postgis=True)], wanted_major=14, data=Path("/data"))
