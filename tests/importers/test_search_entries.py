"""Entries of the search come and change with the rows that they are for."""

import json
from collections import Counter

import pytest

from spatial.queries import search, search_entries
from spatial.rules.pinyin import pinyin
from spatial.types import Scope
from tests.importers.files import square, write


def labels(town, question: str) -> list[str]:
    with town.database.connect() as connection:
        return [one.label for one in search.find(connection, Scope.everything(), question)]


@pytest.mark.parametrize(("text", "full", "initials"), [
    ("重庆路3号", "chongqinglu3hao", "cql3h"), ("a座", "azuo", "az"), ("", "", ""), ("𠮷野家", None, None),
])
def test_pinyin_reads_a_character_by_its_neighbours_and_leaves_the_rest(text, full, initials):
    found = pinyin(text)
    assert len(found) == 2
    if full is not None:
        assert found == (full, initials)


@pytest.mark.parametrize(("question", "expected"), [
    ("一号", ["一号楼"]), ("yhl", ["一号楼"]), ("sihao", ["四号楼"]), ("b2", ["二号楼"]), ("周网", ["周网格"]),
    ("消火", ["消火栓"]), ("东网格", ["东网格"]), ("Wangjiang C", ["望江苑"]), ("食品", ["望江食品店"]), ("D1", ["D1"]),
])
def test_what_was_imported_is_found(standing_town, question, expected):
    assert labels(standing_town, question) == expected


def test_residents_and_telephones_are_never_found(standing_town):
    for question in ("赵一", "zhaoyi", "钱二", "孙三", "10012345678", "N1"):
        assert labels(standing_town, question) == []
    words = standing_town.rows("SELECT string_agg(search_entry::text, ' ') FROM search_entry")[0][0]
    for secret in ("赵一", "钱二", "孙三", "10012345678", "10087654321"):
        assert secret not in words
    assert standing_town.rows("SELECT DISTINCT kind FROM search_entry WHERE kind <> ALL (%s)", list(search.KINDS)) == []


def test_only_changed_rows_get_a_new_entry(town, importing, tmp_path):
    def written() -> dict[str, str]:
        return dict(town.rows("SELECT label, xmin::text || ctid::text FROM search_entry WHERE kind = 'building'"))

    before = written()
    importing("buildings", town.file)
    assert written() == before
    changed = write(tmp_path / "town.gpkg", {"code": ["B1", "B2", "B3"], "name": ["壹号楼", "二号楼", None],
                                             "floors_above": [6, 12, 4]},
                    [square(117.002, 31.002), square(117.012, 31.002), square(117.016, 31.002)], layer="buildings")
    assert importing("buildings", changed, source="town").counts.updated == 3
    after = written()
    assert set(after) == {"壹号楼", "二号楼", "四号楼"}
    assert {name for name in after if after[name] == before.get(name)} == {"二号楼", "四号楼"}
    assert labels(town, "壹号") == ["壹号楼"]
    assert labels(town, "一号") == []
    assert labels(town, "B3") == ["B3"]


def test_a_dry_run_writes_no_entry(town, importing, tmp_path):
    more = write(tmp_path / "more.gpkg", {"code": ["B9"], "name": ["九号楼"]}, [square(117.004, 31.004)],
                 layer="buildings")
    importing("buildings", more, dry_run=True)
    assert labels(town, "九号") == []


def test_rows_that_came_by_another_way_are_found_after_a_rebuild(town, shapan):
    town.database.connect("worker", autocommit=True).execute("UPDATE building SET name = '改名楼' WHERE code = 'B1'")
    assert labels(town, "改名") == []
    ran = shapan("search", "rebuild", "--json", settings=town.database.settings)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["written"] == {**dict.fromkeys(search.KINDS, 0), "building": 1}
    assert labels(town, "改名") == ["改名楼"]
    again = shapan("search", "rebuild", "--from-scratch", settings=town.database.settings)
    assert "building: 4 entries written." in again.stdout
    assert labels(town, "改名") == ["改名楼"]


ENTRIES = "SELECT kind, object_id, label, also, sought, pinyin, grid_code, array(SELECT unnest(grams) ORDER BY 1) " \
          "FROM search_entry ORDER BY 1, 2"
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'search_entry' ORDER BY 1"


def rewritten(town, shapan) -> list[tuple]:
    ran = shapan("search", "rebuild", "--from-scratch", settings=town.database.settings)
    assert ran.returncode == 0, ran.stderr
    return town.rows(ENTRIES)


def many(tmp_path):
    """Return a file of seven buildings that share four names, two of them with other addresses."""
    return write(tmp_path / "many.gpkg", {
        "code": [f"M{number}" for number in range(7)],
        "name": ["一号楼", "一号楼", "二号楼", None, "二号楼", None, "望江\u3000大厦 B座"],
        "address": ["江边路1号", "江边路2号", None, "江边路3号", None, None, "江边路1号"]},
        [square(117.002 + number * 0.001, 31.006) for number in range(7)], layer="buildings")


@pytest.mark.parametrize("batch", [2, 50_000])
def test_entries_of_many_rows_are_what_a_rebuild_would_write_and_their_indexes_stand_again(
        town, importing, shapan, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(search_entries, "BULK_FROM", 3)
    monkeypatch.setattr(search_entries, "BATCH", batch)
    # More than stand there already, so that indexes are put aside.
    town.database.connect("worker", autocommit=True).execute("DELETE FROM search_entry WHERE kind <> 'building'")
    indexes = town.rows(INDEXES)
    assert importing("buildings", many(tmp_path)).counts.inserted == 7
    written = [row for row in town.rows(ENTRIES) if row[0] == "building"]
    assert Counter(row[2] for row in written) == Counter(
        {"一号楼": 3, "二号楼": 3, "三号楼": 1, "四号楼": 1, "江边路3号": 1, "望江\u3000大厦 B座": 1})
    assert town.rows(INDEXES) == indexes
    assert [row for row in rewritten(town, shapan) if row[0] == "building"] == written


def test_a_search_that_is_being_read_is_filled_row_by_row(town, importing, tmp_path, monkeypatch):
    monkeypatch.setattr(search_entries, "BULK_FROM", 3)
    reader = town.database.connect()
    reader.execute("SELECT count(*) FROM search_entry")
    assert importing("buildings", many(tmp_path)).counts.inserted == 7
    assert "望江\u3000大厦 B座" in labels(town, "望江")
