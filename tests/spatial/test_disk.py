"""Free space is guarded before a large write, and a ballast is kept for the day it is gone."""

from pathlib import Path

import pytest

from spatial import disk
from spatial.errors import DiskNearlyFull
from spatial.settings import load


def settings(home: Path, least: int):
    return load({"SHAPAN_HOME": str(home), "SHAPAN_MIN_FREE_MB": str(least)})


def test_the_guard_names_what_it_refused_and_both_numbers(tmp_path):
    with pytest.raises(DiskNearlyFull, match=r"Only \d+ MB are free.*1000000 MB are needed: the import was not"):
        disk.guard_free_space(settings(tmp_path, 1_000_000), "the import")


def test_the_guard_lets_pass_where_there_is_room(tmp_path):
    disk.guard_free_space(settings(tmp_path, 1), "the import")


def test_a_folder_that_does_not_exist_yet_is_judged_by_its_disk(tmp_path):
    assert disk.free_mb(tmp_path / "not" / "yet") == pytest.approx(disk.free_mb(tmp_path), abs=64)


def test_the_ballast_takes_real_space_and_gives_it_back_once(tmp_path):
    ballast = tmp_path / "ballast"
    disk.keep_ballast(ballast, settings(tmp_path, 8))
    assert ballast.stat().st_blocks * 512 >= 8 * disk.MEGABYTE
    assert disk.give_up_ballast(ballast)
    assert not disk.give_up_ballast(ballast)


def test_no_ballast_is_made_that_would_bring_the_disk_below_its_minimum(tmp_path):
    disk.keep_ballast(tmp_path / "ballast", settings(tmp_path, 1_000_000))
    assert not (tmp_path / "ballast").exists()


def test_a_minimum_of_zero_switches_guard_and_ballast_off(tmp_path):
    disk.guard_free_space(settings(tmp_path, 0), "the import")
    disk.keep_ballast(tmp_path / "ballast", settings(tmp_path, 0))
    assert not (tmp_path / "ballast").exists()


def test_what_a_run_will_write_counts_as_used(tmp_path):
    settings = load({"SHAPAN_HOME": str(tmp_path), "SHAPAN_MIN_FREE_MB": "1"})
    free = disk.free_mb(tmp_path) * disk.MEGABYTE
    disk.guard_free_space(settings, "the import", free // 2)
    with pytest.raises(DiskNearlyFull, match="the import was not started"):
        disk.guard_free_space(settings, "the import", 2 * free)
