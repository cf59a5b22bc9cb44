"""Who may read what of /ogc: collections by permission, rows by jurisdiction, counts by class, persons never."""

import dataclasses
import json

import pytest
import structlog

from spatial import logs
from spatial.queries import features as queries
from spatial.types import Scope
from tests.fixtures.objects import OTHER_GRID
from tests.fixtures.web import Web
from tests.webmap.ogc.client import DOCUMENTS, ask, codes, collections, features
from webmap import identity
from webmap.identity import Identity
from webmap.ogc.collections import readable

VIEWER = Identity("viewer", ("viewer",), Scope.everything())
WALL = Identity("wall", ("wall",), Scope.everything())


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch):
    def change(account: Identity) -> None:
        monkeypatch.setattr(identity, "DEMO", account)

    return change


def test_nobody_reads_nothing(town: Web) -> None:
    for path in DOCUMENTS:
        answer = town.client.get(f"/ogc{path.format('buildings')}", environ_base={"REMOTE_ADDR": "10.1.2.3"})
        assert answer.status_code == 401


def test_a_role_gets_only_the_collections_that_it_may_read(town: Web, become) -> None:
    everything = set(collections(town))
    become(WALL)
    hidden = everything - set(collections(town))
    assert hidden == everything & {"events", "devices"}
    paths = set(town.client.get("/ogc/openapi").json["paths"])
    for name in hidden:
        assert f"/collections/{name}" not in paths
        for path in DOCUMENTS[5:11]:
            assert town.client.get(f"/ogc{path.format(name)}").status_code == 404
        assert town.client.get(f"/ogc/collections/{name}/items/1").status_code == 404
        assert town.client.get(f"/ogc/collections/{name}/tiles/WebMercatorQuad/16/0/0").status_code == 404


def test_rows_outside_the_jurisdiction_are_not_there_in_any_way(town: Web, become) -> None:
    other = features(town, "buildings", code="OTHER")["features"][0]["id"]
    become(dataclasses.replace(identity.DEMO, scope=Scope((OTHER_GRID,))))
    found = features(town, "buildings")
    assert (codes(found), found["numberMatched"]) == (["OTHER"], 1)
    assert features(town, "buildings", resulttype="hits")["numberMatched"] == 1
    assert features(town, "buildings", filter="code LIKE 'B%' OR S_INTERSECTS(geometry, BBOX(117, 31, 117.02, 31.02))")[
        "features"] == []
    assert town.client.get(f"/ogc/collections/buildings/items/{other}").status_code == 200
    assert town.client.get("/ogc/collections/buildings/items/1").status_code == 404
    times = town.client.get("/ogc/collections/grids").json["extent"]["temporal"]["interval"]
    assert times == [["2024-01-01T00:00:00Z", None]]
    become(Identity("empty", ("operator",), Scope.nothing()))
    for name in collections(town):
        assert features(town, name)["features"] == []
    assert town.client.get("/ogc/collections/grids").json["extent"]["spatial"]["bbox"] == [[-180, -85.05, 180, 85.05]]


def test_a_role_without_exact_counts_cannot_find_them_by_asking(town: Web, become) -> None:
    exact = {"B000": 7, "B001": 3, "B002": 12}
    for code, residents in exact.items():
        assert features(town, "buildings", code=code)["features"][0]["properties"]["residents"] == residents
    become(VIEWER)
    classed = {"B000": 5, "B001": 1, "B002": 10}
    for code, shown in classed.items():
        assert features(town, "buildings", code=code)["features"][0]["properties"]["residents"] == shown
        assert codes(features(town, "buildings", code=code, residents=str(exact[code]))) == []
        assert codes(features(town, "buildings", code=code, filter=f"residents = {exact[code]}")) == []
        assert codes(features(town, "buildings", code=code, filter=f"residents = {shown}")) == [code]
        more = features(town, "buildings", code=code, filter=f"residents > {shown}")
        assert codes(more) == []
    in_order = features(town, "buildings", sortby="residents,code", properties="residents", limit="100")
    values = [feature["properties"]["residents"] for feature in in_order["features"]]
    assert values == sorted(values)


PERSONAL = ("name_sealed", "id_number", "phone", "title", "place", "stream_url", "content_hash", "source_key")


def test_no_collection_has_a_column_of_persons_or_of_free_text() -> None:
    for name, collection in readable(identity.DEMO).items():
        assert not {*collection.properties} & {*PERSONAL}, name
        table = collection.source.tables.split()[0]
        assert table not in ("resident", "household", "keeper", "room")


def test_filters_that_fail_leave_nothing_of_their_values_in_the_log(
    town: Web, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
) -> None:
    secret = "李四13912345678"
    logs.configure()
    request.addfinalizer(structlog.reset_defaults)
    for asked in ({"filter": f"name = '{secret}"}, {"crs": secret}, {"bbox": secret}, {"datetime": secret},
                  {"sortby": secret}, {"properties": secret}, {"name": secret}, {"limit": secret}):
        assert ask(town, "buildings", **asked).status_code in (200, 400)

    def broken(*_: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(queries, "page", broken)
    answer = ask(town, "buildings", name=secret)
    assert answer.status_code == 500
    assert secret not in json.dumps(answer.json, ensure_ascii=False)
    out, err = capfd.readouterr()
    assert "RuntimeError" in err
    assert "李四" not in out + err
    assert "13912345678" not in out + err
