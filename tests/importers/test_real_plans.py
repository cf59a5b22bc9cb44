"""The precincts of Providence as a plan: its two overlaps and three gaps are found, mended by hand, and then it can be
published."""

import zipfile
from pathlib import Path

import psycopg
import pytest
import shapely

from spatial.coverage import proof
from spatial.geometry import PER_DEGREE, area_m2
from spatial.queries.plans import exceptions, judgement, lease, publication, record, starting, states, working
from spatial.rules.grid_rules import ERROR
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, Objects
from webmap import plan_files


@pytest.fixture
def worker(database: OwnDatabase) -> psycopg.Connection:
    return database.connect("worker", autocommit=True)


def precincts(folder: Path, shared_data: Path, name: str) -> Path:
    """Unpack a set and return its shapefile."""
    with zipfile.ZipFile(shared_data / "coverage" / f"{name}.zip") as archive:
        archive.extractall(folder / name)
    return next((folder / name).rglob("*.shp"))


def imported(worker: psycopg.Connection, importing, path: Path, name: str) -> list[shapely.Geometry]:
    """Import a set as grids of a plan, in a community of its own outline without holes; return what is on record."""
    report = importing("planned_grids", path, set_={"code": name, "name": name})
    assert (report.committed, len(report.rejects)) == (True, 0)
    shapes = [shapely.from_wkb(bytes(row[0])) for row in worker.execute(
        "SELECT ST_AsBinary(geom) FROM planned_grid ORDER BY id")]
    parts = shapely.get_parts(shapely.union_all(shapes))
    whole = shapely.MultiPolygon([shapely.Polygon(part.exterior) for part in parts])
    Objects(worker).put("area", geometry=whole.wkt, code=COMMUNITY, level="community", name="Providence",
                        area_code=COMMUNITY, grid_code=COMMUNITY + "000")
    return shapes


@pytest.mark.shared_data
def test_what_is_wrong_with_the_precincts_is_found_and_mended_to_a_plan_that_is_published(
        worker, importing, shared_data, tmp_path):
    path = precincts(tmp_path, shared_data, "precincts")
    shapes = imported(worker, importing, path, "NAME")
    # The same, by overlays of floats in degrees, without anything of ours.
    overlaps = [(one & other).area for index, one in enumerate(shapes) for other in shapes[index + 1:]
                if one.intersects(other)]
    gaps = [shapely.Polygon(ring).area for part in shapely.get_parts(shapely.union_all(shapes))
            for ring in part.interiors]
    expected = {"overlap": sorted(area for area in overlaps if area > 1e-15), "gap": sorted(gaps)}
    assert {rule: len(areas) for rule, areas in expected.items()} == {"overlap": 2, "gap": 3}

    plan = lease.take(worker, starting.start(worker, COMMUNITY, account="a", origin="file", source="precincts"), "a")
    assert (len(plan.faces), plan.state) == (59, "draft")
    found = judgement.judge(plan, plan.faces, plan.coverage, judgement.ground(worker, plan)).violations
    for rule, areas in expected.items():
        ours = sorted(one.geometry.area / PER_DEGREE**2 for one in found if one.rule == rule)
        assert ours == pytest.approx(areas, rel=1e-2), rule  # slivers, rounded to the lattice

    seen, area = plan.revision, sum(map(area_m2, plan.coverage.faces.values()))
    told = found
    for _ in range(20):
        wrong = [one for one in told if one.rule in ("overlap", "gap", "edge", "outside")]
        if not wrong:
            break
        fix = wrong[0].fixes[0]
        args = {name: shapely.geometry.mapping(shapely.transform(value, lambda xy: xy / PER_DEGREE))
                if hasattr(value, "geom_type") else value for name, value in fix.args.items()}
        outcome = working.perform(worker, plan.id, fix.kind, args, account="a", seen=seen)
        seen, told = outcome.plan.revision, outcome.judged.violations
        assert wrong[0].id not in {one.id for one in told}
    outcome = working.perform(worker, plan.id, "renumber", {}, account="a", seen=seen)
    enclaves = [one for one in outcome.judged.violations if one.severity == ERROR]
    assert {one.rule for one in enclaves} <= {"parts"}
    for one in enclaves:
        exceptions.put(worker, record.get(worker, plan.id), one.id, "an island", "a")
    outcome = working.perform(worker, plan.id, "rename", {"face": 1, "name": "One"}, account="a",
                              seen=record.get(worker, plan.id).revision)
    assert proof(outcome.plan.coverage) == []
    filled = sum(expected["gap"]) - sum(expected["overlap"])
    assert sum(map(area_m2, outcome.plan.coverage.faces.values())) - area == pytest.approx(
        filled / PER_DEGREE**-2 * _m2_per_unit(plan), rel=1e-2)

    plan = states.step(worker, plan.id, "submit", account="a", seen=outcome.plan.revision)
    plan = states.step(worker, plan.id, "approve", account="b", seen=plan.revision)
    publication.schedule(worker, plan.id, at=plan.created_at, account="b", seen=plan.revision)
    with worker.transaction():
        done = publication.publish(worker, plan.id)
    assert (done.begun, done.ended, record.get(worker, plan.id).state) == (59, 0, "published")


@pytest.mark.shared_data
def test_the_new_precincts_and_blocks_as_buildings_can_be_drawn_upon(worker, importing, shared_data, tmp_path):
    imported(worker, importing, precincts(tmp_path, shared_data, "new_precincts"), "NAME20")
    report = importing("buildings", precincts(tmp_path, shared_data, "blocks"), set_={"code": "GEOID10"})
    assert report.committed
    plan = starting.start(worker, COMMUNITY, account="a", origin="file", source="new_precincts")
    plan = lease.take(worker, plan, "a")
    around = judgement.ground(worker, plan)
    assert len(plan.faces) == 55
    judged = judgement.judge(plan, plan.faces, plan.coverage, around)
    inside = worker.execute("SELECT count(*) FROM building, area WHERE level = 'community' "
                            "AND ST_Intersects(geom, ST_PointOnSurface(footprint))").fetchone()[0]
    assert sum(one["buildings"] for one in judged.numbers.values()) == inside > 1500
    west, south, east, north = (edge / PER_DEGREE for edge in plan.outline.bounds)
    middle = (south + north) / 2
    cut = working.perform(worker, plan.id, "split", {"line": {"type": "LineString", "coordinates": [
        [west - 0.001, middle], [east + 0.001, middle]]}}, account="a", seen=plan.revision)
    assert len(cut.plan.faces) > 60
    assert proof(cut.plan.coverage) == proof(plan.coverage) == []
    back = working.undo(worker, plan.id, account="a", seen=cut.plan.revision)
    assert {number: shapely.to_wkb(shape) for number, shape in back.plan.coverage.faces.items()} == {
        number: shapely.to_wkb(shape) for number, shape in plan.coverage.faces.items()}


def _m2_per_unit(plan) -> float:
    return area_m2(plan.outline) / plan.outline.area


@pytest.mark.parametrize("ending", list(plan_files.DRIVERS))
def test_a_plan_that_was_written_to_a_file_comes_back_as_it_is(worker, importing, tmp_path, ending):
    objects = Objects(worker)
    objects.community()
    plan = lease.take(worker, starting.start(worker, COMMUNITY, account="a", origin="empty"), "a")
    cut = working.perform(worker, plan.id, "split", {"line": {"type": "LineString", "coordinates": [
        [117.0071234, 30.99], [117.0123456, 31.03]]}}, account="a", seen=plan.revision).plan
    path = tmp_path / f"方案.{ending}"
    path.write_bytes(plan_files.written(record.get(worker, cut.id), ending))
    report = importing("planned_grids", path)
    assert (report.committed, report.read, len(report.rejects)) == (True, 2, 0)
    back = record.areas([row[0] for row in worker.execute("SELECT ST_AsBinary(geom) FROM planned_grid ORDER BY id")])
    for one, other in zip(cut.coverage.faces.values(), back, strict=True):
        assert one.normalize().equals_exact(other.normalize())
