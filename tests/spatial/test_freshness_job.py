"""The watch: late, lost and back again, told once, and nobody is blamed for our own absence."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from spatial.jobs import alarms as job
from spatial.jobs import freshness
from spatial.queries import alarms, device_states, readings
from spatial.queries.alarms import steps
from spatial.queries.alarms.steps import Wanted
from spatial.rules import measured
from spatial.rules.alarms import StepRefused
from tests.fixtures.objects import Objects

# The clock that we turn stays behind the database's: alarms count no message ahead of it.
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
ROUND_S = 10.0


class Watched:
    """Cameras of a minute, and a watch that looks at them every ten seconds by a clock that we turn."""

    def __init__(self, objects: Objects) -> None:
        self.connection, self.now = objects.connection, NOW
        for n in range(4):
            objects.device(f"C{n}", kind="camera")
        objects.device("never", kind="camera")

    def speak(self, *codes: str) -> None:
        items = [{"source": "gw", "device": code, "at": self.now.isoformat()} for code in codes]
        readings.take(self.connection, measured.read(items, self.now)[0], self.now)

    def watch(self, seconds: float) -> None:
        """Let time pass with the watch awake."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.now = min(end, self.now + timedelta(seconds=ROUND_S))
            freshness.watch(self.connection, lambda: self.now, ROUND_S)

    def states(self) -> str:
        """The first letters but one of all states: fREsh, lAte, lOst, uNknown."""
        rows = self.connection.execute(
            "SELECT substr(freshness, 2, 1) FROM device_state JOIN device ON id = device_id ORDER BY code")
        return "".join(row[0] for row in rows)

    def told(self) -> list[tuple[str, str]]:
        return self.connection.execute(
            "SELECT object, payload->>'freshness' FROM outbox WHERE kind = 'device' ORDER BY id").fetchall()

    def lost(self) -> list[tuple[str, str]]:
        return [(alarm.device_code, alarm.state) for alarm in alarms.open_alarms(self.connection)]


@pytest.fixture
def watched(objects: Objects) -> Watched:
    one = Watched(objects)
    one.speak("C0", "C1", "C2", "C3")
    freshness.watch(one.connection, lambda: one.now, ROUND_S)
    return one


def test_silence_makes_a_device_late_then_lost_each_told_once_and_a_word_brings_it_back(watched: Watched) -> None:
    watched.watch(60)
    watched.speak("C1", "C2", "C3")
    watched.watch(30)
    assert watched.states() == "arrrn"
    watched.watch(50)
    watched.speak("C1", "C2", "C3")
    watched.watch(50)
    assert watched.states() == "orrrn"
    assert watched.lost() == [("C0", "active_unack")]
    watched.speak("C0")
    assert watched.states() == "rrrrn"
    assert watched.lost() == [("C0", "cleared_unack")]
    assert watched.told()[4:] == [("C0", "late"), ("C0", "lost"), ("C0", "fresh")]
    steps = watched.connection.execute("SELECT was, freshness FROM device_step JOIN device ON device.id = device_id "
                                       "WHERE code = 'C0' ORDER BY device_step.id").fetchall()
    assert steps == [("unknown", "fresh"), ("fresh", "late"), ("late", "lost"), ("lost", "fresh")]
    assert {kind["kind"]: (kind["fresh"], kind["unknown"], kind["total"])
            for kind in device_states.counts(watched.connection)} == {"camera": (4, 1, 5)}


def test_the_alarm_of_a_lost_device_stands_until_it_is_heard_of(watched: Watched) -> None:
    connection = watched.connection
    connection.execute("UPDATE alarm_type SET auto_clear_s = 60 WHERE type = 'camera_offline'")
    watched.watch(80)
    watched.speak("C1", "C2", "C3")
    watched.watch(120)
    (alarm,) = [alarm for alarm in alarms.open_alarms(connection) if alarm.device_code == "C0"]
    (outcome,) = steps.take_steps(connection, [alarm.id], Wanted("clear"), "duty")
    assert isinstance(outcome.refusal, StepRefused)
    assert "Shelve" in outcome.refusal.cure
    connection.execute("UPDATE alarm SET last_received_at = now() - interval '1 h', clears_at = now()")
    job.due(connection)
    assert alarms.get(connection, alarm.id).state == "active_unack"
    assert steps.next_due(connection) > 50
    until = datetime.now(UTC) + timedelta(hours=1)
    steps.take_step(connection, alarm.id, Wanted("shelve", note="维修中", until=until), "duty")
    watched.speak("C0")
    assert alarms.get(connection, alarm.id).state == "cleared_unack"
    other = alarms.take_all(connection, [alarms.Message("gw", "1", "C0", "minor", "camera_offline", watched.now
                                                        + timedelta(seconds=1))], "gw")[0].alarm_id
    assert steps.take_step(connection, other, Wanted("clear"), "duty").state == "cleared_unack"


def test_signs_of_life_do_not_move_what_is_indexed_and_the_watch_finds_the_true_time(watched: Watched) -> None:
    def due() -> set[datetime]:
        return {row[0] for row in watched.connection.execute(
            "SELECT changes_at FROM device_state WHERE changes_at IS NOT NULL")}

    first = due()
    assert first == {NOW + timedelta(seconds=90)}
    for _ in range(3):
        watched.watch(20)
        watched.speak("C0", "C1", "C2", "C3")
    assert due() == first
    watched.watch(60)
    assert watched.states() == "rrrrn"
    assert due() == {NOW + timedelta(seconds=150)}


def test_an_hour_without_us_loses_nobody_who_speaks_when_we_are_back(watched: Watched) -> None:
    watched.now += timedelta(hours=1)
    watched.watch(30)
    assert watched.states() == "rrrrn"
    watched.speak("C0", "C1", "C2")
    watched.watch(80)
    assert watched.states() == "rrron"
    assert watched.lost() == [("C3", "active_unack")]
    assert watched.connection.execute("SELECT up_at - down_at FROM device_outage").fetchall() == [
        (timedelta(hours=1, seconds=10),)]


def test_who_was_lost_before_we_went_stays_lost(watched: Watched) -> None:
    watched.watch(200)
    assert watched.states() == "oooon"
    watched.now += timedelta(hours=1)
    watched.watch(10)
    assert watched.states() == "oooon"


def test_another_interval_counts_at_the_next_round(watched: Watched) -> None:
    watched.watch(80)
    watched.connection.execute("UPDATE device SET expected_interval_s = 20 WHERE code = 'C0'")
    watched.connection.execute("UPDATE device_state SET changes_at = %s WHERE changes_at <= now()", (watched.now,))
    watched.watch(5)
    assert watched.states() == "orrrn"


def test_another_interval_of_their_kind_counts_at_the_next_round_for_all_without_one_of_their_own(watched) -> None:
    def change(interval_s: int) -> str:
        watched.connection.execute("UPDATE device_kind SET expected_interval_s = %s WHERE kind = 'camera'",
                                   (interval_s,))
        watched.connection.execute("UPDATE device_state SET changes_at = %s WHERE changes_at <= now()", (watched.now,))
        watched.watch(5)
        return watched.states()

    watched.connection.execute("UPDATE device SET expected_interval_s = 60 WHERE code = 'C1'")
    watched.watch(80)
    assert watched.states() == "rrrrn"
    assert change(20) == "oroon"
    assert change(600) == "rarrn"


def test_a_thousand_devices_that_go_at_once_are_judged_in_one_round(objects: Objects) -> None:
    connection = objects.connection
    connection.execute(
        "INSERT INTO device (code, kind, geom, area_code, grid_code, source, source_key, content_hash) "
        "SELECT 'M' || n, 'other', ST_SetSRID(ST_MakePoint(117, 31), 4490), repeat('0', 12), repeat('0', 15), 't', n, "
        "'' FROM generate_series(1, 1200) AS n")
    connection.execute("UPDATE device_state SET freshness = 'fresh', last_seen = %s, changes_at = %s",
                       (NOW - timedelta(days=2), NOW))
    assert freshness.watch(connection, lambda: NOW) == 1200
    assert freshness.watch(connection, lambda: NOW) == 0
    assert device_states.counts(connection)[0]["late"] == 1200


def test_two_watches_at_once_share_the_work(database) -> None:
    objects = Objects(database.connect("worker", autocommit=True))
    for n in range(3):
        objects.device(f"C{n}", kind="camera")
    objects.connection.execute("UPDATE device_state SET freshness = 'fresh', last_seen = %s, changes_at = %s",
                               (NOW - timedelta(minutes=10), NOW))
    holder = database.connect("worker")
    device_states.lock(holder, ["C1"])
    watch: psycopg.Connection = database.connect("worker", autocommit=True)
    assert freshness.watch(watch, lambda: NOW) == 2
    holder.rollback()
    assert freshness.watch(watch, lambda: NOW) == 1
