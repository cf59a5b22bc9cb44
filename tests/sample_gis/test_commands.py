"""The command says what is wrong and what to do, and leaves nothing half-done."""

import json
import os
import subprocess

import pytest
from click.testing import CliRunner

from sample_gis.commands import NEEDED_MB, sample, simulate
from sample_gis.publish import FILES
from tests.sample_gis.conftest import SEED


def run(*words):
    return CliRunner().invoke(sample, [str(word) for word in words])


def test_a_directory_that_is_not_empty_is_refused_and_kept(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    result = run(tmp_path, "--size", "small")
    assert result.exit_code == 1
    assert "is not empty. Nothing was written." in result.output
    assert "--overwrite" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_overwrite_replaces_its_own_files_and_keeps_others_and_tells_its_steps_in_plain_lines(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me")
    (tmp_path / "sandbox.gpkg").write_text("old")
    result = run(tmp_path, "--size", "small", "--overwrite")
    assert result.exit_code == 0
    assert "sample: buildings\n" in result.output
    assert "\x1b" not in result.output
    assert (tmp_path / "mine.txt").read_text() == "keep me"
    assert (tmp_path / "sandbox.gpkg").read_bytes()[:6] == b"SQLite"


def test_a_file_in_place_of_the_directory_is_refused(tmp_path):
    path = tmp_path / "city"
    path.write_text("")
    result = run(path)
    assert result.exit_code == 1
    assert "is a file. Nothing was written. Give a directory." in result.output


def test_a_directory_below_a_file_is_refused_with_the_cure(tmp_path):
    (tmp_path / "file").write_text("")
    result = run(tmp_path / "file" / "city")
    assert result.exit_code == 1
    assert "cannot be made" in result.output
    assert "Give a directory that you may write to." in result.output


def test_a_directory_that_does_not_exist_yet_is_made(small_directory):
    assert {path.name for path in small_directory.iterdir()} == set(FILES)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("size", ["small", "full"])
def test_a_disk_too_small_for_the_city_is_refused_before_anything_is_written(tmp_path, size):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)], check=True)
    try:
        result = run(tmp_path, "--size", size)
        assert result.exit_code == 1
        assert f"the files need {NEEDED_MB[size]} MB. Nothing was written." in result.output
        assert not list(tmp_path.iterdir())
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_the_files_fit_into_the_space_that_is_asked_for(small_directory):
    taken = sum(path.stat().st_size for path in small_directory.iterdir())
    assert 0.5 < taken / 1e6 / NEEDED_MB["small"] < 1


@pytest.mark.parametrize("word", ["yesterday", "2026-13-01", ""])
def test_an_instant_that_is_none_is_refused_with_an_example(tmp_path, word):
    result = run(tmp_path, "--until", word)
    assert result.exit_code == 2
    assert "2026-11-01T20:00:00+08:00" in result.output
    assert not list(tmp_path.iterdir())


def test_json_is_one_object_and_nothing_else(small_run):
    told = json.loads(small_run[1])
    assert told["seed"] == SEED
    assert told["counts"]["residents"] == pytest.approx(1_500, rel=0.03)
    assert told["counts"]["buildings"] > 50


@pytest.mark.parametrize("word", ["broker", "127.0.0.1", ":1883", "broker:0", "broker:70000", "broker:x"])
def test_simulate_refuses_an_address_of_a_broker_that_is_none(word):
    result = CliRunner().invoke(simulate, ["--mqtt", word])
    assert result.exit_code == 2
    assert "Give one like 127.0.0.1:1883" in result.output


def test_simulate_refuses_to_tell_by_readings_without_readings():
    result = CliRunner().invoke(simulate, ["--through", "readings", "--no-readings"])
    assert result.exit_code == 2
    assert "Leave out --no-readings" in result.output


def test_simulate_refuses_an_address_without_a_scheme():
    result = CliRunner().invoke(simulate, ["--url", "127.0.0.1:8700"])
    assert result.exit_code == 2
    assert "Give one like http://127.0.0.1:8700" in result.output
