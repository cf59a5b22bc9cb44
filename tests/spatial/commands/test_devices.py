"""``shapan devices`` and ``shapan rules``: what a person at a shell sees, and JSON for scripts."""

import json
from datetime import UTC, datetime, timedelta

import click
from click.testing import CliRunner

from spatial.commands.devices import devices
from spatial.commands.rules import rules
from spatial.queries import readings
from spatial.rules import measured
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import Objects

NOW = datetime.now(UTC)


def test_devices_are_listed_and_rules_tried_and_switched(database: OwnDatabase) -> None:
    objects = Objects(database.connect("worker", autocommit=True))
    objects.device("G1", kind="gas", name="一号")
    objects.device("C1", kind="camera")
    items = [{"source": "gw", "device": "G1", "at": (NOW - timedelta(seconds=ago)).isoformat(), "values": {"gas": gas}}
             for ago, gas in ((9, 8), (8, 2), (7, 7))]
    readings.take(objects.connection, measured.read(items, NOW)[0], NOW)

    def said(command: click.Command, *words: str) -> str:
        result = CliRunner(env=database.environment).invoke(command, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    assert said(devices, "--state", "unknown") == "C1: camera, unknown, never seen\n"
    (listed,) = map(json.loads, said(devices, "--kind", "gas", "--json").splitlines())
    assert (listed["code"], listed["freshness"]) == ("G1", "fresh")
    assert said(rules, "try", "gas_high", "--device", "G1").endswith("2 alarms in 3 readings of 7 days.\n")
    assert "on  gas_high: gas gas above 5 → critical gas" in said(rules, "list")
    assert said(rules, "disable", "gas_high").startswith("off gas_high")
    assert objects.connection.execute("SELECT count(*) FROM alarm WHERE active").fetchone()[0] == 0
    assert json.loads(said(rules, "enable", "gas_high", "--json"))["enabled"]
    steps = objects.connection.execute("SELECT account, after->>'enabled' FROM rule_step ORDER BY id").fetchall()
    assert steps == [("command line", "false"), ("command line", "true")]


def test_every_command_shows_an_example() -> None:
    assert "shapan devices --state lost" in devices.get_help(click.Context(devices, info_name="devices"))
    assert set(rules.commands) == {"list", "enable", "disable", "try"}
    for name, command in rules.commands.items():
        assert f"shapan rules {name}" in command.get_help(click.Context(command, info_name=name)), name
