"""`scripts/import-cases` names what exists, and calls an outcome unexpected where it is."""

import runpy
import shlex
from pathlib import Path

import pytest
import yaml

from importers import concepts, mapping
from tests.fixtures.homes import REPOSITORY

SCRIPT = runpy.run_path(str(REPOSITORY / "scripts" / "import_cases.py"))
RAW = yaml.safe_load((REPOSITORY / "scripts" / "import_cases.yaml").read_text(encoding="utf-8"))
FILED = ("imagery", "terrain", "model3d")


def test_every_case_names_a_concept_and_mapping_files_of_that_concept():
    for one in RAW:
        if one["concept"] not in FILED:
            assert concepts.find(one["concept"])
        words = shlex.split(one.get("options", ""))
        for path in [after for word, after in zip(words, words[1:], strict=False) if word == "--map"]:
            assert mapping.read(REPOSITORY / path).concept == one["concept"]


def test_a_pattern_becomes_a_case_for_each_file(tmp_path: Path):
    folder = tmp_path / "suites" / "geojson" / "bad"
    folder.mkdir(parents=True)
    for name in ("bad-json.geojson", "new.geojson"):
        (folder / name).touch()
    found = {case.file: case for case in SCRIPT["load"](tmp_path) if "bad" in case.file}
    assert found["suites/geojson/bad/bad-json.geojson"].expect == {"exit": 3, "says": "cannot be read"}
    assert found["suites/geojson/bad/new.geojson"].expect == {"exit": 0}
    assert found["suites/geojson/bad/new.geojson"].command[:2] == ("places", "{file}")


@pytest.mark.parametrize(("expected", "faults"), [
    ({"exit": 1, "read": 3, "rejected": 1, "says": "no-geometry"}, []),
    ({"exit": 0, "inserted": 3}, ["exit is 1, expected 0", "inserted is 2, expected 3"]),
    ({"says": "crosses itself"}, ["it does not say 'crosses itself'"]),
])
def test_an_outcome_that_differs_is_named(expected: dict, faults: list[str]):
    outcome = SCRIPT["Outcome"](1, {"read": 3, "inserted": 2, "rejected": 1}, "no-geometry 1; first: …", 0.1)
    assert outcome.faults(expected) == faults


@pytest.mark.shared_data
def test_every_file_of_a_case_is_there(shared_data: Path):
    for case in SCRIPT["load"](shared_data):
        assert (shared_data / case.file).exists(), case.file
