"""Snapshots: by permission, and one for all who ask at the same time."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from spatial.types import Scope
from tests.fixtures.objects import GRID
from tests.fixtures.web import Web
from webmap import snapshot
from webmap.identity import ROLES, VIEWER
from webmap.snapshot import SECTIONS, Section, Snapshots
from webmap.told import Audience


def members(web: Web, permissions: frozenset[str]) -> set[str]:
    taken = web.app.extensions["shapan"].snapshots.take(Audience(Scope.everything(), permissions))
    return set(json.loads(taken.data))


def test_a_snapshot_holds_what_the_account_may_read_and_no_more(web: Web) -> None:
    known = set().union(*ROLES.values())
    for section in SECTIONS:
        assert section.permission in known
        assert section.name in members(web, frozenset({section.permission}))
        assert section.name not in members(web, frozenset(known - {section.permission}))
        assert section.name not in members(web, frozenset(known)) or not section.unless
    assert members(web, frozenset()) == {"seq", "now"}


def test_a_keeper_who_was_imported_with_a_place_and_no_time_is_nowhere_in_a_snapshot(web: Web) -> None:
    keeper = web.objects.keeper()
    web.objects.connection.execute(
        "UPDATE keeper SET position = ST_SetSRID(ST_MakePoint(117.005, 31.005), 4490) WHERE id = %s", [keeper])
    taken = json.loads(snapshot.Snapshots(web.app.extensions["shapan"].database).take(
        Audience(Scope.everything(), frozenset({"keepers.read"}))).data)
    assert taken["keepers"] == []


def test_a_snapshot_says_where_keepers_are_and_which_warnings_are_in_force_as_the_stream_will(web: Web) -> None:
    web.objects.community()
    web.objects.grid()
    web.objects.keeper()
    now = datetime.now(UTC)
    web.client.post("/api/keepers/positions", json={"positions": [
        {"keeper": f"K{GRID}", "lon": 117.005, "lat": 31.005, "at": now.isoformat()}]})
    for identifier, onset in (("w1", now - timedelta(hours=1)), ("w2", now + timedelta(hours=1))):
        answer = web.client.post("/api/warnings", json={
            "identifier": identifier, "sender": "test@example.org", "sent": now.isoformat(), "status": "Exercise",
            "msgType": "Alert", "scope": "Public", "info": [{
                "category": ["Met"], "event": "暴雨", "urgency": "Immediate", "severity": "Severe",
                "certainty": "Likely", "onset": onset.isoformat(), "description": "长文", "area": [
                    {"areaDesc": "望江", "geocode": [{"valueName": "grid", "value": GRID}]}]}]})
        assert answer.status_code == 201, answer.text
    taken = json.loads(web.app.extensions["shapan"].snapshots.take(
        Audience(Scope.everything(), frozenset({"keepers.read", "warnings.read"}))).data)
    told = dict(web.database.connect().execute(
        "SELECT object, payload FROM outbox WHERE kind IN ('keeper', 'warning')").fetchall())
    assert taken["keepers"] == [told[f"K{GRID}"]]
    assert [(one["identifier"], one["state"]) for one in taken["warnings"]] == [("w1", "in_force")]
    assert taken["warnings"] == [told[str(taken["warnings"][0]["id"])]]


def test_many_who_ask_at_once_are_given_few_snapshots_and_none_that_is_older_than_its_question(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float] = []

    def slow(connection: psycopg.Connection) -> int:
        made.append(time.monotonic())
        time.sleep(0.1)
        return len(made)

    monkeypatch.setattr(snapshot, "SECTIONS", (Section("slow", "picture.read", slow),))
    snapshots = Snapshots(web.app.extensions["shapan"].database)
    taken: list[tuple[float, int]] = []

    def ask(delay: float) -> None:
        time.sleep(delay)
        asked = time.monotonic()
        data = snapshots.take(Audience(Scope.everything(), VIEWER)).data
        taken.append((asked, json.loads(data)["slow"]))

    askers = [threading.Thread(target=ask, args=(number * 0.002,)) for number in range(100)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(20)
    assert len(taken) == 100
    assert len(made) <= 10
    assert all(made[number - 1] >= asked for asked, number in taken)


def test_a_snapshot_that_fails_is_a_failure_for_all_who_waited_and_the_next_one_is_made(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(connection: psycopg.Connection) -> None:
        connection.execute("SELECT 1 / 0")

    snapshots = Snapshots(web.app.extensions["shapan"].database)
    audience = Audience(Scope.everything(), VIEWER)
    with monkeypatch.context() as patched:
        patched.setattr(snapshot, "SECTIONS", (Section("broken", "picture.read", broken),))
        for _ in range(2 * snapshot.AT_ONCE):
            with pytest.raises(psycopg.errors.DivisionByZero):
                snapshots.take(audience)
    assert snapshots.take(audience).seq == 0


def test_a_tab_asks_for_a_snapshot_of_its_own_beside_the_stream(web: Web) -> None:
    web.objects.building("B1")
    answer = web.client.get("/api/live/snapshot")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert set(answer.json) == {"seq", "now", *(section.name for section in SECTIONS if not section.unless)}
    assert answer.json["counts"]["buildings"] == 1
