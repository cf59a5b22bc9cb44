"""What is refused is named in the same words, whatever it is of; slips of an address are told with their cure."""

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
        assert web.client.post(path, json={name: [{**good, **bad}]}).status_code == 422, path


def test_a_name_that_a_list_does_not_know_is_refused_and_does_not_let_everything_through(web: Web) -> None:
    for path in ("/api/alarms?severty=critical", "/api/events?sate=open", "/api/devices?kinds=smoke", "/api/tasks?x="):
        answer = web.client.get(path)
        assert answer.status_code == 422, path
        name = path[path.index("?") + 1:path.index("=")]
        assert answer.json["faults"] == [{"place": name, "message": "Unknown field."}]


def test_a_number_that_is_no_id_is_of_nothing_on_record(web: Web) -> None:
    for path in ("/api/alarms/{}", "/api/alarms/{}/dossier", "/api/events/{}", "/api/tasks/{}", "/api/warnings/{}"):
        for number in (2**63, 10**20, 10**400):
            assert web.client.get(path.format(number)).status_code == 404, path


def test_a_number_of_thousands_of_digits_cannot_be_read(web: Web) -> None:
    answer = web.client.post("/api/alarms", data='{"alarms": [%s]}' % ("9" * 6000), content_type="application/json")
    assert answer.status_code == 400
    assert "thousands of digits" in answer.json["detail"]


def test_a_line_end_behind_a_place_or_a_code_is_no_part_of_it(web: Web) -> None:
    for path in ("/api/devices?near=117,31%0a", "/api/alarms?area=99%0a"):
        assert web.client.get(path).status_code == 422, path


def test_a_window_that_ends_before_it_begins_is_refused_by_every_list(web: Web) -> None:
    for path in ("/api/alarms?state=all&", "/api/events?", "/api/events/points?", "/api/alarms/health?"):
        answer = web.client.get(f"{path}from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z")
        assert answer.status_code == 422, path
        assert answer.json["faults"][0]["place"] == "from"


def test_a_plus_that_the_address_lost_is_told_with_its_cure(web: Web) -> None:
    answer = web.client.get("/api/events?from=2026-02-01T00:00:00+08:00")
    assert answer.status_code == 422
    assert "%2B" in answer.json["faults"][0]["message"]
    answer = web.client.get("/api/events?from=2026-02-01T00:00:00")
    assert "zone" in answer.json["faults"][0]["message"]
