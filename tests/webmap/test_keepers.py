"""Keepers over HTTP: positions in, where they are, tracks, coverage."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from pyproj import Geod

from spatial import outbox
from spatial.queries import positions
from spatial.rules import ellipsoid
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_GRID
from tests.fixtures.plans import rows_read
from tests.fixtures.web import Web
from tests.webmap.test_dossier import as_role
from webmap.identity import ROLES
from webmap.told import Audience

GEOD = Geod(a=ellipsoid.SEMI_MAJOR_M, f=ellipsoid.FLATTENING)
KEEPER, OTHER = f"K{GRID}", f"K{OTHER_GRID}"
NOON = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # noon in Shanghai
DAY = {"day": "2026-11-01"}


def position(seconds: float = 0, lon: float = 117.005, lat: float = 31.005, keeper: str = KEEPER) -> dict:
    return {"keeper": keeper, "lon": lon, "lat": lat, "at": (NOON + timedelta(seconds=seconds)).isoformat()}


def send(web: Web, *entries: dict) -> dict:
    answer = web.client.post("/api/keepers/positions", json={"positions": list(entries)})
    assert answer.status_code == 201, answer.text
    return answer.json


def record(web: Web) -> tuple[list[tuple], list[tuple]]:
    """Return the keepers' last positions, and every position on record."""
    connection = web.objects.connection
    return (connection.execute("SELECT code, ST_X(position), position_at FROM keeper ORDER BY code").fetchall(),
            connection.execute("SELECT at, ST_X(position) FROM keeper_track ORDER BY at").fetchall())


def changes(web: Web) -> list[dict]:
    rows = web.objects.connection.execute("SELECT payload FROM outbox WHERE kind = 'keeper' ORDER BY id").fetchall()
    return [row[0] for row in rows]


@pytest.fixture
def kept(web: Web) -> Web:
    web.objects.community()
    web.objects.grid()
    web.objects.keeper()
    web.objects.keeper(OTHER_GRID)
    return web


def test_positions_in_any_order_and_twice_count_once_and_the_newest_wins(kept: Web) -> None:
    entries = [position(20, 117.0052), position(0, 117.005), position(10, 117.0051), position(20, 117.0052)]
    first, again = send(kept, *entries), send(kept, *reversed(entries))
    assert (first["taken"], first["already_known"]) == (3, 1)
    assert (again["taken"], again["already_known"]) == (0, 4)
    latest, track = record(kept)
    assert latest[0] == (KEEPER, 117.0052, NOON + timedelta(seconds=20))
    assert [lon for _, lon in track] == [117.005, 117.0051, 117.0052]
    told = {"code": KEEPER, "lon": 117.0052, "lat": 31.005, "at": (NOON + timedelta(seconds=20)).isoformat(),
            "grid_code": GRID, "on_duty_since": NOON.isoformat(), "outside": False, "still": True}
    assert changes(kept) == [told], "once for a batch, and not at all for what is known"


def test_a_late_position_joins_the_track_and_moves_nobody(kept: Web) -> None:
    send(kept, position(60))
    assert send(kept, position(30, 117.0051))["taken"] == 1
    assert record(kept)[0][0][2] == NOON + timedelta(seconds=60)
    assert len(changes(kept)) == 1


def test_a_faulty_position_loses_none_of_the_others(kept: Web) -> None:
    entries = [position(0), {**position(1), "lon": 181}, position(2, keeper="nobody"), "word",
               {**position(3), "keeper": "\udcff"}, {"keeper": KEEPER}, position(4, 117.0051)]
    body = json.dumps({"positions": entries})
    answer = kept.client.post("/api/keepers/positions", data=body, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json["taken"] == 2
    refused = answer.json["refused"]
    assert [(one["index"], one["field"], one["value"]) for one in refused] == [
        (1, "lon", "181"), (2, "keeper", "nobody"), (3, None, None), (4, "keeper", "?"), (5, "lon", None),
        (5, "lat", None), (5, "at", None)]
    assert all(one["reason"] and one["cure"] for one in refused)


@pytest.mark.parametrize("body", [{"positions": []}, {"positions": "x"}, {}, {"positions": [{}] * 1001}])
def test_what_is_no_batch_is_refused_whole(kept: Web, body: dict) -> None:
    assert kept.client.post("/api/keepers/positions", json=body).status_code == 422


def test_a_clock_that_is_ahead_counts_as_the_servers_and_is_marked(kept: Web) -> None:
    ahead = (datetime.now(UTC) - NOON).total_seconds() + 7200
    entries = [position(ahead - 10, 117.0051), position(ahead, 117.0052)]
    before = datetime.now(UTC)
    answer = send(kept, *entries)
    assert (answer["taken"], answer["wrong_clock"]) == (2, [0, 1])
    (first, _), (second, _) = record(kept)[1]
    assert before <= second <= datetime.now(UTC)
    assert second - first == timedelta(seconds=10)
    assert send(kept, *entries)["taken"] == 0, "known by the time that the device said"
    reported = kept.objects.connection.execute("SELECT max(reported_at) FROM keeper_track").fetchone()[0]
    assert reported == NOON + timedelta(seconds=ahead)


def test_of_a_clock_that_is_ahead_the_day_is_read_once_however_much_it_sends(kept: Web) -> None:
    connection = kept.objects.connection
    keeper = connection.execute("SELECT id FROM keeper WHERE code = %s", [KEEPER]).fetchone()[0]
    now = datetime.now(UTC)

    def batch(hours: int) -> list[list[object]]:
        seconds = [timedelta(seconds=n) for n in range(100)]
        ahead = now + timedelta(hours=hours)
        return [[keeper] * 100, [now - timedelta(hours=hours) + one for one in seconds],
                [ahead + one for one in seconds], [117.005] * 100, [31.005] * 100]

    assert len(connection.execute(positions.ADD, batch(1)).fetchall()) == 100
    connection.execute("ANALYZE keeper_track")
    assert rows_read(connection, positions.ADD, batch(2), "keeper_track") <= 200
    assert connection.execute(positions.ADD, batch(2)).fetchall() == []


def test_a_jump_is_doubtful_until_it_is_confirmed(kept: Web) -> None:
    send(kept, position(0))
    assert send(kept, position(10, 118.5))["doubtful"] == [0]
    assert send(kept, position(20, 117.0051))["doubtful"] == []
    assert record(kept)[0][0][1] == 117.0051
    assert send(kept, position(30, 118.5), position(40, 118.5001))["doubtful"] == [0, 1]
    assert record(kept)[0][0][1] == 117.0051
    assert send(kept, position(50, 118.5002))["doubtful"] == []
    assert record(kept)[0][0][1] == 118.5002
    assert [change["lon"] for change in changes(kept)] == [117.005, 117.0051, 118.5002]


def test_a_round_begins_anew_after_half_an_hour_without_a_position(kept: Web) -> None:
    send(kept, position(0), position(1700), position(3400))
    assert changes(kept)[-1]["on_duty_since"] == NOON.isoformat()
    send(kept, position(5300))
    assert changes(kept)[-1]["on_duty_since"] == (NOON + timedelta(seconds=5300)).isoformat()


def test_batches_at_once_take_each_position_once_and_wait_for_each_other_in_no_ring(kept: Web) -> None:
    sent = [positions.Position(code, 117.005 + n / 10_000, 31.005, NOON + timedelta(seconds=n))
            for n in range(40) for code in (KEEPER, OTHER)]
    taken, faults = [], []

    def one(order: int) -> None:
        try:
            with kept.database.connect("worker") as connection:
                taken.append(len(positions.move_all(connection, sent[::order], datetime.now(UTC)).taken))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=one, args=(order,)) for order in (1, -1) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sum(taken) == len(sent) == len(record(kept)[1])


def test_who_may_not_see_keepers_hears_nothing_of_them(kept: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    send(kept, position(0))
    paths = ("/api/keepers", f"/api/keepers/{KEEPER}/track", f"/api/keepers/coverage?grid={GRID}")
    for role, status in (("operator", 200), ("viewer", 403), ("wall", 403)):
        with as_role(monkeypatch, role):
            assert [kept.client.get(path).status_code for path in paths] == [status] * 3
    moved = outbox.Change(1, outbox.KEEPER, KEEPER, GRID, {}, datetime.now(UTC))
    assert Audience(Scope((GRID,)), ROLES["operator"]).hears(moved)
    assert not Audience(Scope((GRID,)), ROLES["viewer"]).hears(moved)
    assert not Audience(Scope((OTHER_GRID,)), ROLES["operator"]).hears(moved)


def test_the_list_is_within_the_jurisdiction_and_says_how_current_it_is(
    kept: Web, monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = (datetime.now(UTC) - NOON).total_seconds()
    for seconds, freshness in ((now - 3000, "lost"), (now - 1500, "late"), (now, "fresh")):
        send(kept, position(seconds))
        found = kept.client.get("/api/keepers").json["keepers"]
        assert [(one["code"], one["freshness"]) for one in found] == [(KEEPER, freshness), (OTHER, "unknown")]
    assert (found[0]["grid_name"], found[0]["lon"]) == ("第一网格", 117.005)
    page = kept.client.get("/api/keepers", query_string={"limit": 1}).json
    assert page["after"] == KEEPER
    rest = kept.client.get("/api/keepers", query_string={"after": KEEPER}).json
    assert ([one["code"] for one in rest["keepers"]], rest["after"]) == ([OTHER], None)
    with as_role(monkeypatch, "operator", scope=Scope((COMMUNITY,))):
        assert [one["code"] for one in kept.client.get("/api/keepers").json["keepers"]] == [KEEPER]
        assert kept.client.get(f"/api/keepers/{OTHER}/track").status_code == 404
        assert kept.client.get("/api/keepers/coverage", query_string={"grid": OTHER_GRID}).status_code == 404


def walk(web: Web) -> tuple[float, list[dict]]:
    """Have a keeper walk east through the grid and on, pause, and be in another town once; return metres, entries."""
    entries = [position(10 * n, 117.010 + n * 0.0001) for n in range(151)]
    entries += [position(1510 + 10 * n, 117.025) for n in range(30)]
    entries.append(position(1805, 110.0))
    send(web, *entries)
    return GEOD.inv(117.010, 31.005, 117.025, 31.005)[2], entries


def test_a_track_is_a_line_with_times_length_stops_and_what_is_doubtful(kept: Web) -> None:
    metres, entries = walk(kept)
    found = kept.client.get(f"/api/keepers/{KEEPER}/track", query_string=DAY).json
    told = found["properties"]
    assert found["geometry"]["type"] == "LineString"
    assert found["geometry"]["coordinates"][0] == [117.010, 31.005]
    assert len(told["times"]) == len(found["geometry"]["coordinates"]) == len(entries) - 1
    assert told["times"][0] == NOON.isoformat()
    assert told["metres"] == pytest.approx(metres, rel=0.01)
    assert [one["lon"] for one in told["doubtful"]] == [110.0]
    assert len(told["stops"]) == 1
    assert told["stops"][0]["seconds"] == pytest.approx(300, abs=45), "near the place it begins on the way there"
    # The grid ends at 117.02: of 1,800 s the way beyond and the stop were outside.
    assert told["outside_share"] == pytest.approx(800 / 1800, abs=0.03)
    assert not told["simplified"]


def test_a_day_is_that_of_the_command_centre(kept: Web) -> None:
    send(kept, position(-12 * 3600), position(-12 * 3600 - 1), position(12 * 3600 - 1), position(12 * 3600))
    for day, count in (("2026-10-31", 1), ("2026-11-01", 2), ("2026-11-02", 1), ("2026-11-03", 0)):
        found = kept.client.get(f"/api/keepers/{KEEPER}/track", query_string={"day": day}).json
        assert found["properties"]["positions"] == count
        assert (found["geometry"] is None) == (count < 2)
    for day in ("9999-12-31", "0001-01-01", "yesterday"):
        assert kept.client.get(f"/api/keepers/{KEEPER}/track", query_string={"day": day}).status_code == 422


def test_coverage_is_the_band_along_the_track_and_the_buildings_in_it(kept: Web) -> None:
    kept.objects.building("NEAR", west=117.012, south=31.0052)
    kept.objects.building("FAR", west=117.012, south=31.010)
    kept.objects.building("OTHER", west=117.013, south=31.0052, grid=OTHER_GRID)
    walk(kept)
    found = kept.client.get("/api/keepers/coverage", query_string={"grid": GRID, **DAY}).json
    inside = GEOD.inv(117.010, 31.005, 117.020, 31.005)[2]
    ring = [(117.0, 31.0), (117.02, 31.0), (117.02, 31.02), (117.0, 31.02)]
    area = abs(GEOD.polygon_area_perimeter(*zip(*ring, strict=True))[0])
    # The band, and the half disc at its beginning.
    band = {buffer_m: (2 * buffer_m * inside + 0.5 * 3.14159 * buffer_m**2) / area for buffer_m in (30, 60)}
    assert found["area_share"] == pytest.approx(band[30], rel=0.005)
    assert (found["buildings"], found["buildings_passed"], found["building_share"]) == (2, 1, 0.5)
    assert found["keepers"] == [KEEPER]
    wider = kept.client.get("/api/keepers/coverage", query_string={"grid": GRID, "buffer_m": 60, **DAY}).json
    assert wider["area_share"] == pytest.approx(band[60], rel=0.005)
    nobody = kept.client.get("/api/keepers/coverage", query_string={"grid": GRID, "day": "2026-11-05"}).json
    assert (nobody["area_share"], nobody["buildings_passed"]) == (0, 0)
    assert kept.client.get("/api/keepers/coverage", query_string={"grid": "12"}).status_code == 422


def test_a_keeper_is_told_to_stand_or_walk_and_to_be_out_of_the_grid_by_what_was_heard(kept: Web) -> None:
    """Grids are 0.02 degrees wide; 0.0001 degrees are some ten metres."""
    def last(*entries: dict) -> tuple[bool, bool]:
        send(kept, *entries)
        told = changes(kept)[-1]
        with kept.app.extensions["shapan"].database.transaction(Scope.everything()) as connection:
            assert next(one for one in positions.latest(connection) if one["code"] == KEEPER) == told
        return told["outside"], told["still"]

    assert last(position(0)) == (False, True)
    assert last(position(60, 117.0052), position(120, 117.0054)) == (False, False)
    assert last(position(400, 117.0054), position(500, 117.00545)) == (False, True)
    # Heard of every five minutes only: the last one before counts.
    assert last(position(800, 117.008)) == (False, False)
    assert last(position(1000, 117.0002)) == (False, False)
    # Along the edge of the grid, 30 m off, and beyond it.
    assert last(position(1200, 116.9997)) == (False, False)
    assert last(position(1400, 116.998)) == (True, False)


def test_a_keeper_of_no_grid_on_record_is_neither_in_nor_out(kept: Web) -> None:
    send(kept, position(keeper=OTHER))
    assert changes(kept)[-1]["outside"] is None
