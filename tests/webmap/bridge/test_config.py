"""The bridge's file: everything wrong with it is said at once, with place, value and what to write."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from spatial.errors import InvalidInput, SettingError
from spatial.queries import bridge_rejects
from tests.fixtures.databases import OwnDatabase
from tests.webmap.bridge.test_mapping import become
from webmap.bridge import commands, config

ROOT = Path(__file__).parents[3]
ROUTE = "routes: [{topic: a, kind: positions, fields: {keeper: k, lon: x, lat: y, at: t}}]\n"


def load(folder: Path, text: str) -> config.Config:
    path = folder / "bridge.yaml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def faults(folder: Path, text: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        load(folder, text)
    return dict(caught.value.faults)


def test_all_faults_are_named_with_place_and_value(tmp_path: Path) -> None:
    found = faults(tmp_path, """
broker: {host: 7, port: 99999, protocol: 4, client_id: "a b", tls: {cert: x}, password: geheim}
jurisdiction: [abc]
nonsense: 1
routes:
- {topic: "a/{b}c", kind: alarm, fields: {x: "a..b"}}
- topic: a/{b}
  kind: alarms
  items: "a.b[*"
  fields:
    device: {text: "{c}"}
    severity: {path: s, values: {1: [2]}}
    type: {path: a, value: b}
    bogus: a
    note: {path: n, time: iso}
    occurred_at: {path: t, time: "%Y-%m-%d"}
- topic: r
  kind: readings
  fields: {device: d, at: t, values: v, values.t: a, "values.温度": b, "values.": c, units.t: {path: u, time: iso},
           value.t: d}
""")
    assert found.keys() == {
        "broker.host", "broker.port", "broker.protocol", "broker.client_id", "broker.tls", "broker.password",
        "jurisdiction", "nonsense", "routes[0].topic", "routes[0].kind", "routes[0].fields.x.path", "routes[1].items",
        "routes[1].fields.device", "routes[1].fields.severity", "routes[1].fields.type", "routes[1].fields.bogus",
        "routes[1].fields.note", "routes[1].fields.occurred_at.time", "routes[2].fields.values.t",
        "routes[2].fields.values.温度", "routes[2].fields.values.", "routes[2].fields.units.t",
        "routes[2].fields.value.t",
    }
    assert found["broker.port"].startswith("99999: ")
    assert found["routes[0].kind"] == "'alarm': write one of alarms, readings, events, positions."
    assert found["routes[2].fields.values.t"] == "'a': Name values as a whole, or its members one by one."
    assert found["routes[2].fields.values.温度"].startswith("'b': '温度' is no name of a quantity: ")
    assert found["routes[2].fields.value.t"] == (
        "'d': readings have no such field: write one of source, device, at, values, units, values.NAME, units.NAME.")
    assert "zone" in found["routes[1].fields.occurred_at.time"]
    assert "geheim" not in str(found)


def test_a_needed_field_without_a_place_is_named(tmp_path: Path) -> None:
    found = faults(tmp_path, "broker: {host: h}\nroutes: [{topic: a, kind: alarms, fields: {device: d}}]")
    assert found.keys() == {f"routes[0].fields.{name}" for name in ("severity", "type", "occurred_at")}


def test_a_password_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("geheim\n")
    broker = "broker: {{host: h, username: u, {}}}\n" + ROUTE.replace("{", "{{").replace("}", "}}")
    assert load(tmp_path, broker.format("password_file: secret")).broker.password == "geheim"
    monkeypatch.setenv("MQTT_WORD", "leise")
    assert load(tmp_path, broker.format("password_env: MQTT_WORD")).broker.password == "leise"
    assert "broker.password_file" in faults(tmp_path, broker.format("password_file: nowhere"))
    assert "broker.password_env" in faults(tmp_path, broker.format("password_env: NOWHERE"))


def test_the_port_follows_encryption(tmp_path: Path) -> None:
    assert load(tmp_path, "broker: {host: h}\n" + ROUTE).broker.port == 1883
    assert load(tmp_path, "broker: {host: h, tls: {}}\n" + ROUTE).broker.port == 8883
    assert "broker.tls.ca" in faults(tmp_path, "broker: {host: h, tls: {ca: nowhere.pem}}\n" + ROUTE)


@pytest.mark.parametrize("text", ["a: [", "- 1", "x" * 200_000, "a: &a [1]\nb: *a", "[" * 3000])
def test_a_file_that_is_no_small_set_of_names_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingError):
        load(tmp_path, text)


EXAMPLE = ("mqtt", "--config", str(ROOT / "docs/examples/bridge.yaml"))


def test_a_check_shows_the_routes_and_what_counts_twice() -> None:
    done = CliRunner().invoke(commands.bridge, [*EXAMPLE, "--check"], standalone_mode=False)
    assert done.exception is None
    assert "gateway/{vendor}/device/{device}/alarm → alarms" in done.output
    assert done.output.count("counts again") == 2


def test_a_message_can_be_tried_without_broker_and_database() -> None:
    payload = json.dumps({"id": "a", "level": 1, "kind": "GAS", "ts": 1793520000000})
    words = [*EXAMPLE, "--try", "gateway/hk/device/D-7/alarm"]
    good = CliRunner().invoke(commands.bridge, words, input=payload, standalone_mode=False)
    assert (good.return_value, json.loads(good.output)["values"]["type"]) == (0, "gas")
    bad = CliRunner().invoke(commands.bridge, words, input="{", standalone_mode=False)
    assert (bad.return_value, json.loads(bad.output)["reason"].split(":")[0]) == (1, "not JSON")


def test_rejects_are_listed_and_payloads_only_when_asked_for(
    database: OwnDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in database.environment.items():
        monkeypatch.setenv(name, value)
    bridge_rejects.keep(database.connect("app", autocommit=True), "b",
                        [bridge_rejects.Reject("a/b", b"\xffgeheim", 7, 2, "not JSON")])

    def listed(*words: str) -> str:
        done = CliRunner().invoke(commands.bridge, ["rejects", *words], standalone_mode=False)
        assert done.exception is None
        return done.output

    assert "1×  a/b  7 bytes  thing 2\n  not JSON" in listed()
    assert "geheim" not in listed() + listed("--json")
    assert "geheim" in listed("--payload")
    said = json.loads(listed("--json", "--payload"))
    assert (said["total"], said["rejects"][0]["payload"]) == (1, "\\xffgeheim")


def test_the_messages_that_the_example_shows_become_what_they_should() -> None:
    text = (ROOT / "docs/examples/bridge.yaml").read_text()
    shown = re.findall(r"^  # (\{.*\})\n  - topic: (\S+)", text, re.MULTILINE)
    said = config.load(ROOT / "docs/examples/bridge.yaml")
    assert len(shown) == 6
    for message, topic in shown:
        found = become(said, re.sub(r"\{\w+\}|\+", "X", topic), message.encode())
        assert [type(thing).__name__ for thing in found] == ["Thing"], found
