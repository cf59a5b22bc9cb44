"""Versions in the memory of a process: the same as those in the database, and honest about being old."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from spatial import outbox
from spatial.cells import BASE_ZOOM, DEEPEST, Touched
from spatial.queries import tile_versions
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import Objects
from tiles import versions
from tiles.versions import Versions


def change(seq: int, touched: Touched) -> outbox.Change:
    return outbox.Change(seq, outbox.TILES, touched.layer, "0" * 15, touched.payload(), datetime.now(UTC))


cells = st.integers(0, BASE_ZOOM).flatmap(lambda z: st.builds(
    lambda layer, zooms, *rest: Touched(layer, *zooms, *rest), st.sampled_from(["grids", "roads"]),
    st.sampled_from([(0, 12), (0, DEEPEST), (6, 12), (6, DEEPEST), (14, DEEPEST)]), st.just(z),
    st.lists(st.tuples(*[st.integers(0, min(2**z - 1, 3))] * 2), min_size=1, max_size=3).map(tuple)))
addresses = st.integers(0, DEEPEST).flatmap(lambda z: st.tuples(st.just(z), *[st.integers(0, min(2**z - 1, 900))] * 2))


@given(st.lists(cells, max_size=6), addresses)
def test_the_version_of_a_tile_is_the_last_change_that_shows_in_it(changes, address):
    held = Versions()
    expected = 0
    z, x, y = address
    for seq, touched in enumerate(changes, 1):
        held.apply(change(seq, touched))
        shows = touched.layer == "roads" and ((z, x, y) in touched.above() or any(
            cz <= z and (x >> z - cz, y >> z - cz) == (cx, cy) for cz, cx, cy in touched.whole()))
        expected = seq if shows else expected
    assert held.of(("roads",), z, x, y) == expected
    assert held.of(("grids", "roads"), z, x, y) >= expected


def test_a_process_that_starts_knows_what_others_have_heard(database: OwnDatabase):
    writer, job = Objects(database.connect("worker", autocommit=True)), database.connect("worker", autocommit=True)
    heard, late = Versions(), Versions()
    heard.load(job)
    for number in range(5):
        writer.device(f"D{number}", lon=117.01 + 0.05 * number)
        outbox.stamp(job)
    for numbered in outbox.after(job, 0):
        heard.apply(numbered)
    assert late.load(job) == heard.head == 5
    for row in tile_versions.every(job):
        address = (row.z, row.x, row.y)
        assert heard.of(("devices",), *address) == late.of(("devices",), *address) > 0
    assert heard.epoch == late.epoch != ""


def test_versions_are_trusted_only_while_the_feed_is_heard(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(versions.time, "monotonic", lambda: now[0])
    held = Versions()
    assert not held.trusted
    held.confirm()
    assert held.trusted
    now[0] += versions.TRUSTED_S
    assert not held.trusted
    held.confirm()
    held.distrust()
    assert not held.trusted
