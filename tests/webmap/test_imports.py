"""Imports over HTTP: files in, runs and rejects out."""

import csv
import dataclasses
import io
import os
from pathlib import Path

import pytest
from psycopg.types.json import Jsonb

from spatial import uploads
from spatial.queries import imports as queries
from spatial.types import Scope
from tests.fixtures.web import Web
from webmap import identity, receive

CATALOGUE = {"concepts": [{"name": "buildings", "title": "楼栋", "geometry": "MultiPolygon", "fields": []}],
             "endings": [".gpkg", ".shp"], "beside": {".shp": [".shx", ".dbf", ".prj", ".cpg"]}}
HEADERS = {"X-Shapan": "1"}


@pytest.fixture
def worker_was_here(web: Web) -> Web:
    queries.write_catalogue(web.database.connect("worker", autocommit=True), CATALOGUE)
    return web


def send(web: Web, *names: str, headers: dict[str, str] = HEADERS, content: bytes = b"content", **form: str):
    files = [(io.BytesIO(content), name) for name in names]
    return web.client.post("/api/imports", data={"concept": "buildings", **form, "file": files}, headers=headers,
                           content_type="multipart/form-data")


def stored(web: Web) -> list[Path]:
    folder = web.database.settings.home / "uploads"
    return sorted(path for path in folder.rglob("*") if path.is_file())


def put_run(web: Web, faults: int = 0, message: str = "code: 'x' is wrong", **values: object) -> int:
    values = {"concept": "buildings", "file_name": "a.gpkg", "source": "a", "account": "shell:clerk", "state": "done",
              **values}
    connection = web.database.connect("worker", autocommit=True)
    run_id = connection.execute(
        f"INSERT INTO import_run ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))}) RETURNING id",
        [Jsonb(value) if isinstance(value, dict) else value for value in values.values()]).fetchone()[0]
    for ordinal in range(1, faults + 1):
        connection.execute("INSERT INTO import_reject (run_id, ordinal, row_number, field, reason_code, message) "
                           "VALUES (%s, %s, %s, 'code', 'bad', %s)", (run_id, ordinal, ordinal * 3, message))
    return run_id


def test_a_file_is_stored_under_a_name_of_ours_and_its_run_waits(worker_was_here: Web) -> None:
    web = worker_was_here
    answer = send(web, "../../楼栋 (终).GPKG", crs="EPSG:4547", mapping="fields: {}", max_rejects="5%")
    assert answer.status_code == 201, answer.json
    run = web.client.get(answer.headers["Location"]).json
    assert (run["id"], run["state"], run["concept"]) == (answer.json["id"], "queued", "buildings")
    assert (run["file"], run["source"], run["account"]) == ("楼栋 (终).GPKG", "楼栋 (终)", "demo")
    token = web.objects.connection.execute("SELECT upload FROM import_run").fetchone()[0]
    assert [path.name for path in stored(web)] == [f"{token}.gpkg", "mapping.yaml", "request.json"]
    assert {oct(path.stat().st_mode & 0o777) for path in stored(web)} == {"0o600"}
    assert oct(stored(web)[0].parent.stat().st_mode & 0o777) == "0o700"
    assert uploads.find(web.database.settings, token).request() == {
        "crs": "EPSG:4547", "max_rejects": "5%", "ending": ".gpkg"}
    assert stored(web)[0].read_bytes() == b"content"


def test_the_parts_of_a_shapefile_are_one_upload(worker_was_here: Web) -> None:
    assert send(worker_was_here, "a.dbf", "a.shp", "a.shx").status_code == 201
    token = worker_was_here.objects.connection.execute("SELECT upload FROM import_run").fetchone()[0]
    assert [path.name for path in stored(worker_was_here)] == [
        f"{token}.dbf", f"{token}.shp", f"{token}.shx", "request.json"]


FAULTY = (
    ((), {}, "file", "is needed"),
    (("a.exe",), {}, "file", "write one of .gpkg, .shp"),
    (("a",), {}, "file", "ending"),
    (("a.gpkg", "b.shp"), {}, "file", "parts of one shapefile"),
    (("a.shp", "b.dbf"), {}, "file", "parts of one shapefile"),
    (("a.shp", "a.exe"), {}, "file", "parts of one shapefile"),
    (("a.gpkg", "a.gpkg"), {}, "file", "came twice"),
    (("a" * 300 + ".gpkg",), {}, "file", "more than 200 characters"),
    (("a.gpkg",), {"concept": "houses"}, "concept", "is none of buildings"),
    (("a.gpkg",), {"concept": ""}, "concept", "Missing"),
    (("a.gpkg",), {"max_rejects": "few"}, "max_rejects", "such as 5%"),
    (("a.gpkg",), {"max_rejects": "101%"}, "max_rejects", "such as 5%"),
    (("a.gpkg",), {"max_rejects": "nan%"}, "max_rejects", "such as 5%"),
    (("a.gpkg",), {"on_conflict": "drop"}, "on_conflict", "update, skip, fail"),
    (("a.gpkg",), {"crs": "x" * 3000}, "crs", "2000"),
    (("a.gpkg",), {"source": "a\0b"}, "source", "cannot be stored"),
)


def test_a_faulty_upload_is_refused_by_the_name_of_its_field_and_nothing_is_kept(worker_was_here: Web) -> None:
    for names, form, place, said in FAULTY:
        answer = send(worker_was_here, *names, **form)
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), names
        assert [fault for fault in answer.json["faults"] if fault["place"] == place and said in fault["message"]], names
        assert stored(worker_was_here) == [], names
    assert worker_was_here.objects.connection.execute("SELECT count(*) FROM import_run").fetchone() == (0,)


def test_all_faults_are_told_at_once(worker_was_here: Web) -> None:
    answer = send(worker_was_here, "a.exe", concept="houses", max_rejects="few")
    assert {fault["place"] for fault in answer.json["faults"]} == {"file", "concept", "max_rejects"}


def test_an_option_that_is_not_known_is_refused_and_not_left_unheeded(worker_was_here: Web) -> None:
    answer = send(worker_was_here, "a.gpkg", dryrun="true", repair="a lot")
    assert answer.status_code == 422
    assert {fault["place"] for fault in answer.json["faults"]} == {"dryrun", "repair"}


def test_without_a_worker_ever_the_cure_is_told(web: Web) -> None:
    answer = send(web, "a.gpkg")
    assert answer.status_code == 422
    assert "shapan serve" in answer.json["detail"]
    history = web.client.get("/api/imports").json
    assert (history["runs"], history["next"], history["worker"]) == ([], None, False)


def test_a_form_that_another_sites_page_sends_is_refused(worker_was_here: Web) -> None:
    for headers in ({}, {**HEADERS, "Sec-Fetch-Site": "cross-site"}, {**HEADERS, "Sec-Fetch-Site": "same-site"}):
        assert send(worker_was_here, "a.gpkg", headers=headers).status_code == 403, headers
    assert stored(worker_was_here) == []


def test_a_form_goes_to_no_other_route_and_no_other_body_to_this_one(worker_was_here: Web) -> None:
    client = worker_was_here.client
    assert client.post("/api/alarms", data={"a": "b"}, content_type="multipart/form-data",
                       headers=HEADERS).status_code == 403
    assert client.post("/api/imports", json={}, headers=HEADERS).status_code == 403
    broken = client.post("/api/imports", data=b"x", content_type="multipart/form-data", headers=HEADERS)
    assert (broken.status_code, stored(worker_was_here)) == (422, [])


def test_an_upload_beyond_the_setting_is_refused_and_deleted(worker_was_here: Web,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    parts = worker_was_here.app.extensions["shapan"]
    settings = dataclasses.replace(parts.settings, upload_mb=0)
    worker_was_here.app.extensions["shapan"] = dataclasses.replace(parts, settings=settings)
    monkeypatch.setattr(receive, "TEXT_BYTES", 1000)
    answer = send(worker_was_here, "a.gpkg", content=b"x" * 5000)
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    assert "1,000 bytes" in answer.json["detail"]
    assert stored(worker_was_here) == []


def test_a_disk_without_room_refuses_the_upload_before_it_is_read(worker_was_here: Web) -> None:
    parts = worker_was_here.app.extensions["shapan"]
    settings = dataclasses.replace(parts.settings, min_free_mb=10**9)
    worker_was_here.app.extensions["shapan"] = dataclasses.replace(parts, settings=settings)
    answer = send(worker_was_here, "a.gpkg")
    assert (answer.status_code, answer.json["title"]) == (507, "Not enough space")
    assert "SHAPAN_MIN_FREE_MB" in answer.json["detail"]
    assert not os.path.exists(settings.home / "uploads")


def test_runs_come_newest_first_and_page_by_page(web: Web) -> None:
    ids = [put_run(web, rows_read=number) for number in range(5)]
    first = web.client.get("/api/imports?limit=2").json
    assert [run["id"] for run in first["runs"]] == ids[:2:-1]
    second = web.client.get(f"/api/imports?limit=3&before={first['next']}").json
    assert [run["id"] for run in second["runs"]] == ids[2::-1]
    assert second["next"] is None


def test_a_run_tells_its_error_with_the_cure_and_its_faults_page_by_page(web: Web) -> None:
    detail = {"error": "a.gpkg does not say where it is.", "cure": "Name it.", "reasons": {"bad": 3},
              "crs": {"source": "EPSG:4547", "operation": "o", "accuracy_m": 1.0}}
    run_id = put_run(web, faults=3, state="failed", detail=detail, mapping={"code": "编号"})
    run = web.client.get(f"/api/imports/{run_id}?limit=2").json
    assert (run["error"], run["cure"], run["mapping"]) == (detail["error"], "Name it.", {"code": "编号"})
    assert (run["crs"], run["reasons"], run["faults_recorded"]) == (detail["crs"], {"bad": 3}, 3)
    assert [fault["row"] for fault in run["faults"]] == [3, 6]
    rest = web.client.get(f"/api/imports/{run_id}?after={run['next']}").json
    assert ([fault["row"] for fault in rest["faults"]], rest["next"]) == ([9], None)


def test_the_reject_table_opens_in_a_spreadsheet_as_text(web: Web) -> None:
    starts = ("=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", "＝1")
    for start in starts:
        run_id = put_run(web, faults=1, message=f"{start}\n坏,'\"")
        answer = web.client.get(f"/api/imports/{run_id}/rejects.csv")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="import-{run_id}-rejects.csv"'
        assert answer.mimetype == "text/csv"
        rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
        assert rows == [["row", "field", "reason", "message"], ["3", "code", "bad", f"'{start}\n坏,'\""]]


def test_a_run_that_waits_can_be_cancelled_and_one_that_ended_cannot(worker_was_here: Web) -> None:
    client = worker_was_here.client
    run_id = send(worker_was_here, "a.gpkg").json["id"]
    assert client.post(f"/api/imports/{run_id}/cancel", json={}).json["state"] == "cancelled"
    again = client.post(f"/api/imports/{run_id}/cancel", json={})
    assert (again.status_code, "cancelled" in again.json["detail"]) == (409, True)
    terminal = client.post(f"/api/imports/{put_run(worker_was_here, state='running')}/cancel", json={})
    assert (terminal.status_code, "Ctrl-C" in terminal.json["detail"]) == (409, True)


def test_a_run_that_is_not_there_is_404(web: Web) -> None:
    for path in ("/api/imports/1", "/api/imports/1/rejects.csv", "/api/imports/99999999999999999999"):
        answer = web.client.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path


@pytest.mark.parametrize(("roles", "scope", "status"), [
    (("viewer",), Scope.everything(), 403), (("operator", "gateway"), Scope.everything(), 403),
    (("importer",), Scope(("999001",)), 403), (("importer",), Scope.everything(), 200)])
def test_only_an_importer_of_the_whole_area_sees_and_sends(
    worker_was_here: Web, monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...], scope: Scope, status: int,
) -> None:
    monkeypatch.setattr(identity, "DEMO", identity.Identity("someone", roles, scope))
    assert worker_was_here.client.get("/api/imports").status_code == status
    sent = send(worker_was_here, "a.gpkg")
    assert sent.status_code == (201 if status == 200 else 403)
    assert bool(stored(worker_was_here)) == (status == 200)
