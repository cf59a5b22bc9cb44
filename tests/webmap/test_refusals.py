"""What is refused of a batch is named in the same words, whatever the batch is of."""

from datetime import UTC, datetime

from tests.fixtures.web import Web

NOW = datetime.now(UTC).isoformat()
FAULT = {"index", "field", "value", "reason", "cure"}


def test_every_batch_names_a_fault_by_index_field_value_reason_and_cure(web: Web) -> None:
    web.objects.device("D1")
    web.objects.grid()
    web.objects.keeper()
    alarm = {"source": "gw", "event_id": "a", "device": "D1", "severity": "major", "type": "smoke", "occurred_at": NOW}
    reading = {"source": "gw", "device": "D1", "at": NOW}
    event = {"source": "app", "code": "E1", "class_code": "0101", "origin": "patrol", "title": "垃圾",
             "lon": 117.005, "lat": 31.005, "occurred_at": NOW}
    position = {"keeper": "K999001001001001", "lon": 117.005, "lat": 31.005, "at": NOW}
    for path, name, good, bad in (
        ("/api/alarms", "alarms", alarm, {"severity": "awful"}),
        ("/api/devices/readings", "readings", reading, {"at": "yesterday"}),
        ("/api/events", "events", event, {"title": "a\x1bb"}),
        ("/api/keepers/positions", "positions", position, {"keeper": "K0"}),
    ):
        answer = web.client.post(path, json={name: [good, {**good, **bad}]})
        assert answer.status_code == 201, answer.text
        assert answer.json["taken"] == 1, path
        (refused,) = answer.json["refused"]
        assert set(refused) >= FAULT, path
        assert (refused["index"], [refused["field"]]) == (1, list(bad))
        assert refused["reason"], path
        assert refused["cure"], path
