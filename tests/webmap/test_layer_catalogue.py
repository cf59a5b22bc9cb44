"""The catalogue of layers: counts, last imports, freshness; what of it is for whom."""

from datetime import UTC, datetime, timedelta

import pytest

from spatial.queries import layer_catalogue
from spatial.rules import layer_freshness
from spatial.types import Scope
from tests.fixtures.objects import GRID, OTHER_GRID
from tests.fixtures.web import Web
from tests.webmap.test_dossier import as_role
from tiles.layers import LAYERS


def ask(web: Web) -> dict[str, dict]:
    answer = web.client.get("/api/layers/catalogue")
    assert answer.status_code == 200, answer.text
    return {layer["name"]: layer for layer in answer.json["layers"]}


def imported(web: Web, concept: str, days: float, *, inserted: int = 0, unchanged: int = 0, detail: str = "{}",
             state: str = "done") -> datetime:
    """Put an import on record that ended some days ago; return when."""
    at = datetime.now(UTC) - timedelta(days=days)
    web.objects.connection.execute(
        "INSERT INTO import_run (concept, file_name, source, account, state, started_at, finished_at, inserted, "
        "unchanged, detail) VALUES (%s, 'secret.gpkg', 'secret', 'secret', %s, %s, %s, %s, %s, %s)",
        (concept, state, at, at, inserted, unchanged, detail))
    return at


def test_every_declared_layer_is_listed_with_its_fields_and_zooms(web: Web) -> None:
    found = ask(web)
    assert list(found) == [layer.name for layer in LAYERS]
    for layer in LAYERS:
        told = found[layer.name]
        assert (told["title"], told["minzoom"], told["maxzoom"]) == (layer.title, layer.minzoom, layer.maxzoom)
        assert [field["name"] for field in told["fields"]] == [field.name for field in layer.fields]
        assert (told["cells"] is None) == (layer.cells is None)
        assert (told["count"], told["exact"], told["freshness"], told["newest_at"]) == (0, True, "unknown", None)


def test_freshness_is_the_age_of_the_last_import_that_took_effect_against_what_is_expected(web: Web) -> None:
    at = imported(web, "buildings", 100, inserted=7)
    imported(web, "buildings", 1, detail='{"dry_run": true}')
    imported(web, "buildings", 2, state="failed")
    imported(web, "grids", 800, inserted=3)
    confirmed = imported(web, "grids", 700, unchanged=3)
    imported(web, "units", 300, inserted=1)
    found = ask(web)
    assert found["buildings"]["newest_at"] == at.isoformat()
    assert found["buildings"]["last_import"]["inserted"] == 7
    assert {name: found[name]["freshness"] for name in ("buildings", "grids", "units", "roads")} == {
        "buildings": "fresh", "grids": "late", "units": "lost", "roads": "unknown"}
    assert found["grids"]["newest_at"] == confirmed.isoformat()
    assert found["grids"]["changed_at"] < found["grids"]["newest_at"]
    assert "secret" not in web.client.get("/api/layers/catalogue").text


def test_events_and_devices_live_by_messages_as_well(web: Web) -> None:
    web.objects.community()
    device = web.objects.device()
    at = datetime.now(UTC).replace(microsecond=0)
    web.objects.connection.execute("UPDATE device_state SET last_seen = %s WHERE device_id = %s", (at, device))
    imported(web, "devices", 30, inserted=1)
    told = ask(web)["devices"]
    assert (told["newest_at"], told["freshness"], told["count"]) == (at.isoformat(), "fresh", 1)


def test_rows_outside_the_area_are_not_counted_and_layers_without_permission_not_listed(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.objects.community()
    web.objects.building()
    web.objects.building("B2", west=117.025, grid=OTHER_GRID)
    assert ask(web)["buildings"]["count"] == 2
    with as_role(monkeypatch, "viewer", scope=Scope((GRID,))):
        assert ask(web)["buildings"]["count"] == 1
    web.client.set_cookie("shapan_role", "wall", domain="localhost")
    assert {"devices", "events"} & set(ask(web)) == set()


def test_beyond_the_bound_an_estimate_is_told_as_one_and_of_a_part_only_that_there_are_more(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.objects.community()
    for number in range(4):
        web.objects.building(f"B{number}", west=117.001 + number / 1000)
    with web.database.connect("owner", autocommit=True) as owner:
        owner.execute("ANALYZE building")
    monkeypatch.setattr(layer_catalogue, "COUNTED_TO", 2)
    told = ask(web)["buildings"]
    assert (told["count"], told["exact"], told["at_least"]) == (4, False, False)
    with as_role(monkeypatch, "viewer", scope=Scope((GRID,))):
        part = ask(web)["buildings"]
    assert (part["count"], part["exact"], part["at_least"]) == (2, False, True)


def test_the_days_of_layers_are_read_from_a_setting_and_faults_name_their_cure() -> None:
    days = layer_freshness.read("buildings=30, events = 0.25")
    assert (days["buildings"], days["events"], days["areas"]) == (30, 0.25, layer_freshness.DEFAULTS["areas"])
    assert set(layer_freshness.DEFAULTS) == {layer.name for layer in LAYERS} | {"imagery", "terrain", "models"}
    for wrong in ("building=3", "buildings=3,buildings=4", "buildings", "buildings=x", "buildings=0", "buildings=nan"):
        with pytest.raises(ValueError, match="write"):
            layer_freshness.read(wrong)
