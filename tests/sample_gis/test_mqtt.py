"""Topics are those of the documented bridge; a broker that is away is said to be, and asked again."""

import socket

import pytest

from sample_gis.http import Away
from sample_gis.mqtt import Broker, topic
from tests.fixtures.mqtt import Broker as Mosquitto
from tests.fixtures.services import free_port

MESSAGES = [{"device": f"D{n}", "n": n} for n in range(1200)]


@pytest.mark.parametrize(("kind", "message", "expected"), [
    ("alarms", {"device": "GAS00001"}, "shapan/GAS00001/alarm"),
    ("readings", {"device": "a/b+c#"}, "shapan/a-b-c-/readings"),
    ("positions", {"keeper": "K001002"}, "shapan/keeper/K001002/position"),
])
def test_a_topic_names_the_device_or_keeper_in_one_level(kind, message, expected):
    assert topic(kind, message) == expected


def test_all_of_a_batch_is_acknowledged_and_again_after_the_broker_was_away(broker: Mosquitto):
    line = Broker("127.0.0.1", broker.port)
    try:
        assert line.send("alarms", MESSAGES) == {"taken": 1200}
        broker.stop()
        with pytest.raises(Away):
            line.send("alarms", MESSAGES)
        broker.start()
        assert line.send("alarms", MESSAGES) == {"taken": 1200}
    finally:
        line.close()


def test_where_nothing_listens_it_is_away():
    with pytest.raises(Away):
        Broker("127.0.0.1", free_port()).send("alarms", MESSAGES[:1])


def test_a_broker_that_does_not_speak_is_away_after_a_while(monkeypatch):
    monkeypatch.setattr("sample_gis.mqtt.CONNECTS_WITHIN_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Away):
        Broker("127.0.0.1", silent.getsockname()[1]).send("alarms", MESSAGES[:1])
