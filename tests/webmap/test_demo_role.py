"""The demo account plays one role in a browser, and everything that the browser gets follows at once."""

import pytest
from werkzeug.test import create_environ

from tests.fixtures.web import Web
from webmap import demo_role, identity
from webmap.client import CLOSED
from webmap.told import Audience

ROLE_URL = "/api/me/role"
TILE = "/tiles/buildings/16/54068/26826.mvt"
TABLES = ("alarms.handle", "residents.read", "residents.reveal", "keepers.read", "audit.read", "imports.read")


def play(web: Web, role: str):
    answer = web.client.post(ROLE_URL, json={"role": role})
    assert answer.status_code == 200, answer.text
    return answer


def test_the_demo_account_holds_all_its_roles_until_one_is_chosen(web: Web) -> None:
    me = web.client.get("/api/me").json
    assert (me["account"], me["demo"]["role"], me["scope"]) == ("demo", "all", ["*"])
    assert set(TABLES) <= set(me["permissions"])
    assert play(web, "viewer").json == web.client.get("/api/me").json
    me = web.client.get("/api/me").json
    assert (me["roles"], set(me["permissions"])) == (["viewer"], identity.ROLES["viewer"])
    play(web, "all")
    assert web.client.get("/api/me").json["demo"]["role"] == "all"


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites(web: Web) -> None:
    cookie = play(web, "viewer").headers["Set-Cookie"]
    assert cookie == "shapan_role=viewer; HttpOnly; Path=/; SameSite=Strict"
    assert "Max-Age=0" in play(web, "all").headers["Set-Cookie"]


def test_no_role_that_can_be_chosen_allows_more_than_the_account_does() -> None:
    assert set(identity.DEMO_AS) == set(identity.ROLES)
    for one in identity.DEMO_AS.values():
        assert one.permissions <= identity.DEMO.permissions
        assert (one.account, one.scope) == (identity.DEMO.account, identity.DEMO.scope)


def test_a_cookie_that_names_no_role_is_as_none(web: Web) -> None:
    for value in ("root", "viewer,administrator", "viewer%20", "", "VIEWER", "viewer/../all"):
        # A client that keeps cookies would leave this one out.
        answer = web.app.test_client(use_cookies=False).get(
            "/api/me", headers={"Cookie": f"a=1; shapan_role={value}; b=2"})
        assert answer.json["demo"]["role"] == "all", value


@pytest.mark.parametrize("cookies", [
    "shapan_role=viewer", "a=b; shapan_role=viewer", "shapan_role=viewer; a=b",
    "xshapan_role=wall; shapan_role=viewer"])
def test_the_cookie_is_found_among_others(cookies: str) -> None:
    assert demo_role.named({"HTTP_COOKIE": cookies}) == "viewer"


def test_a_role_that_does_not_exist_cannot_be_chosen(web: Web) -> None:
    for role in ("root", "", None, 7, ["viewer"], "mayor"):
        answer = web.client.post(ROLE_URL, json={"role": role})
        assert answer.status_code == 422, role
        assert "Set-Cookie" not in answer.headers


def test_the_cookie_gives_nothing_to_whoever_is_not_the_demo_account(web: Web) -> None:
    cookie = {"Cookie": "shapan_role=operator"}
    for environ, headers in (({"REMOTE_ADDR": "10.1.2.3"}, {}), ({}, {"X-Forwarded-For": "8.8.8.8"})):
        for method, path in (("GET", "/api/me"), ("GET", "/"), ("POST", ROLE_URL), ("GET", TILE)):
            answer = web.client.open(path, method=method, json={"role": "all"} if method == "POST" else None,
                                     environ_base=environ, headers={**cookie, **headers})
            assert answer.status_code == 401, (method, path)


def test_another_account_cannot_change_its_role(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    other = identity.Identity("wang", ("viewer",), identity.DEMO.scope)
    monkeypatch.setattr(identity, "of_environ", lambda *_: other)
    assert web.client.get("/api/me").json["demo"] is None
    answer = web.client.post(ROLE_URL, json={"role": "all"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_page_of_another_site_cannot_choose(web: Web) -> None:
    answer = web.client.post(ROLE_URL, json={"role": "viewer"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert web.client.post(ROLE_URL, data="role=viewer", content_type="application/x-www-form-urlencoded"
                           ).status_code == 403


def test_a_tile_from_memory_is_of_the_role_before_flask_is_asked(web: Web) -> None:
    building = web.objects.building()
    web.objects.room(building, residents=3)
    web.sequence()
    tiles = {}
    for role in ("operator", "viewer", "operator", "viewer"):
        play(web, role)
        answer = web.client.get(TILE)
        assert answer.status_code == 200
        tiles.setdefault(role, []).append((answer.headers["X-Cache"], answer.headers["ETag"], answer.data))
    assert [cache for cache, *_ in tiles["operator"]] == [cache for cache, *_ in tiles["viewer"]] == ["MISS", "HIT"]
    assert tiles["operator"][1][2] != tiles["viewer"][1][2]
    # What the browser has of the one is not taken for the other.
    tag = tiles["operator"][1][1]
    assert web.client.get(TILE, headers={"If-None-Match": tag}).status_code == 200
    play(web, "wall")
    assert web.client.get(TILE.replace("buildings", "devices")).status_code == 403


def test_a_switch_ends_the_streams_of_the_account_and_no_others(web: Web) -> None:
    hub = web.app.extensions["shapan"].hub
    mine, other = (hub.join(Audience.of(identity.DEMO), account) for account in ("demo", "wang"))
    play(web, "viewer").close()
    assert mine.take(0.01) == [CLOSED]
    assert other.take(0.01) == []
    for client in (mine, other):
        hub.leave(client)


def test_a_stream_that_begins_after_the_switch_tells_what_the_role_may_hear(web: Web) -> None:
    play(web, "wall")
    snapshot = web.client.get("/api/live/snapshot").json
    assert {"kpi", "counts", "warnings"} <= set(snapshot)
    assert not {"alarms", "keepers"} & set(snapshot)
    environ = create_environ("/api/live", headers={"Cookie": "shapan_role=viewer"}, environ_base={
        "REMOTE_ADDR": "127.0.0.1"})
    settings = web.app.extensions["shapan"].settings
    assert Audience.of(identity.of_environ(environ, settings, lambda _: None)).permissions == identity.ROLES["viewer"]


CHROMIUM = {"Sec-Fetch-Mode": "navigate", "Accept": (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7")}
"""What a person's browser says when it opens a page."""


def test_the_page_of_a_refusal_offers_the_switch(web: Web) -> None:
    for role, path in (("gateway", "/"), ("operator", "/audit")):
        play(web, role)
        page = web.client.get(path, headers=CHROMIUM)
        assert page.status_code == 403
        assert 'data-role="all"' in page.text
        assert "refused-" in page.text
        play(web, "all")
        assert web.client.get(path).status_code == 200


def test_no_other_page_of_an_error_offers_it(web: Web) -> None:
    page = web.client.get("/nowhere", headers=CHROMIUM)
    assert page.status_code == 404
    assert "data-role" not in page.text
