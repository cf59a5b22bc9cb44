"""A file sent over HTTP, its rejected rows downloaded, corrected, and sent again: the second run repairs the first."""

import json
import time
import urllib.request
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from spatial import uploads
from spatial.queries import imports as queries
from tests.fixtures.services import Service
from tests.fixtures.web import Web
from tests.importers.files import bow_tie, square, write
from tests.webmap.test_imports import put_run
from tests.webmap.test_upload_form import form
from webmap import identity

ENDS_WITHIN_S = 60


def ask(service: Service, path: str, body: bytes | None = None, kind: str = "") -> tuple[bytes, Message]:
    headers = {"X-Shapan": "1", **({"Content-Type": kind} if kind else {})}
    request = urllib.request.Request(service.url + path, body, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.read(), answer.headers


def send(service: Service, path: Path, name: str = "", **options: str) -> dict[str, Any]:
    """Send a file and return its run when it has ended and nothing more is written about it."""
    mark = b"the file itself"
    body, edge = form([pair for pair in options.items() if pair[1] != ""], [name or path.name])
    assert body.count(b"content\r\n--") == 1
    body = body.replace(b"content\r\n--", mark + b"\r\n--").replace(mark, path.read_bytes())
    run_id = json.loads(ask(service, "/api/imports", body, f"multipart/form-data; boundary={edge}")[0])["id"]
    deadline = time.monotonic() + ENDS_WITHIN_S
    while True:
        run = json.loads(ask(service, f"/api/imports/{run_id}")[0])
        if run["state"] not in ("queued", "running") and (run["reject_file"] or {}).get("state") != "writing":
            return run
        assert time.monotonic() < deadline, run
        time.sleep(0.05)


@pytest.fixture
def service(start_service) -> Service:
    """Return the service with its import worker, which has told what it can take."""
    running = start_service()
    deadline = time.monotonic() + ENDS_WITHIN_S
    while not json.loads(ask(running, "/api/imports/concepts")[0])["concepts"]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return running


def corrected(path: Path, layer: str) -> Path:
    """Replace broken outlines by their hulls, as a person does by hand; everything else stays."""
    meta, table = pyogrio.read_arrow(path)
    at = table.column_names.index(meta["geometry_name"])
    shapes = shapely.from_wkb(table.column(at).to_numpy(zero_copy_only=False))
    mended = shapely.to_wkb(np.where(shapely.is_valid(shapes), shapes, shapely.convex_hull(shapes)))
    table = table.set_column(at, pa.field(meta["geometry_name"], pa.binary()), [pa.array(mended, pa.binary())])
    made = path.with_name("corrected.gpkg")
    pyogrio.write_arrow(table, str(made), layer=layer, driver="GPKG", crs=meta["crs"], geometry_type="Polygon",
                        geometry_name=meta["geometry_name"])
    return made


def test_rejected_rows_that_are_corrected_and_sent_again_repair_the_first_run(service: Service, tmp_path: Path) -> None:
    shapes = [square(117 + number / 100, 31) for number in range(5)]
    shapes[1], shapes[3] = bow_tie(117.01, 31), bow_tie(117.03, 31)
    path = write(tmp_path / "blocks.gpkg", {"楼号": [f"B{n}" for n in range(5)], "层数": [6, 7, 8, 9, 10]}, shapes)
    mapping = "fields:\n  code: 楼号\n  height_m: 层数*3\n"
    run = send(service, path, "楼 栋.gpkg", concept="buildings", mapping=mapping, max_rejects="40%", crs="EPSG:4490")
    assert (run["state"], run["inserted"], run["rejected"]) == ("done", 3, 2)
    told = run["reject_file"]
    assert (told["state"], told["name"]) == ("ready", "楼 栋.rejects.gpkg")
    content, headers = ask(service, f"/api/imports/{run['id']}/reject-file")
    assert headers["Content-Disposition"] == (
        "attachment; filename=\" .rejects.gpkg\"; filename*=UTF-8''%E6%A5%BC%20%E6%A0%8B.rejects.gpkg")
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert headers["Content-Type"] == "application/geopackage+sqlite3"
    assert len(content) == told["bytes"]
    (tmp_path / "rejects.gpkg").write_bytes(content)
    request = run["request"]
    assert request == {"concept": "buildings", "source": "楼 栋", "crs": "EPSG:4490", "mapping": mapping}
    second = send(service, corrected(tmp_path / "rejects.gpkg", "blocks"), **request)
    assert (second["state"], second["error"], second["inserted"], second["rejected"]) == ("done", None, 2, 0)
    assert second["reject_file"] is None
    connection = service.database.connect(autocommit=True)
    assert connection.execute("SELECT code, height_m, source FROM building ORDER BY code").fetchall() == [
        (f"B{n}", 3 * (6 + n), "楼 栋") for n in range(5)]
    again = send(service, corrected(path, path.stem), name="楼 栋.gpkg", **request)
    assert (again["inserted"], again["updated"], again["unchanged"]) == (0, 0, 5), "the whole file says the same now"
    refused = send(service, path, **request)
    assert (refused["state"], refused["reject_file"]["state"]) == ("failed", "ready")
    token = connection.execute("SELECT upload FROM import_run WHERE id = %s", (refused["id"],)).fetchone()[0]
    assert (service.database.settings.home / "uploads" / token / f"{token}.gpkg").exists()


def test_rows_of_people_leave_by_no_browser(service: Service, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("code,building_code,unit_number,room_number,name\nN1,B1,1,101,赵一\n")
    run = send(service, tmp_path / "b.csv", concept="residents", key="code", mapping="fields: {care: null}")
    assert (run["state"], run["rejected"], run["reject_file"]) == ("failed", 1, {"state": "withheld"})
    assert run["request"] == {"concept": "residents", "source": "b", "mapping": ""}
    with pytest.raises(HTTPError) as refused:
        ask(service, f"/api/imports/{run['id']}/reject-file")
    assert (refused.value.code, refused.value.headers["Content-Type"]) == (404, "application/problem+json")
    said = refused.value.read().decode()
    assert "personal values" in said
    assert "--rejects" in said
    assert not list((service.database.settings.home / "uploads").rglob("rejects.*"))


def test_a_reject_file_is_for_who_may_send_and_its_name_holds_nothing_else(
        web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    queries.write_catalogue(web.database.connect("worker", autocommit=True), {
        "concepts": [{"name": "buildings", "personal": False}]})
    upload = uploads.create(web.database.settings)
    upload.describe({"ending": ".gpkg"})
    upload.rejects_path(".csv").write_text("code\n")
    for name, called in (("a\r\nX: 1.gpkg", "a__X_ 1.rejects.csv"), ('a"b.gpkg', "a_b.rejects.csv"),
                         ("../../x.gpkg", "x.rejects.csv"), ("b.rejects.gpkg", "b.rejects.csv")):
        run_id = put_run(web, file_name=name, rejected=1, upload=upload.token, queued_at="2026-05-01T00:00:00Z",
                         finished_at="2026-05-01T00:00:00Z")
        answer = web.client.get(f"/api/imports/{run_id}/reject-file")
        assert (answer.status_code, answer.data) == (200, b"code\n")
        answer.close()
        assert answer.headers["Content-Disposition"] in (f'attachment; filename="{called}"',
                                                         f"attachment; filename={called}")
        assert answer.content_type == "text/csv; charset=utf-8"
    upload.remove()
    assert web.client.get(f"/api/imports/{run_id}/reject-file").status_code == 404
    assert web.client.get(f"/api/imports/{run_id}").json["reject_file"] == {"state": "gone", "why": None}
    shell = put_run(web, rejected=1, finished_at="2026-05-01T00:00:00Z")
    assert web.client.get(f"/api/imports/{shell}").json["reject_file"] is None
    monkeypatch.setitem(identity.ROLES, "reader", frozenset({"imports.read"}))
    monkeypatch.setattr(identity, "DEMO", identity.Identity("reader", ("reader",), identity.DEMO.scope))
    assert web.client.get(f"/api/imports/{run_id}").json["request"] is None
    assert web.client.get(f"/api/imports/{run_id}/reject-file").status_code == 403
    assert web.client.post(f"/api/imports/{run_id}/resume", json={}).status_code == 403


def test_a_stopped_run_is_queued_again_and_another_is_not(web: Web) -> None:
    upload = uploads.create(web.database.settings)
    stopped = put_run(web, state="failed", upload=upload.token, detail={"error": "e", "cure": "c", "stopped": True})
    assert web.client.get(f"/api/imports/{stopped}").json["resumable"]
    answer = web.client.post(f"/api/imports/{stopped}/resume", json={})
    assert (answer.status_code, answer.json["state"], answer.json["error"]) == (200, "queued", None)
    for run_id, said in ((stopped, "was not stopped"), (put_run(web, state="failed"), "failed by itself")):
        answer = web.client.post(f"/api/imports/{run_id}/resume", json={})
        assert (answer.status_code, answer.mimetype) == (409, "application/problem+json")
        assert said in answer.json["detail"]
    assert web.client.post("/api/imports/99/resume", json={}).status_code == 404
