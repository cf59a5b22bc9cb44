"""Today (今天) is the day of the command centre's zone, in every figure with a declared total."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from spatial import db, server
from spatial.jobs import rollup
from spatial.queries import building_metrics
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.objects import COMMUNITY, GRID, Objects
from tests.fixtures.web import Web, until_trusted
from webmap.app import create_app

TODAYS, TOMORROWS = 7, 9


def elsewhere(now: datetime) -> str:
    """Return a zone in which it is another day than in UTC at this moment."""
    return next(zone for zone in ("Etc/GMT-14", "Etc/GMT+12")
                if now.astimezone(ZoneInfo(zone)).date() != now.astimezone(UTC).date())


@pytest.fixture
def centre(database: OwnDatabase) -> Iterator[Web]:
    """Yield the service of a command centre in whose zone it is another day than in UTC."""
    settings = dataclasses.replace(database.settings, demo_account=True, time_zone=elsewhere(datetime.now(UTC)))
    app = create_app(settings)
    until_trusted(app.extensions["shapan"].tiles.versions)
    with db.open_connection(server.addresses(settings).worker, Scope.everything(), autocommit=True) as connection:
        yield Web(app, app.test_client(), database, Objects(connection))
    parts = app.extensions["shapan"]
    parts.hub.close()
    parts.database.close()
    parts.tiles.close()


def test_a_total_counts_from_the_centres_midnight_on_wherever_it_is_read(centre: Web) -> None:
    objects = centre.objects
    objects.community()
    objects.grid()
    building = objects.building()
    objects.room(building)
    zone = ZoneInfo(centre.app.extensions["shapan"].settings.time_zone)
    today = datetime.now(zone).date()
    for day, value in ((today, TODAYS), (today + timedelta(days=1), TOMORROWS)):
        for grid, of in ((GRID, None), (COMMUNITY + "000", None), (GRID, building)):
            objects.put("expected", kind="housing", value=value, declared_by="年报", as_of=day, building_id=of,
                        area_code=COMMUNITY, grid_code=grid)
    rollup.follow(objects.connection, rollup.Progress())

    def ask(path: str, **query: str) -> dict:
        answer = centre.client.get(path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def housing(rates: list[dict]) -> int | None:
        return next(rate["denominator"] for rate in rates if rate["kind"] == "housing")

    found = {
        "kpi": housing(ask("/api/kpi", within=COMMUNITY)["entry_rate"]),
        **{level: housing(ask("/api/entry-rate", level=level)["rates"]) for level in ("community", "grid", "building")},
        "place": housing(ask("/api/entry-rate/places", within=COMMUNITY)["places"][0]["rates"]),
        "map": ask("/api/grids")["declared"]["housing"][0],
        "worklist": ask("/api/tasks/survey")["gaps"][0]["expected"],
        "tally": objects.connection.execute("SELECT rooms_declared FROM building_tally").fetchone()[0],
    }
    assert found == dict.fromkeys(found, TODAYS)
    assert building_metrics.take_up_declared(objects.connection) == [], "the next one waits for its day"


@pytest.mark.parametrize(("instant", "day"), [
    ("2026-11-22 23:30+00", date(2026, 11, 23)),  # 07:30 in Shanghai
    ("2026-11-22 15:59:59+00", date(2026, 11, 22)), ("2026-11-22 16:00+00", date(2026, 11, 23))])
def test_at_half_past_seven_in_shanghai_it_is_today(connection: psycopg.Connection, instant: str, day: date) -> None:
    assert connection.execute("SELECT shapan_day(%s)", (instant,)).fetchone()[0] == day
    assert connection.execute("SHOW timezone").fetchone()[0] == "UTC", "in which instants leave the house"


def test_an_address_of_a_managed_server_keeps_its_own_options_beside_the_zone(database: OwnDatabase) -> None:
    settings = dataclasses.replace(
        database.settings, time_zone="Asia/Urumqi",
        database_url=server.addresses(database.settings).app.replace("options='", "options='-c geqo=off "))
    with psycopg.connect(server.addresses(settings).app) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("geqo", "shapan.time_zone")]
    assert shown == ["off", "Asia/Urumqi"]
