"""``shapan links``: what a person at a shell sees."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from spatial.commands.access_links import links
from spatial.errors import InvalidInput, NotFound
from spatial.queries import access_links as queries
from tests.fixtures.objects import GRID, Objects


@pytest.fixture
def town(database, monkeypatch):
    objects = Objects(database.connect("worker", autocommit=True))
    objects.community()
    objects.grid()
    objects.keeper()
    for name, value in database.environment.items():
        if name.startswith("SHAPAN_"):
            monkeypatch.setenv(name, value)
    return objects


def run(*words: str, code: int = 0) -> Result:
    ran = CliRunner().invoke(links, words, catch_exceptions=code == 0)
    assert ran.exit_code == code, ran.output
    return ran


def test_a_link_is_made_listed_renewed_and_revoked_and_shown_once(town: Objects) -> None:
    made = run("kiosk", "三楼大厅", "--within", "999001001", "--height", "2.4", "--distance", "8", "--no-sound")
    url = made.stdout.strip()
    start, _, token = url.partition("#")
    assert start == "http://127.0.0.1:8700/wall"
    assert "once" in made.stderr
    said = json.loads(run("list", "--json").stdout)
    assert [said[member] for member in ("kind", "name", "places", "state")] == [
        "kiosk", "三楼大厅", ["999001001"], "waiting"]
    assert said["display"] == {"height_m": 2.4, "distance_m": 8.0, "sound": False}
    assert token not in run("list").stdout + json.dumps(said)

    number = str(said["id"])
    again = json.loads(run("renew", number, "--at", "https://sandbox.example/", "--json").stdout)
    assert again["url"].startswith("https://sandbox.example/wall#")
    assert again["url"].partition("#")[2] != token
    assert again["expires_at"] >= said["expires_at"]
    shorter = json.loads(run("renew", number, "--days", "10", "--json").stdout)
    until = datetime.fromisoformat(shorter["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=9) < until <= timedelta(days=10), "days that are said count, also where they are fewer"
    assert json.loads(run("renew", number, "--days", "20", "--json").stdout)["expires_at"] > shorter["expires_at"]
    assert "revoked" in run("revoke", number).stdout
    with pytest.raises(queries.LinkUnusable):
        CliRunner().invoke(links, ["renew", number], catch_exceptions=False)


def test_a_link_carries_the_public_address_where_a_proxy_stands_before_the_service(
    town: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHAPAN_PUBLIC_URL", "https://Sandbox.example:443/")
    assert run("kiosk", "hall").stdout.startswith("https://sandbox.example/wall#")
    assert run("kiosk", "hall", "--at", "https://other.example").stdout.startswith("https://other.example/wall#")


def test_a_keepers_link_is_for_a_keeper_on_record(town: Objects) -> None:
    made = json.loads(run("keeper", f"K{GRID}", "--json").stdout)
    assert (made["kind"], made["keeper"], made["places"]) == ("keeper", f"K{GRID}", [GRID])
    assert "/survey#" in made["url"]
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert lasts == timedelta(days=90)
    with pytest.raises(NotFound, match="nobody"):
        CliRunner().invoke(links, ["keeper", "nobody"], catch_exceptions=False)


@pytest.mark.parametrize("words", [
    ("kiosk", "hall", "--within", "abc"), ("kiosk", ""), ("kiosk", "a" * 201), ("kiosk", "a\nb"),
    ("kiosk", "hall", "--height", "0"), ("kiosk", "hall", "--distance", "nan"), ("kiosk", "hall", "--days", "0"),
    ("kiosk", "hall", "--days", "401"), ("kiosk", "hall", "--tour", "-1"), ("keeper", "K", "--link-hours", "1e9")])
def test_what_makes_no_sense_is_refused_before_anything_is_made(town: Objects, words: tuple[str, ...]) -> None:
    assert run(*words, code=2).output.strip()
    assert run("list").stdout == ""


def test_what_a_wall_is_told_is_changed_and_written_down(town: Objects) -> None:
    run("kiosk", "三楼大厅", "--tour", "1", "--height", "2.4", "--no-sound")
    number = str(json.loads(run("list", "--json").stdout)["id"])
    changed = json.loads(run("change", number, "--tour", "2", "--without", "height_m", "--no-low-power",
                             "--name", "北墙", "--json").stdout)
    assert (changed["name"], changed["display"]) == ("北墙", {"tour": 2, "sound": False, "low_power": False})
    assert changed["state"] == "waiting", "the link itself is as it was"
    for words in (["change", number], ["change", number, "--tour", "0"], ["change", number, "--without", "colour"]):
        run(*words, code=2)
    run("revoke", number)
    run("revoke", number)
    with pytest.raises(queries.LinkUnusable):
        CliRunner().invoke(links, ["change", number, "--tour", "3"], catch_exceptions=False)
    run("keeper", f"K{GRID}")
    with pytest.raises(InvalidInput, match="only what a wall is told"):
        CliRunner().invoke(links, ["change", str(int(number) + 1), "--tour", "3"], catch_exceptions=False)
    rows = town.connection.execute("SELECT outcome, account, host(address), words FROM audit ORDER BY id").fetchall()
    assert rows == [(what, "command line", None, f"{of}") for what, of in (
        ("made", "kiosk:1"), ("changed", "kiosk:1 name tour=2 low_power=false height_m=null"), ("revoked", "kiosk:1"),
        ("made", "keeper:2"))], "and one that is revoked already is revoked once"
