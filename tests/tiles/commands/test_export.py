"""``shapan tiles export`` as a person types it."""

import json
from pathlib import Path

import pytest

from spatial import cli
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.homes import Shapan
from tests.fixtures.objects import Objects


def test_an_export_says_what_it_wrote_and_refuses_to_write_over_it(
    database: OwnDatabase, shapan: Shapan, tmp_path: Path
) -> None:
    Objects(database.connect("worker", autocommit=True)).building()
    target = tmp_path / "楼.pmtiles"
    words = ("tiles", "export", str(target), "--layers", "buildings", "--zooms", "13-15")
    done = shapan(*words, "--json", settings=database.settings)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["tiles"] >= 3
    assert (facts["zooms"], facts["layers"], facts["field_class"]) == ([13, 15], ["buildings"], "classed")
    assert facts["bytes"] == target.stat().st_size
    again = shapan(*words, settings=database.settings)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    forced = shapan(*words, "--force", settings=database.settings)
    assert forced.returncode == 0
    assert forced.stdout.startswith("楼.pmtiles: ")


@pytest.mark.parametrize(("words", "said"), [
    (("x.mbtiles",), ".pmtiles"), (("x.pmtiles", "--zooms", "a-b"), "not a zoom or a range of zooms up to 22"),
    (("x.pmtiles", "--zooms", "9-"), "not a zoom or a range"), (("x.pmtiles", "--zooms", "4-40"), "up to 22"),
    (("x.pmtiles", "--bbox", "1,2,3"), "west,south"), (("x.pmtiles", "--bbox", "1,2,3,86"), "within Web Mercator"),
    (("x.pmtiles", "--bbox", "1,nan,3,4"), "within Web Mercator"),
    (("x.pmtiles", "--layers", "devices"), "devices does not leave"),
    (("x.pmtiles", "--zooms", "4-20"), "end at 16")])
def test_wrong_words_are_named(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["tiles", "export", *words])
    assert left.value.code == 2
    assert said in capsys.readouterr().err
