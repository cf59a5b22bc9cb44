"""Keepers accept, walk, work and finish, one thing at a time, mostly in time."""

from datetime import UTC, datetime, timedelta

from sample_gis.fieldwork import FieldWork, metres
from sample_gis.traffic import Traffic
from tests.sample_gis.test_scenarios import device

NOW = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
DEADLINE_S = 7200.0


def iso(seconds):
    return (NOW + timedelta(seconds=seconds)).isoformat()


def event(number, state="dispatched", keeper="K001001", lon=117.0, lat=31.0, dispatched=0.0):
    return {"id": number, "state": state, "keeper": keeper, "lon": lon, "lat": lat, "dispatched_at": iso(dispatched),
            "due_at": iso(dispatched + DEADLINE_S), "deadline": iso(dispatched + DEADLINE_S)}


def task(number, keeper="K001001", target="building"):
    return {"id": number, "keeper": keeper, "target_kind": target, "lon": 117.0, "lat": 31.0, "due_at": iso(3600)}


def live(work, events, tasks=(), hours=6.0, places=None, every=10):
    """Take the steps as the service would; return what was done: (second, keeper, kind, id, step)."""
    events, tasks, done = {e["id"]: e for e in events}, {t["id"]: t for t in tasks}, []
    for second in range(0, int(hours * 3600), every):
        where = places(second, work.goals) if places else {}
        for step in work.decide(list(events.values()), list(tasks.values()), NOW + timedelta(seconds=second), where):
            thing = events[step.id] if step.kind == "events" else tasks[step.id]
            done.append((second, thing["keeper"], step.kind, step.id, step.step))
            match step.step:
                case "accept":
                    assert thing["state"] == "dispatched"
                    thing["state"] = "accepted"
                case "finish":
                    assert thing["state"] == "accepted"
                    assert step.body["note"]
                    del events[step.id]
                case "done":
                    assert step.body["result"]
                    del tasks[step.id]
    return done


def test_each_event_is_accepted_and_then_finished_one_at_a_time_for_each_keeper():
    events = [event(n, keeper=f"K{n % 5}") for n in range(40)]
    done = live(FieldWork(1), events)
    assert sorted(n for _, _, _, n, step in done if step == "accept") == list(range(40))
    assert sorted(n for _, _, _, n, step in done if step == "finish") == list(range(40))
    for keeper in {e["keeper"] for e in events}:
        finished = [second for second, who, _, _, step in done if who == keeper and step == "finish"]
        assert all(later - first > 240 for first, later in zip(finished, finished[1:], strict=False))


def test_what_waited_for_long_is_accepted_bit_by_bit():
    waiting = [event(n, keeper=f"K{n}", dispatched=-90_000) for n in range(50)]
    assert len(FieldWork(1).decide(waiting, [], NOW, {})) == 20


def test_most_are_in_time_and_some_are_late():
    events = [event(n, keeper=f"K{n}") for n in range(300)]
    finished = {n: second for second, _, _, n, step in live(FieldWork(2), events, every=60) if step == "finish"}
    late = sum(second > DEADLINE_S for second in finished.values())
    assert len(finished) == 300
    assert 0.03 < late / 300 < 0.15
    assert sorted(finished.values())[150] < 1500


def test_a_keeper_walks_to_the_place_and_works_there_before_it_is_finished():
    traffic = Traffic([device(f"CAM{n}", "camera", grid="999001001001001") for n in range(3)], 1, "run")
    spot = (117.2825, 31.862)
    there = []

    def places(second, goals):
        traffic.send_keepers(goals)
        traffic.walk(NOW, 10.0)
        where = traffic.places()
        there.append(metres(where["K001001"], spot))
        return where

    done = live(FieldWork(4), [event(1, lon=spot[0], lat=spot[1])], hours=2, places=places)
    finished = next(second for second, *_, step in done if step == "finish")
    assert there[0] > 200
    assert there[finished // 10] < 30
    assert there[finished // 10 - 3] < 30, "the work took a while"
    assert traffic.places()["K001001"] != spot, "afterwards the round goes on"


def test_tasks_are_done_and_those_of_events_are_left_to_the_event():
    done = live(FieldWork(1), [], [task(1), task(2), task(3, target="event")])
    assert sorted((kind, n, step) for _, _, kind, n, step in done) == [("tasks", 1, "done"), ("tasks", 2, "done")]


def test_an_event_that_nobody_has_or_somebody_took_away_is_left_alone():
    work = FieldWork(1)
    assert work.decide([event(1, "open", None), event(2, "rejected")], [], NOW + timedelta(hours=3), {}) == []
    work.decide([event(3, "accepted")], [], NOW, {})
    assert work.goals == {"K001001": (117.0, 31.0)}
    work.decide([], [], NOW, {})
    assert work.goals == {}
