"""Roll-up, figures and pictures of the past through HTTP, and what of them is for whom."""

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from spatial import outbox
from spatial.jobs import kpi_days, rollup
from spatial.queries.measures import MEASURES
from spatial.rules import days
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID
from tests.fixtures.web import Web
from webmap import identity
from webmap.views.picture import TODAY

ZONE = ZoneInfo("Asia/Shanghai")


def ask(web: Web, path: str, status: int = 200, **query: Any) -> dict[str, Any]:
    answer = web.client.get(path, query_string=query)
    assert answer.status_code == status, answer.text
    return answer.json


def send(web: Web, device: str, kind: str, cleared: bool = False, severity: str = "major") -> list[int]:
    message = {"source": "test", "event_id": str(time.monotonic_ns()), "device": device, "severity": severity,
               "type": kind, "occurred_at": datetime.now(UTC).isoformat(), "cleared": cleared}
    answer = web.client.post("/api/alarms", json={"alarms": [message]})
    assert answer.status_code == 201, answer.text
    return answer.json["ids"]


def report(web: Web, code: str) -> None:
    answer = web.client.post("/api/events", json={"events": [
        {"source": "test", "code": code, "class_code": "0102", "title": "t", "lon": 117.005, "lat": 31.005,
         "occurred_at": datetime.now(UTC).isoformat()}]})
    assert answer.status_code == 201, answer.text


def visit(web: Web) -> None:
    building = web.objects.connection.execute("SELECT id FROM building").fetchone()[0]
    answer = web.client.post("/api/tasks", json={"tasks": [
        {"kind": "visit", "title": "t", "target_kind": "building", "target_id": building,
         "due_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}]})
    assert answer.status_code == 201, answer.text


def put_event(web: Web, code: str, at: datetime, steps: list[tuple[str, str, datetime]]) -> None:
    """Put an event on record that came in at an instant, with the steps after that: word, state, instant."""
    whole = [("taken", "open", at), *steps]
    state = whole[-1][1]
    ends = {f"{step}_at": when for step, after, when in whole if after in ("done", "closed")}
    event_id = web.objects.put(
        "event", geometry="POINT(117.005 31.005)", code=code, class_code="0102", title="t", state=state, told=state,
        occurred_at=at, received_at=at, area_code=COMMUNITY, grid_code=GRID,
        **(ends if state in ("done", "closed") else {}))
    for step, after, when in whole:
        web.objects.connection.execute(
            "INSERT INTO event_step (event_id, step, state, account, at, area_code, grid_code) "
            "VALUES (%s, %s, %s, 'test', %s, %s, %s)", [event_id, step, after, when, COMMUNITY, GRID])


def roll_up(web: Web) -> None:
    """As the jobs do in a round."""
    web.sequence()
    rollup.follow(web.objects.connection, rollup.Progress())
    kpi_days.stand(web.objects.connection, kpi_days.Progress())


def become(monkeypatch: pytest.MonkeyPatch, role: str, *prefixes: str) -> None:
    scope = Scope(prefixes) if prefixes else Scope.everything()
    monkeypatch.setattr(identity, "DEMO", identity.Identity(role, (role,), scope))


@pytest.fixture
def town(web: Web) -> Web:
    web.objects.community()
    web.objects.community(OTHER_COMMUNITY, west=117.03, name="江滨社区")
    web.objects.grid()
    web.objects.grid(OTHER_GRID, west=117.03)
    web.objects.room(web.objects.building(), residents=17)
    web.objects.device("D1")
    web.objects.device("D2", grid=OTHER_GRID)
    web.objects.keeper()
    return web


def test_places_come_with_their_worst_alarm_and_counts(town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    send(town, "D1", "gas", severity="minor")
    send(town, "D2", "gas", severity="critical")
    roll_up(town)
    answer = ask(town, "/api/rollup", level="community", limit=1)
    (first,) = answer["places"]
    assert (first["code"], first["name"], first["name_en"], first["worst"], first["counts"]["alarms_critical"]) == (
        OTHER_COMMUNITY, "江滨社区", "Wangjiang", "critical", 1)
    assert (answer["total"], answer["next"]) == (3, f"0_0_-1_{OTHER_COMMUNITY}")
    second = ask(town, "/api/rollup", level="community", limit=1, after=answer["next"])["places"][0]
    assert (second["code"], second["worst"]) == (COMMUNITY, "minor")
    for end in (OTHER_COMMUNITY, "0_0_1_x", "9" * 300):
        assert "next" in str(ask(town, "/api/rollup", 422, level="community", after=end)["faults"])
    become(monkeypatch, "wall", GRID)
    (county,) = ask(town, "/api/rollup", level="county")["places"]
    assert (county["worst"], county["counts"]["alarms_critical"]) == ("minor", 0)
    assert ask(town, "/api/rollup", level="building")["places"] == []
    ask(town, "/api/rollup", 422, level="planet")


def test_figures_say_what_was_a_day_and_a_week_ago_and_null_where_it_is_not_known(town: Web) -> None:
    send(town, "D1", "gas")
    roll_up(town)
    now = datetime.now(UTC)
    kpi_days.take(town.objects.connection, now - timedelta(days=1), ZONE)
    for kind in ("smoke", "water"):
        send(town, "D1", kind)
    roll_up(town)
    answer = ask(town, "/api/kpi", within=COMMUNITY)
    assert answer["place"] == {"level": "community", "code": COMMUNITY, "name": "望江社区", "name_en": "Wangjiang"}
    assert set(answer["measures"]) == set(MEASURES)
    major = answer["measures"]["alarms_major"]
    assert (major["value"], major["yesterday"], major["last_week"], major["label"]) == (
        3, 1, None, "未关闭告警（重要）")
    today = days.day_and_hour(now, ZONE)[0]
    assert len(major["days"]) == 14
    assert major["days"][-2:] == [{"day": str(today - timedelta(days=1)), "value": 1},
                                  {"day": str(today), "value": None}]
    assert answer["measures"]["residents"]["yesterday"] == 17
    points = ask(town, "/api/kpi/history", measure="alarms_major", step="hour", within=GRID,
                 **{"from": today - timedelta(days=1), "to": today - timedelta(days=1)})["points"]
    assert [point["value"] for point in points if point["value"] is not None] == [1]
    assert len(points) == 24


def test_entry_rates_of_figures_need_a_total_that_was_declared_for_the_place(town: Web) -> None:
    town.objects.put("expected", kind="population", value=40, declared_by="年报", as_of="2025-12-31",
                     area_code=COMMUNITY, grid_code=COMMUNITY + "000")
    town.objects.connection.execute("DELETE FROM entry_requirement WHERE kind = 'population'")
    roll_up(town)
    rates = {one["kind"]: one for one in ask(town, "/api/kpi", within=COMMUNITY)["entry_rate"]}
    assert (rates["population"]["rate"], rates["population"]["declared_by"]) == (17 / 40, "年报")
    assert (rates["housing"]["rate"], rates["housing"]["numerator"]) == (None, 0)
    # Two communities and nothing above them: it is no place of which anybody declared something.
    answer = ask(town, "/api/kpi")
    assert answer["place"] is None
    assert {one["rate"] for one in answer["entry_rate"]} == {None}


def test_who_may_not_count_residents_reads_tens_and_who_may_not_see_a_place_nothing(
    town: Web, monkeypatch: pytest.MonkeyPatch,
) -> None:
    roll_up(town)
    assert ask(town, "/api/kpi")["measures"]["residents"]["value"] == 17
    become(monkeypatch, "wall", GRID)
    answer = ask(town, "/api/kpi", within=GRID[:6])
    assert (answer["measures"]["residents"]["value"], answer["measures"]["households"]["value"]) == (10, 1)
    assert answer["place"]["code"] == GRID
    ask(town, "/api/kpi", 404, within=OTHER_GRID)
    ask(town, "/api/kpi/history", 404, within=OTHER_GRID, measure="residents",
        **{"from": "2026-11-01", "to": "2026-11-02"})
    ask(town, "/api/picture", 403, at=datetime.now(UTC).isoformat())


def test_a_history_that_cannot_be_given_is_refused_with_its_fault(web: Web) -> None:
    for since, until, step, fault in (
            ("2026-11-02", "2026-11-01", "day", "is before"), ("2020-01-01", "2026-11-01", "day", "at most 1100 days"),
            ("1900-01-01", "1900-01-02", "day", "lies outside"), ("2026-11-01", "2026-11-02", "hour", "once a day"),
            ("yesterday", "2026-11-02", "day", "Not a valid date")):
        answer = ask(web, "/api/kpi/history", 422, measure="residents", step=step, **{"from": since, "to": until})
        assert fault in str(answer["faults"])


def live(web: Web) -> dict[str, Any]:
    """What pages show now: the list of alarms, the keepers, the grids in force."""
    connection = web.objects.connection
    spots = ask(web, "/api/keepers")["keepers"]
    grids = connection.execute("SELECT code, valid_from FROM grid WHERE valid_to IS NULL ORDER BY code")
    return {"alarms": ask(web, "/api/alarms")["alarms"],
            "keepers": [(one["code"], one["lon"], one["lat"], one["at"]) for one in spots if one["at"]],
            "grids": [(code, since.isoformat()) for code, since in grids],
            "events": connection.execute("SELECT id, state FROM event ORDER BY id DESC").fetchall()}


WANTED = {"acknowledge": {}, "close": {}, "assign": {"assignee": "wang"}, "unshelve": {},
          "shelve": {"note": "repair", "until": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}}


def known(alarm: dict[str, Any]) -> dict[str, Any]:
    """An alarm without those fields of which a picture says that they are of today."""
    return {name: value for name, value in alarm.items() if f"alarms.{name}" not in TODAY}


def test_the_picture_of_an_instant_is_what_was_shown_at_that_instant(town: Web) -> None:
    chance, ids, recorded = random.Random(5), [], []
    connection = town.objects.connection
    for turn in range(120):
        action = chance.choice(["alarm", "alarm", "clear", "acknowledge", *WANTED, "keeper", "event", "grid", "accept",
                                "finish", "return"])
        if action in ("alarm", "clear"):
            ids += send(town, chance.choice(["D1", "D2"]), chance.choice("abc"), action == "clear",
                        chance.choice(["minor", "major", "critical"]))
        elif action in WANTED and ids:
            town.client.post(f"/api/alarms/{chance.choice(ids)}/{action}", json=WANTED[action])
        elif action == "keeper":
            spot = {"keeper": f"K{GRID}", "lon": 117 + turn / 1e5, "lat": 31.001, "at": datetime.now(UTC).isoformat()}
            town.client.post("/api/keepers/positions", json={"positions": [spot]})
        elif action == "event":
            report(town, f"E{turn}")
        elif action in ("accept", "finish", "return"):
            for event_id in dict(live(town)["events"]):
                town.client.post(f"/api/events/{event_id}/{action}", json={"note": "n"})
        elif action == "grid":
            connection.execute("UPDATE grid SET valid_to = now() WHERE code = %s AND valid_to IS NULL", [OTHER_GRID])
            town.objects.grid(OTHER_GRID, west=117.03, size=0.01 + turn / 10_000)
        if turn % 8 == 7:
            recorded.append((connection.execute("SELECT clock_timestamp()").fetchone()[0], live(town)))
    assert len({state for _, shown in recorded for _, state in shown["events"]}) >= 3
    assert len({spot for _, shown in recorded for spot in shown["keepers"]}) >= 3
    assert len({alarm["state"] for _, shown in recorded for alarm in shown["alarms"]}) >= 4
    for at, shown in recorded:
        picture = ask(town, "/api/picture", at=at.isoformat())
        assert [known(alarm) for alarm in picture["alarms"]] == [known(alarm) for alarm in shown["alarms"]]
        assert picture["alarms_total"] == len(shown["alarms"])
        assert [(one["code"], one["lon"], one["lat"], one["at"]) for one in picture["keepers"]] == shown["keepers"]
        assert [(one["code"], one["valid_from"]) for one in picture["grids"]] == shown["grids"]
        if days.day_and_hour(at, ZONE)[0] == days.day_and_hour(recorded[0][0], ZONE)[0]:
            assert [(one["id"], one["state"]) for one in picture["events"]] == shown["events"]
    old = ask(town, "/api/picture", at=recorded[0][0].isoformat())["grids"]
    assert [one["code"] for one in old if one["geometry"]] == [OTHER_GRID]
    assert "counts.residents" in picture["today"]


def test_figures_of_a_picture_are_those_that_were_taken_down_and_the_others_are_named_as_todays(
    town: Web, monkeypatch: pytest.MonkeyPatch,
) -> None:
    roll_up(town)
    then = datetime.now(UTC) - timedelta(days=2)
    kpi_days.take(town.objects.connection, then, ZONE)
    visit(town)
    roll_up(town)
    picture = ask(town, "/api/picture", at=then.isoformat())
    assert (picture["counts"]["tasks_due"], picture["counts"]["residents"]) == (0, 17)
    assert not any(name.startswith("counts.") for name in picture["today"])
    # An hour at which nobody took anything down: what is kept by the day is known, and the rest is of today.
    hour = timedelta(hours=1 if days.day_and_hour(then, ZONE)[1] < 23 else -1)
    picture = ask(town, "/api/picture", at=(then + hour).isoformat())
    assert picture["counts"]["tasks_due"] == 1
    assert "counts.tasks_due" in picture["today"]
    assert "counts.residents" not in picture["today"]
    become(monkeypatch, "viewer", OTHER_GRID)
    picture = ask(town, "/api/picture", at=datetime.now(UTC).isoformat())
    assert (picture["alarms"], picture["keepers"]) == ([], None)
    assert [one["code"] for one in picture["grids"]] == [OTHER_GRID]


def test_alarms_and_events_of_a_picture_are_counted_at_the_very_instant(town: Web) -> None:
    """What steps tell is not that of the full hour, and neither is it of today."""
    send(town, "D1", "gas")
    report(town, "E1")
    instant = town.objects.connection.execute("SELECT clock_timestamp()").fetchone()[0]
    send(town, "D1", "smoke")
    send(town, "D1", "gas", cleared=True)
    report(town, "E2")
    roll_up(town)
    kpi_days.take(town.objects.connection, datetime.now(UTC), ZONE)
    names = ("alarms_major", "unacknowledged_major", "alarms_critical", "events_open", "events_overdue")
    picture = ask(town, "/api/picture", at=instant.isoformat())
    assert [picture["counts"][name] for name in names] == [1, 1, 0, 1, 0]
    assert not any(f"counts.{name}" in picture["today"] for name in names)
    assert ask(town, "/api/kpi")["measures"]["events_open"]["value"] == 2


def test_a_picture_holds_the_events_of_days_before_that_were_open_still(town: Web) -> None:
    """Open or not is what the steps up to the instant made of them, however often they were returned since."""
    midnight = days.bounds(datetime.now(ZONE).date(), ZONE)[0] - timedelta(days=3)

    def at(days_before: float) -> datetime:
        return midnight - timedelta(days=days_before)

    roll_up(town)
    kpi_days.take(town.objects.connection, at(6), ZONE)
    lives = {
        "open": (), "accepted": (("accepted", "accepted", 2),),
        "done before": (("accepted", "accepted", 4), ("done", "done", 2)),
        "closed": (("accepted", "accepted", 4), ("done", "done", 3), ("closed", "closed", 2)),
        "done after": (("accepted", "accepted", 4), ("done", "done", -2)),
        "returned after": (("accepted", "accepted", 4), ("done", "done", 3), ("returned", "dispatched", -1)),
        "returned before": (("done", "done", 4), ("returned", "dispatched", 1), ("done", "done", -1)),
        "closed unhandled after": (("closed", "closed", -2),),
        "settled after": (),
    }
    for code, steps in lives.items():
        put_event(town, code, at(5), [(step, state, at(back)) for step, state, back in steps])
    town.objects.connection.execute("UPDATE event_step SET at = %s FROM event WHERE event.id = event_id AND "
                                    "code = 'settled after'", [at(-1)])
    put_event(town, "of the day", midnight + timedelta(hours=1), [("closed", "closed", midnight + timedelta(hours=2))])
    put_event(town, "to come", midnight + timedelta(hours=20), [])
    picture = ask(town, "/api/picture", at=(midnight + timedelta(hours=12)).isoformat())
    codes = dict(town.objects.connection.execute("SELECT id, code FROM event").fetchall())
    assert {codes[one["id"]]: one["state"] for one in picture["events"]} == {
        "open": "open", "accepted": "accepted", "done after": "accepted", "returned before": "dispatched",
        "closed unhandled after": "open", "settled after": "open", "of the day": "closed"}
    assert picture["events"][0]["received_at"] == (midnight + timedelta(hours=1)).astimezone(UTC).isoformat()
    assert (picture["events_total"], picture["counts"]["events_open"]) == (7, 6)


def test_an_instant_of_which_there_is_no_picture_is_refused_with_the_reason(town: Web) -> None:
    for at, words in ((datetime.now(UTC) + timedelta(minutes=1), "is after the server's time"),
                      (datetime.now(UTC) - timedelta(days=900), "is before the first record")):
        assert words in ask(town, "/api/picture", 422, at=at.isoformat())["faults"][0]["message"]
    assert ask(town, "/api/picture", 422, at="2026-11-01T10:00:00")["faults"]
    assert ask(town, "/api/picture", 422)["faults"]


def test_the_feed_carries_the_roll_up_to_those_who_may_see_the_grid(town: Web) -> None:
    send(town, "D2", "gas")
    roll_up(town)
    outbox.stamp(town.objects.connection)
    told = [change for change in outbox.after(town.objects.connection, 0) if change.kind == "kpi"]
    (worst,) = [change for change in told if change.payload["worst"]]
    assert worst.object == worst.grid_code == OTHER_GRID
    assert not any("residents" in change.payload["counts"] for change in told)
