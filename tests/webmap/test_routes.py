"""Every route: who may use it, and what every answer carries."""

import re

import pytest
import structlog

from spatial import logs
from spatial.queries import picture
from tests.fixtures.web import Web
from webmap import addresses
from webmap.identity import ROLES

PUBLIC = {"/health/live", "/health/ready", "/api/openapi.json", "/static/<path:filename>",
          "/api/access-links/exchange", "/api/access-links/leave", "/survey", "/survey-worker.js",
          "/survey.webmanifest"}


def test_every_route_names_a_permission_that_a_role_holds_or_is_public(web: Web) -> None:
    known = set().union(*ROLES.values())
    for rule in web.app.url_map.iter_rules():
        permission = getattr(web.app.view_functions[rule.endpoint], "permission", "absent")
        if rule.rule in PUBLIC:
            assert permission in (None, "absent"), rule.rule
        else:
            assert permission in known, f"{rule.rule} says neither @needs nor @public"


@pytest.fixture
def stranger(web: Web):
    def ask(method: str, path: str, takes_files: bool = False):
        if takes_files:
            return web.client.open(path, method=method, environ_base={"REMOTE_ADDR": "10.1.2.3"}, data={},
                                   content_type="multipart/form-data", headers={"X-Shapan": "1"})
        return web.client.open(path, method=method, environ_base={"REMOTE_ADDR": "10.1.2.3"}, json={})

    return ask


def test_a_visitor_from_another_machine_is_nobody(web: Web, stranger) -> None:
    for rule in web.app.url_map.iter_rules():
        if rule.rule in PUBLIC:
            continue
        path = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule.rule)
        path = path.replace("<names>", "grids").replace("<code>", "K1")
        path = path.replace("<int:z>/<int:x>/<int:y>", "0/0/0").replace("<name>", "night")
        path = path.replace("<path:path>", "tileset.json")
        path = re.sub(r"<int:\w+_id>", "1", path)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            takes_files = getattr(web.app.view_functions[rule.endpoint], "takes_files", False)
            answer = stranger(method, path, takes_files)
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.mimetype == "application/problem+json"


def test_every_answer_forbids_foreign_content(web: Web) -> None:
    for path in ("/", "/api/counts", "/health/live", "/nowhere"):
        headers = web.client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        # The sandbox compiles what unpacks 3D models, and no other page does (decision 24).
        assert policy.count("unsafe") == policy.count("'wasm-unsafe-eval'") == int(path == "/")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_a_rebound_host_name_is_refused(web: Web) -> None:
    answer = web.client.get("/api/counts", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "evil.example" in answer.json["detail"]


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Content-Type": "text/plain"}])
def test_a_change_sent_by_another_sites_page_is_refused(web: Web, headers: dict[str, str]) -> None:
    answer = web.client.post("/api/alarms", data="{}", headers={"Content-Type": "application/json", **headers})
    assert answer.status_code == 403


def test_a_body_that_is_too_large_is_refused(web: Web) -> None:
    answer = web.client.post("/api/alarms", data=b'"' + b"x" * 3_000_000 + b'"', content_type="application/json")
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    assert "2,097,152" in answer.json["detail"]


def test_the_interface_describes_itself_without_another_host(web: Web) -> None:
    document = web.client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.")
    assert {"/api/alarms", "/api/buildings/{building_id}", "/tiles/{names}/{z}/{x}/{y}.mvt"} <= set(document["paths"])
    beginnings = {path.split("/")[1] for path in document["paths"] if "{name}" in path}
    assert beginnings == set(addresses.NAMES), "webmap/addresses.py says what `name` is, by how the address begins"


def test_an_unknown_page_is_a_problem_document_with_a_request_id(web: Web) -> None:
    answer = web.client.get("/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["status"] == 404
    assert answer.json["request_id"]


def test_readiness_tells_each_promise_and_fails_when_one_is_broken(web: Web) -> None:
    assert web.client.get("/health/ready").status_code == 200
    owner = web.database.connect("owner", autocommit=True)
    owner.execute("ALTER TABLE building NO FORCE ROW LEVEL SECURITY")
    web.app.extensions["shapan"].readiness.forget()
    answer = web.client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json["checks"]["row_security"] == "broken"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_visitor_whom_a_proxy_brings_is_nobody(web: Web, header: str) -> None:
    assert web.client.get("/api/counts").status_code == 200
    assert web.client.get("/api/counts", headers={header: "8.8.8.8"}).status_code == 401


def test_a_method_that_a_path_does_not_take_is_405_and_says_which_it_takes(web: Web) -> None:
    answer = web.client.delete("/api/alarms")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


SECRET = "李四 13912345678"


@pytest.mark.parametrize("failure", [RuntimeError(SECRET), ValueError(SECRET)])
def test_a_fault_of_ours_is_logged_by_type_and_place_and_never_by_value(
    web: Web, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], failure: Exception,
) -> None:
    def broken(*_: object) -> None:
        note = SECRET
        raise failure from RuntimeError(note)

    logs.configure()
    request.addfinalizer(structlog.reset_defaults)
    monkeypatch.setattr(picture, "counts", broken)
    answer = web.client.get("/api/counts")
    logged = capsys.readouterr().err
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert type(failure).__name__ in logged
    assert "broken" in logged
    assert answer.json["request_id"] in logged
    assert SECRET.split()[0] not in logged
    assert SECRET.split()[1] not in logged


def test_a_database_that_is_gone_is_told_as_such_and_not_as_overload(web: Web) -> None:
    owner = web.database.connect("superuser", autocommit=True)
    owner.execute(f"REVOKE CONNECT ON DATABASE {web.database.name} FROM shapan_app")
    owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    answer = web.client.get("/api/counts")
    assert answer.status_code == 503
    assert "SHAPAN_POOL_SIZE" not in answer.json["detail"]
    assert "atabase" in answer.json["detail"]
    assert int(answer.headers["Retry-After"]) > 0
