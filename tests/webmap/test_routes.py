"""Every route: who may use it, and what every answer carries."""

import pytest

from tests.fixtures.web import Web
from webmap.identity import ROLES

PUBLIC = {"/health/live", "/health/ready", "/api/openapi.json", "/static/<path:filename>"}


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
    def ask(method: str, path: str):
        return web.client.open(path, method=method, environ_base={"REMOTE_ADDR": "10.1.2.3"}, json={})

    return ask


def test_a_visitor_from_another_machine_is_nobody(web: Web, stranger) -> None:
    for rule in web.app.url_map.iter_rules():
        if rule.rule in PUBLIC:
            continue
        path = rule.rule.replace("<int:building_id>", "1").replace("<int:alarm_id>", "1")
        path = path.replace("<any(acknowledge, clear, close):step>", "clear").replace("<names>", "grids")
        path = path.replace("<int:z>/<int:x>/<int:y>", "0/0/0").replace("<name>", "night")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = stranger(method, path)
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.mimetype == "application/problem+json"


def test_every_answer_forbids_foreign_content(web: Web) -> None:
    for path in ("/", "/api/counts", "/health/live", "/nowhere"):
        headers = web.client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
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


def test_the_interface_describes_itself_without_another_host(web: Web) -> None:
    document = web.client.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.")
    assert {"/api/alarms", "/api/buildings/{building_id}", "/tiles/{names}/{z}/{x}/{y}.mvt"} <= set(document["paths"])


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
