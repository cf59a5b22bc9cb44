"""People take their steps by the interface; who is slower than another is no fault, who may not ends the run."""

from datetime import UTC, datetime, timedelta

import pytest

from sample_gis.fieldwork import FieldWork
from sample_gis.http import Away, Refused
from sample_gis.operators import Operators
from sample_gis.staff import Staff
from sample_gis.tally import Count, Tally
from sample_gis.traffic import Traffic
from tests.sample_gis.test_operators import alarm

NOW = datetime.now(UTC)


class Service:
    """Answers as the interface does; ``refusal``: raised at each step."""

    def __init__(self, alarms=(), done=(), accepted=(), refusal=None):
        self.lists = {"/api/alarms?": {"alarms": list(alarms)}, "/api/events?state=done": {"events": list(done)},
                      "/api/events?state=unfinished": {"events": list(accepted)}, "/api/tasks?": {"tasks": []}}
        self.refusal, self.posted, self.asked = refusal, [], []

    def get(self, path):
        self.asked.append(path)
        return next(answer for beginning, answer in self.lists.items() if path.startswith(beginning))

    def post(self, path, body):
        if self.refusal:
            raise self.refusal
        self.posted.append((path, body))
        return {"done": len(body.get("ids", [1])) - (len(body.get("ids", [1])) > 1)}


def staff(service, operators=None, fieldwork=None):
    return Staff(service, Tally(), Traffic([], 1, "run"), operators, fieldwork)


def event(number, **more):
    return {"id": number, "state": "dispatched", "keeper": "K1", "dispatched_at": (NOW - timedelta(1)).isoformat(),
            "due_at": None, "deadline": None, "done_at": None, "lon": 117.0, "lat": 31.0, **more}


def test_operators_take_steps_with_many_alarms_and_those_taken_before_are_known():
    service = Service([alarm(1, now=NOW, group_id=1), alarm(2, now=NOW, group_id=1)])
    people = staff(service, Operators(1, 1))
    assert people.run(100.0, NOW)
    assert service.posted == [("/api/alarms/steps", {"ids": [1, 2], "step": "acknowledge"})]
    assert people.tally.counts["steps"] == Count(1, 1, 0)


def test_they_look_every_few_seconds_and_not_more_often():
    service = Service()
    people = staff(service, Operators(1, 1), FieldWork(1))
    assert people.run(100.0, NOW)
    asked = len(service.asked)
    assert not people.run(101.0, NOW)
    assert len(service.asked) == asked
    assert people.run(103.1, NOW)


def test_keepers_accept_and_operators_close_what_was_done_in_this_run_alone():
    now = datetime.now(UTC)
    people = staff(service := Service(accepted=[event(7)], done=[
        event(8, done_at=(now + timedelta(seconds=5)).isoformat()), event(9, done_at="2020-01-01T00:00:00+00:00")]),
        Operators(1, 1), FieldWork(1))
    people.run(100.0, now + timedelta(seconds=90))
    assert [path for path, _ in service.posted] == ["/api/events/8/close", "/api/events/7/accept"]
    assert people.tally.counts["steps"] == Count(2, 0, 0)


@pytest.mark.parametrize("status", [404, 409])
def test_a_step_that_somebody_took_before_is_counted_as_known_and_no_fault(status):
    people = staff(Service(accepted=[event(7)], refusal=Refused(status, "was done")), None, FieldWork(1))
    people.run(100.0, NOW)
    assert people.tally.counts["steps"] == Count(0, 1, 0)
    assert people.tally.faults == []


def test_a_step_that_is_wrong_is_refused_and_named():
    people = staff(Service([alarm(1, now=NOW)], refusal=Refused(422, "note lacks")), Operators(1, 1))
    people.run(100.0, NOW)
    assert people.tally.counts["steps"] == Count(0, 0, 1)
    assert people.tally.faults == ["steps: alarm step acknowledge: note lacks"]


def test_an_account_that_may_not_ends_it_and_a_server_that_is_away_is_waited_for():
    with pytest.raises(Refused):
        staff(Service([alarm(1, now=NOW)], refusal=Refused(403, "no")), Operators(1, 1)).run(100.0, NOW)
    people = staff(Service([alarm(1, now=NOW)], refusal=Away("HTTP 503")), Operators(1, 1))
    assert people.run(100.0, NOW)
    assert people.patience.away == "server away (HTTP 503)"
    assert not people.run(100.5, NOW)
