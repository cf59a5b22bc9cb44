"""Operators acknowledge what is worst first, in plausible time, and keep the number of open alarms within bounds."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from sample_gis.commands import HANDS
from sample_gis.operators import Action, Operators
from sample_gis.traffic import Traffic
from tests.sample_gis.test_scenarios import device

NOW = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)


def alarm(number, severity="major", age=1000.0, now=NOW, **more):
    return {"id": number, "severity": severity, "type": "smoke", "active": True, "repeats": 0, "group_id": number,
            "received_at": (now - timedelta(seconds=age)).isoformat(), "acknowledged_at": None, "cleared_at": None,
            "shelved_until": None, **more}


def before(seconds):
    return (NOW - timedelta(seconds=seconds)).isoformat()


class Desk:
    """Alarms as the service keeps them, one for each device and type at a time, and steps with them."""

    def __init__(self):
        self.open, self.taken, self.serial, self.delays = {}, Counter(), 0, []

    def message(self, said, now):
        key = said["device"], said["type"]
        there = next((a for a in self.open.values() if a["key"] == key and a["active"]), None)
        if said.get("cleared"):
            if there:
                there.update(active=False, cleared_at=now.isoformat())
        elif there:
            there["repeats"] += 1
        else:
            self.serial += 1
            self.open[self.serial] = alarm(self.serial, said["severity"], 0, now, key=key, type=said["type"])

    def take(self, action, now):
        self.taken[action.step] += 1
        for number in action.ids:
            one, at = self.open[number], now.isoformat()
            match action.step:
                case "acknowledge":
                    assert one["acknowledged_at"] is None
                    self.delays.append((now - datetime.fromisoformat(one["received_at"])).total_seconds())
                    one["acknowledged_at"] = at
                case "clear":
                    assert one["active"]
                    one.update(active=False, cleared_at=at)
                case "close":
                    assert one["acknowledged_at"]
                    assert not one["active"]
                    del self.open[number]
                case "shelve":
                    one["shelved_until"] = action.body["until"]


def city():
    """Return devices of a city like the sample: enough that an alarm seldom meets another of its device."""
    kinds = {"elevator": 500, "smoke": 1200, "gas": 500, "camera": 180, "manhole": 450, "water_meter": 380,
             "access_control": 1000}
    return [device(f"{kind}{n}", kind, f"B{n % 300}", n % 20, f"9990010010010{n % 47 + 1:02d}")
            for kind, count in kinds.items() for n in range(count)]


def day(rate, operators, surprises, seed=1, hours=24):
    """Live a day or less; return the desk and the number of open alarms each minute."""
    traffic, desk, counts = Traffic(city(), seed, "day", surprises=surprises), Desk(), []
    next_s = 0.0
    for second in range(0, hours * 3600, 6):
        now = NOW + timedelta(seconds=second)
        for said in traffic.due(now):
            desk.message(said, now)
        while next_s <= second:
            for said in traffic.happening(now)[0]:
                desk.message(said, now)
            next_s += traffic.pause(rate)
        for action in operators.decide(list(desk.open.values()), now) if operators else ():
            desk.take(action, now)
        if second % 60 == 0:
            counts.append(len(desk.open))
    return desk, np.array(counts)


DEMO_RATE = 2.5
"""Things a minute, as scripts/demo has it; one operator with slow hands."""


@pytest.mark.parametrize("seed", [1, 2])
def test_a_day_of_the_demo_has_ten_to_forty_open_alarms(seed):
    desk, counts = day(DEMO_RATE, Operators(1, seed, HANDS["slow"]), surprises=False, seed=seed)
    settled = counts[30:]
    assert ((settled >= 10) & (settled <= 40)).mean() > 0.98
    assert settled.min() >= 6
    assert settled.max() <= 50
    assert {"acknowledge", "comment", "clear", "close"} <= set(desk.taken)


def test_a_day_with_floods_comes_back_into_the_bounds_and_ends_there():
    _, counts = day(DEMO_RATE, Operators(1, 1, HANDS["slow"]), surprises=True, seed=3)
    assert 60 < counts.max() < 500
    assert (counts[30:] <= 40).mean() > 0.85
    assert counts[-1] <= 40


def test_without_operators_they_would_be_thousands():
    _, counts = day(DEMO_RATE, None, surprises=False)
    assert counts[-1] > 1000


def test_the_demo_runs_as_it_is_simulated_here():
    demo = (Path(__file__).parents[2] / "scripts" / "demo").read_text()
    assert f"--rate {DEMO_RATE} --operators 1 --keepers-work --hands slow" in demo


def test_operators_of_usual_speed_acknowledge_after_forty_seconds_in_the_median():
    desk, _ = day(12, Operators(3, 1), surprises=False, hours=4)
    assert 36 <= np.median(desk.delays) <= 48
    assert np.percentile(desk.delays, 99) < 240


def test_the_worst_is_acknowledged_first_and_of_the_same_the_oldest():
    alarms = [alarm(1, "minor"), alarm(2, "critical"), alarm(3, "critical", 2000), alarm(4, "major")]
    assert [a.ids for a in Operators(4, 1).decide(alarms, NOW)] == [(3,), (2,), (4,), (1,)]


def test_who_is_busy_does_nothing_else():
    operators, alarms = Operators(1, 1), [alarm(1), alarm(2)]
    assert len(operators.decide(alarms, NOW)) == 1
    assert operators.decide(alarms, NOW + timedelta(seconds=1)) == []
    assert len(operators.decide(alarms, NOW + timedelta(seconds=10))) == 1


def test_a_group_is_acknowledged_as_one_without_what_just_came():
    alarms = [alarm(1, group_id=1), alarm(2, group_id=1), alarm(3, age=5, group_id=1), alarm(4, "minor")]
    assert Operators(1, 1).decide(alarms, NOW)[0].ids == (1, 2)


def test_two_operators_never_take_the_same_alarm():
    alarms = [alarm(number, group_id=1) for number in range(1, 80)]
    actions = Operators(5, 1).decide(alarms, NOW)
    ids = [number for action in actions for number in action.ids]
    assert len(ids) == len(set(ids))


def test_nobody_acknowledges_at_once_nor_closes_what_goes_on():
    assert Operators(3, 1).decide([alarm(1, "critical", age=1)], NOW) == []
    going_on = alarm(1, acknowledged_at=before(900), remark=None)
    assert all(action.step != "close" for action in Operators(3, 1).decide([going_on], NOW))


def test_what_is_over_and_acknowledged_is_closed_after_a_while():
    def over(seconds):
        return alarm(1, active=False, acknowledged_at=before(900), cleared_at=before(seconds))
    assert Operators(1, 1).decide([over(5)], NOW) == []
    assert Operators(1, 1).decide([over(100)], NOW) == [Action("close", (1,))]


def test_what_chatters_is_shelved_once_and_a_shelved_alarm_is_left_alone():
    chatters = [alarm(number, repeats=6, acknowledged_at=before(900)) for number in range(1, 30)]
    operators, steps = Operators(29, 1), []
    for minute in range(1, 4):
        steps += operators.decide(chatters, NOW + timedelta(minutes=minute))
    shelved = [action for action in steps if action.step == "shelve"]
    assert sorted(action.ids[0] for action in shelved) == list(range(1, 30))
    assert all(action.body["note"] and action.body["until"] for action in shelved)
    waiting = alarm(1, shelved_until=before(-600))
    assert Operators(1, 1).decide([waiting], NOW) == []


@pytest.mark.parametrize("type_", ["battery_low", "smoke"])
def test_what_no_device_ends_a_person_ends(type_):
    old = alarm(1, age=8000, type=type_, acknowledged_at=before(7000))
    assert Operators(1, 1).decide([old], NOW)[0].step == "clear"
