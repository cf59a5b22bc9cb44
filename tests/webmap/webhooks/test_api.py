"""Webhooks over HTTP: made, listed and deleted within one's area, to listed hosts alone."""

from typing import Any

import pytest

from spatial.cipher import from_file
from spatial.queries import webhooks as queries
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID
from tests.fixtures.web import Web
from webmap import identity
from webmap.webhooks import hosts

URL = "https://partner.example/in"


@pytest.fixture
def ready(web: Web) -> Web:
    hosts.save(web.database.settings.home, [hosts.parse_origin("partner.example")])
    return web


def be(monkeypatch: pytest.MonkeyPatch, *prefixes: str, roles: tuple[str, ...] = ("administrator",)) -> None:
    monkeypatch.setattr(identity, "DEMO", identity.Identity("admin", roles, Scope(prefixes)))


def make(web: Web, **values: Any) -> Any:
    return web.client.post("/api/webhooks", json={"url": URL, "kinds": ["alarm"], **values})


def listed(web: Web) -> list[int]:
    return [hook["id"] for hook in web.client.get("/api/webhooks").json["webhooks"]]


def test_a_webhook_is_made_within_ones_area_shown_without_its_secret_and_deleted(
        ready: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = make(ready, after=0).json["id"]
    be(monkeypatch, COMMUNITY)
    made = make(ready, kinds=["alarm", "warning", "alarm"])
    assert made.status_code == 201
    secret, number = made.json["secret"], made.json["id"]
    narrow = make(ready, within=GRID).json["id"]
    answer = ready.client.get("/api/webhooks")
    assert secret.encode() not in answer.data
    [hook, other] = answer.json["webhooks"]
    assert (hook["id"], hook["kinds"], hook["places"], hook["state"]) == (
        number, ["alarm", "warning"], [COMMUNITY], "active")
    assert (other["id"], other["places"]) == (narrow, [GRID])
    row = ready.objects.connection.execute("SELECT secret_sealed FROM webhook WHERE id = %s", [number]).fetchone()
    assert from_file(ready.database.settings.key_file).open(bytes(row[0])) == secret
    assert secret.encode() not in bytes(row[0])

    assert make(ready, within="999001001").status_code == 403
    assert make(ready, kinds=["keeper"]).status_code == 403
    be(monkeypatch, GRID)
    # It shares a part of this area, and is somebody else's all the same.
    assert listed(ready) == [narrow]
    assert ready.client.delete(f"/api/webhooks/{number}", json={}).status_code == 404
    assert ready.client.delete(f"/api/webhooks/{narrow}", json={}).json == {"deleted": narrow}
    be(monkeypatch, COMMUNITY, roles=("operator", "gateway", "platform"))
    assert ready.client.get("/api/webhooks").status_code == 403
    assert make(ready).status_code == 403
    be(monkeypatch)
    assert make(ready).status_code == 403
    monkeypatch.undo()
    assert listed(ready) == [everywhere, number]
    monkeypatch.setattr(queries, "HOOKS_MOST", 2)
    assert make(ready).status_code == 409
    assert make(ready, after=5).status_code == 410

    for url in ("https://other.example/in", "http://partner.example/in", "https://partner.example:444/in",
                "https://a:b@partner.example/", "https://partner.example@other.example/", "http://127.0.0.1:8700/",
                "http://169.254.169.254/latest", "file:///etc/passwd", "https://partner.example.other.example/"):
        refused = make(ready, url=url)
        assert (refused.status_code, refused.json["faults"][0]["place"]) == (422, "url"), url
    for values in ({"kinds": []}, {"kinds": ["tiles"]}, {"within": "1"}, {"within": "99\n"}, {"after": -1},
                   {"url": "https://partner.example/" + "x" * 500}, {"secret": "mine"}):
        assert make(ready, **values).status_code == 422, values
    assert listed(ready) == [everywhere, number]
