"""Which role gets what: every route for every role, and what that comes to, written out."""

import re
from typing import Any

import pytest

from tests.fixtures.web import Web
from webmap import identity
from webmap.identity import ROLES

SENSITIVE = {
    "residents.read": {"operator"}, "residents.reveal": {"operator"}, "residents.count": {"operator"},
    "keepers.read": {"operator"}, "audit.read": {"administrator"}, "rules.edit": {"administrator"},
    "webhooks.edit": {"administrator"}, "links.edit": {"administrator"},
    "imports.read": {"importer"}, "imports.send": {"importer"},
    "alarms.handle": {"operator"}, "changes.read": {"administrator", "platform"},
    "tours.edit": {"operator", "administrator"},
    "rooms.read": set(ROLES) - {"wall", "gateway", "keeper"}, "alarms.read": set(ROLES) - {"wall", "gateway", "keeper"},
    "alarms.brief": set(ROLES) - {"gateway", "keeper"},
    "keepers.named": set(ROLES) - {"wall", "gateway", "keeper"},
    "picture.read": set(ROLES) - {"gateway", "keeper"}, "account.own": set(ROLES),
}
"""Who holds the permissions that matter most. Whoever gives one to another role says so here."""

ALSO = {"/api/picture": {"alarms.read", "events.read"}}
"""Routes that ask for more than the one permission that they name."""

QUERIES = {"/api/picture": "?at=2026-01-01T00:00:00Z"}
"""What a route wants before it looks who asks."""

PUBLIC = {"/health/live", "/health/ready", "/api/openapi.json", "/static/<path:filename>",
          "/api/access-links/exchange", "/api/access-links/leave", "/survey", "/survey-worker.js",
          "/survey.webmanifest"}


def test_sensitive_permissions_are_held_by_the_roles_that_are_meant() -> None:
    assert {name: {role for role in ROLES if name in ROLES[role]} for name in SENSITIVE} == SENSITIVE


def address(rule: str) -> str:
    """Return an address that a rule takes."""
    for part, value in ((r"<any\((\w+)[^)]*\):\w+>", r"\1"), (r"<names>", "grids"), (r"<code>", "K1"),
                        (r"<path:path>", "tileset.json"), (r"<name>", "night"),
                        (r"<int:z>/<int:x>/<int:y>", "0/0/0"), (r"<int:\w+>", "1"), (r"<\w+>", "grids")):
        rule = re.sub(part, value, rule)
    return rule


def sent(view: Any) -> dict[str, Any]:
    if getattr(view, "takes_files", False):
        return {"data": {}, "content_type": "multipart/form-data", "headers": {"X-Shapan": "1"}}
    return {"json": {}}


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_a_role_in_that_holds_its_permission_and_no_other(web: Web, role: str) -> None:
    web.client.set_cookie("shapan_role", role, domain="localhost")
    refused, let_in = [], []
    for rule in web.app.url_map.iter_rules():
        if rule.rule in PUBLIC:
            continue
        view = web.app.view_functions[rule.endpoint]
        needed = {view.permission} | ALSO.get(rule.rule, set())
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            more = {} if method == "GET" else sent(view)
            path = address(rule.rule) + QUERIES.get(rule.rule, "")
            answer = web.client.open(path, method=method, **more)
            allowed = needed <= ROLES[role]
            assert (answer.status_code != 403) == allowed, f"{role}: {method} {rule.rule} {answer.status_code}"
            assert answer.status_code != 401, f"{role}: {method} {rule.rule}"
            assert answer.status_code < 500, f"{role}: {method} {rule.rule} {answer.text}"
            (let_in if allowed else refused).append(rule.rule)
            answer.close()
    assert let_in
    assert refused, "no role may do everything"


def test_the_cookie_of_the_test_is_the_one_that_counts(web: Web) -> None:
    web.client.set_cookie("shapan_role", "wall", domain="localhost")
    assert web.client.get("/api/me").json["roles"] == ["wall"]
    assert set(identity.DEMO_AS) == set(ROLES)
