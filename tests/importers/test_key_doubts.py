"""Objects that come in twice and keys that name other objects now: counted and said, with the cure."""

from importers import key_doubts
from tests.importers.files import square, write
from tests.importers.town import identity_number

CURE = "--key, and the source that the rows came from first with --source"


def nameless(path, names, **more):
    """Write buildings without a code, one for each name, in a row."""
    return write(path, {"name": names}, [square(117 + number / 100, 31) for number in range(len(names))], **more)


def found(report):
    assert report.facts()["same_geometry"] == report.counts.doubts.same_geometry
    one = report.counts.doubts
    return one.same_geometry, one.same_identity, one.recoded


def test_new_rows_with_the_geometry_of_one_on_record_are_counted_and_said(importing, database, tmp_path):
    path = nameless(tmp_path / "nk.shp", ["甲", "乙", "丙"])
    renamed = nameless(tmp_path / "nk2.shp", ["甲", "乙", "丁"])
    first = importing("buildings", path)
    assert (found(first), first.facts()["warnings"]) == ((0, 0, 0), [])
    assert found(importing("buildings", path)) == (0, 0, 0), "the same rows are no new ones"
    trial = importing("buildings", renamed, source="nk", dry_run=True)
    report = importing("buildings", renamed, source="nk")
    assert found(trial) == found(report) == (1, 0, 0)
    assert "1 new rows have the geometry of a row on record" in "\n".join(report.lines())
    assert CURE in report.facts()["warnings"][0]
    (recorded,) = database.connect().execute("SELECT detail -> 'warnings' FROM import_run ORDER BY id DESC").fetchone()
    assert recorded == report.facts()["warnings"]
    assert found(importing("buildings", path, source="other")) == (3, 0, 0)
    moved = write(tmp_path / "moved.gpkg", {"name": ["戊"]}, [square(117.5, 31)])
    assert found(importing("buildings", moved)) == (0, 0, 0)


def test_rows_with_keys_of_their_own_may_share_a_place(importing, tmp_path):
    sites = [square(117, 31).centroid] * 2
    shops = {"code": ["P1", "P2"], "kind": ["camera"] * 2}
    importing("devices", write(tmp_path / "a.gpkg", {name: cells[:1] for name, cells in shops.items()}, sites[:1]))
    assert found(importing("devices", write(tmp_path / "b.gpkg", shops, sites), source="a")) == (0, 0, 0)
    others = write(tmp_path / "c.gpkg", {**shops, "code": ["Q1", "Q2"]}, sites)
    assert found(importing("devices", others)) == (2, 0, 0), "another source may tell of the same objects"


def test_a_person_who_comes_in_again_under_another_key_is_counted_and_not_named(town, importing, tmp_path):
    columns = {"building_code": ["B1"], "unit_number": ["1"], "room_number": ["101"], "name": ["尉迟甲"],
               "id_number": [identity_number("99900119700101005")], "phone": ["13900000001"]}
    assert found(importing("residents", write(tmp_path / "a.gpkg", columns))) == (0, 0, 0)
    report = importing("residents", write(tmp_path / "b.gpkg", {**columns, "phone": ["13900000002"]}), source="a")
    assert (report.counts.inserted, found(report)) == (1, (0, 1, 0))
    (said,) = report.facts()["warnings"]
    assert said.startswith("1 new residents have an identity number that is on record")
    assert columns["id_number"][0] not in said
    assert "尉迟" not in said


def test_rows_that_change_their_code_are_counted_and_said_where_they_are_most(importing, tmp_path):
    def numbered(name, codes):
        return write(tmp_path / name, {"FID_": [0, 1, 2], "code": codes, "name": codes},
                     [square(117 + number / 100, 31) for number in range(3)])

    importing("buildings", numbered("a.gpkg", ["A1", "A2", "A3"]), key="FID_")
    one = importing("buildings", numbered("b.gpkg", ["A1", "A2", "A9"]), key="FID_", source="a")
    assert (one.counts.updated, found(one), len(one.facts()["warnings"])) == (1, (0, 0, 1), 1)
    every = importing("buildings", numbered("c.gpkg", ["C1", "C2", "C3"]), key="FID_", source="a")
    assert (every.counts.updated, found(every)) == (3, (0, 0, 3))
    assert "3 of 3 updated rows have another code than on record" in every.facts()["warnings"][0]
    other_names = importing("buildings", numbered("d.gpkg", ["C1", "C2", "C3"]), key="FID_", source="a",
                            set_={"name": "'楼'"})
    assert (other_names.counts.updated, found(other_names)) == (3, (0, 0, 0))


def test_few_rows_that_change_their_code_among_many_are_counted_only():
    assert key_doubts.KeyDoubts(recoded=2).sentences(updated=4) == []
    assert len(key_doubts.KeyDoubts(recoded=3).sentences(updated=4)) == 1
