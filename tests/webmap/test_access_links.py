"""A wall or a keeper opens a link once; what it opened holds its jurisdiction, and ends when it is revoked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from spatial.queries import access_links as queries
from spatial.queries import link_sessions
from spatial.queries.link_audit import By
from spatial.types import Scope
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID
from tests.fixtures.waiting import until
from tests.fixtures.web import Web
from webmap import access_links, identity
from webmap.client import CLOSED
from webmap.told import Audience

LINKS = "/api/access-links"
TOKENS = st.text(max_size=60) | st.text("abcXYZ019_-", min_size=43, max_size=43)


def made(web: Web, **body: Any) -> dict[str, Any]:
    answer = web.client.post(LINKS, json={"kind": "kiosk", "name": "hall", **body})
    assert answer.status_code == 201, answer.text
    return answer.json


def opened(web: Web, token: str) -> FlaskClient:
    """Return another browser, in which a link was opened."""
    browser = web.app.test_client()
    answer = browser.post(f"{LINKS}/exchange", json={"token": token})
    assert answer.status_code == 200, answer.text
    return browser


@pytest.fixture
def places(web: Web) -> Web:
    web.objects.community()
    web.objects.community(OTHER_COMMUNITY, west=117.02)
    web.objects.grid()
    web.objects.grid(OTHER_GRID, west=117.02)
    web.objects.keeper()
    return web


def test_a_wall_is_a_wall_within_its_jurisdiction_and_nothing_else(places: Web) -> None:
    link = made(places, within=COMMUNITY, display={"height_m": 2.4, "tour": 1})
    assert link["path"] == f"/wall#{link['token']}"
    wall = opened(places, link["token"])
    me = wall.get("/api/me").json
    assert (me["account"], me["roles"], me["scope"], me["demo"]) == (f"kiosk:{link['id']}", ["wall"], [COMMUNITY], None)
    assert wall.get("/api/grids").json["code"] == [GRID]
    assert wall.get(LINKS).status_code == 403
    assert wall.post("/api/me/role", json={"role": "all"}).status_code == 403
    bearer = places.app.extensions["shapan"].bearers.bearer(
        {"HTTP_COOKIE": "a=b; " + cookie_of(wall), "HTTP_HOST": "localhost:8700"})
    assert (bearer.name, bearer.display) == ("hall", {"height_m": 2.4, "tour": 1})
    assert places.client.get("/api/me").json["account"] == "demo", "the browser that made the link is what it was"


def cookie_of(browser: FlaskClient) -> str:
    return f"shapan_link={browser.get_cookie('shapan_link').value}"


def test_a_keeper_has_the_grid_that_is_kept_now(places: Web) -> None:
    link = made(places, kind="keeper", name=None, keeper=f"K{GRID}")
    keeper = opened(places, link["token"])
    me = keeper.get("/api/me").json
    assert (me["account"], me["roles"], me["scope"]) == (f"keeper:{link['id']}", ["keeper"], [GRID])
    for grid, scope in ((OTHER_GRID, [OTHER_GRID]), (COMMUNITY + "000", [])):
        places.objects.connection.execute("UPDATE keeper SET grid_code = %s, area_code = left(%s, 12)", (grid, grid))
        places.app.extensions["shapan"].bearers.forget()
        assert keeper.get("/api/me").json["scope"] == scope
    places.objects.connection.execute("DELETE FROM keeper")
    places.app.extensions["shapan"].bearers.forget()
    assert keeper.get("/api/me").status_code == 401


def test_a_link_opens_once(places: Web) -> None:
    link = made(places)
    first = opened(places, link["token"])
    again = places.app.test_client().post(f"{LINKS}/exchange", json={"token": link["token"]})
    assert (again.status_code, again.json["reason"]) == (410, "used")
    assert "Set-Cookie" not in again.headers
    assert first.get("/api/me").status_code == 200


def test_only_hashes_are_on_record(places: Web) -> None:
    link = made(places)
    wall = opened(places, link["token"])
    session = wall.get_cookie("shapan_link").value
    rows = str(places.objects.connection.execute("SELECT access_link::text FROM access_link").fetchall())
    assert link["token"] not in rows
    assert session not in rows
    assert link["token"] not in places.client.get(LINKS).text


def test_the_cookie_is_not_for_scripts_and_not_for_other_sites_and_encrypted_where_it_can_be(places: Web) -> None:
    local = places.app.test_client().post(f"{LINKS}/exchange", json={"token": made(places)["token"]})
    name, _, words = local.headers["Set-Cookie"].partition("=")
    assert name == "shapan_link"
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(words.split("; "))
    assert 399 * 86400 < int(words.partition("Max-Age=")[2].partition(";")[0]) <= 400 * 86400
    secure = places.app.test_client().post(f"{LINKS}/exchange", json={"token": made(places)["token"]},
                                           base_url="https://localhost")
    name, _, words = secure.headers["Set-Cookie"].partition("=")
    assert name == "__Host-shapan_link"
    assert "Secure" in words.split("; ")
    assert "Domain" not in words
    value = words.partition(";")[0]
    # A client that keeps cookies would leave this one out.
    bare = places.app.test_client(use_cookies=False)
    # Another host of the domain can set the name without the prefix, and have it sent first.
    for first in ("a=b", "shapan_link=" + "x" * 43):
        cookie = {"Cookie": f"{first}; __Host-shapan_link={value}"}
        assert bare.get("/api/me", headers=cookie, base_url="https://localhost").json["roles"] == ["wall"]
    plain = bare.get("/api/me", headers={"Cookie": f"shapan_link={value}"}, base_url="https://localhost")
    assert plain.json["roles"] != ["wall"]


def test_a_link_waits_no_longer_than_was_said_and_a_session_lasts_no_longer(places: Web) -> None:
    run = places.objects.connection.execute
    link = made(places)
    run("UPDATE access_link SET link_expires_at = now() - interval '1 s'")
    late = places.client.post(f"{LINKS}/exchange", json={"token": link["token"]})
    assert (late.status_code, late.json["reason"]) == (410, "expired")
    assert places.client.get(LINKS).json["links"][0]["state"] == "unopened"
    run("UPDATE access_link SET link_expires_at = now() + interval '1 h'")
    wall = opened(places, link["token"])
    assert wall.get("/api/me").status_code == 200
    run("UPDATE access_link SET expires_at = now() - interval '1 s'")
    places.app.extensions["shapan"].bearers.forget()
    assert wall.get("/api/me").status_code == 401, "on this machine as well: it is no demo account"
    assert wall.get("/tiles/grids/10/845/419.mvt").status_code == 401
    assert places.client.get(LINKS).json["links"][0]["state"] == "expired"


def test_revoking_ends_pages_tiles_and_streams_at_once_and_for_good(places: Web) -> None:
    link = made(places)
    wall = opened(places, link["token"])
    parts = places.app.extensions["shapan"]
    listening = parts.hub.join(Audience(Scope.everything(), identity.ROLES["wall"]), f"kiosk:{link['id']}")
    other = parts.hub.join(Audience(Scope.everything(), identity.ROLES["wall"]), "kiosk:999")
    answer = places.client.post(f"{LINKS}/{link['id']}/revoke", json={})
    assert answer.json["state"] == "revoked"
    answer.close()
    assert listening.take(0) == [CLOSED]
    assert other.take(0) == []
    for path in ("/api/me", "/", "/tiles/grids/10/845/419.mvt", "/api/live"):
        assert wall.get(path).status_code == 401, path
    renewed = places.client.post(f"{LINKS}/{link['id']}/renew", json={})
    assert (renewed.status_code, renewed.json["reason"]) == (410, "revoked")
    unopened = made(places)
    places.client.post(f"{LINKS}/{unopened['id']}/revoke", json={}).close()
    refused = places.client.post(f"{LINKS}/exchange", json={"token": unopened["token"]})
    assert (refused.status_code, refused.json["reason"]) == (410, "revoked")


def test_a_stream_ends_within_seconds_where_the_link_was_revoked_by_another_process(
        places: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmap.stream.HEARTBEAT_S", 0.2)
    monkeypatch.setattr(access_links, "BELIEVED_S", 0.1)
    wall = opened(places, made(places)["token"])
    stream = iter(wall.get("/api/live").response)
    assert b"retry" in next(stream)
    assert b"snapshot" in next(stream)
    assert b"heartbeat" in next(stream)
    with places.database.connect("worker", autocommit=True) as other:
        other.execute("UPDATE access_link SET revoked_at = now()")
    assert sum(1 for _ in stream) < 5, "it came to its end"


def test_a_wall_stays_lit_while_its_new_link_waits_to_be_opened(places: Web) -> None:
    link = made(places)
    wall = opened(places, link["token"])
    fresh = places.client.post(f"{LINKS}/{link['id']}/renew", json={}).json
    assert fresh["token"] != link["token"]
    assert wall.get("/api/me").status_code == 200
    other = opened(places, fresh["token"])
    places.app.extensions["shapan"].bearers.forget()
    assert other.get("/api/me").json["account"] == f"kiosk:{link['id']}"
    assert wall.get("/api/me").status_code == 401, "one link, one browser"
    used = places.client.post(f"{LINKS}/exchange", json={"token": link["token"]})
    assert (used.status_code, used.json["reason"]) == (410, "unknown")


def test_a_browser_can_forget_its_link(places: Web) -> None:
    link = made(places)
    wall = opened(places, link["token"])
    assert wall.get("/api/me").json["roles"] == ["wall"]
    copied = {"Cookie": cookie_of(wall)}
    parts = places.app.extensions["shapan"]
    listening = parts.hub.join(Audience(Scope.everything(), identity.ROLES["wall"]), f"kiosk:{link['id']}")
    wall.post(f"{LINKS}/leave", json={}).close()
    assert wall.get("/api/me").json["account"] == "demo"
    assert places.app.test_client(use_cookies=False).get("/api/me", headers=copied).status_code == 401
    assert listening.take(0) == [CLOSED]
    assert places.client.get(LINKS).json["links"][0]["state"] == "left"
    again = places.client.post(f"{LINKS}/{link['id']}/renew", json={}).json
    assert opened(places, again["token"]).get("/api/me").json["account"] == f"kiosk:{link['id']}"
    wall.post(f"{LINKS}/leave", json={}).close()  # nothing to leave any more


def test_all_that_does_not_go_together_is_said_at_once(places: Web) -> None:
    def faults(**body: Any) -> list[str]:
        answer = places.client.post(LINKS, json=body)
        assert answer.status_code == 422, answer.text
        return [fault["place"] for fault in answer.json["faults"]]

    assert faults(kind="kiosk", keeper="K", display={"height_m": -1, "x": 1}) == [
        "name", "keeper", "display.height_m", "display.x"]
    assert faults(kind="keeper", name="hall", within="999001", display={"tour": 1}) == [
        "keeper", "name", "within", "display"]
    assert set(faults(kind="door", days=1000, link_hours=0, within="12a")) == {"kind", "days", "link_hours", "within"}
    missing = places.client.post(LINKS, json={"kind": "keeper", "keeper": "nobody"})
    assert missing.status_code == 404
    assert places.client.get(LINKS).json["links"] == []


def test_an_administrator_gives_away_and_ends_no_more_than_the_own_area(
        places: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, part = made(places), made(places, within=COMMUNITY)
    street = identity.Identity("li", ("administrator",), Scope((COMMUNITY,)))
    monkeypatch.setattr(identity, "of_environ", lambda *_: street)
    client = places.client
    assert client.post(LINKS, json={"kind": "kiosk", "name": "x", "within": COMMUNITY[:9]}).status_code == 403
    assert made(places)["places"] == [COMMUNITY]
    assert whole["id"] not in [link["id"] for link in client.get(LINKS).json["links"]]
    assert client.post(f"{LINKS}/{whole['id']}/revoke", json={}).status_code == 404
    assert client.post(f"{LINKS}/{whole['id']}/renew", json={}).status_code == 404
    client.post(f"{LINKS}/{part['id']}/revoke", json={}).close()
    states = dict(places.objects.connection.execute("SELECT id, revoked_at IS NOT NULL FROM access_link"))
    assert (states[whole["id"]], states[part["id"]]) == (False, True)


def test_of_two_that_open_a_link_at_once_one_gets_in(places: Web) -> None:
    one, other = places.database.connect("app"), places.database.connect("app")
    with one, other, ThreadPoolExecutor(1) as beside:
        token = queries.make_kiosk(one, "hall", Scope.everything(), by=By("t"), link_lasts=timedelta(hours=1),
                                   lasts=timedelta(days=1), display={}).token
        one.commit()
        session = link_sessions.exchange(one, token, "10.0.0.9")
        second = beside.submit(link_sessions.exchange, other, token, None)
        until(lambda: places.objects.connection.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s", (other.info.backend_pid,)).fetchone()[0])
        one.commit()
        with pytest.raises(queries.LinkUnusable) as refused:
            second.result(10)
        assert refused.value.members == {"reason": "used"}
        assert link_sessions.bearer(one, session.token).kind == "kiosk"


def test_nobody_is_let_in_on_trust_while_the_database_is_away(places: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    wall = opened(places, made(places)["token"])
    assert wall.get("/api/me").status_code == 200
    parts = places.app.extensions["shapan"]
    parts.bearers.forget()
    parts.database.close()
    for path in ("/api/me", "/tiles/grids/10/845/419.mvt"):
        assert wall.get(path).status_code >= 500, path


@given(token=TOKENS)
def test_no_other_words_are_a_session(token: str) -> None:
    class Nobody:
        def transaction(self, _scope: Scope) -> None:
            raise LookupError

    bearers = access_links.Bearers(Nobody())
    try:
        who = bearers.identity({"HTTP_COOKIE": f"shapan_link={token}", "HTTP_HOST": "[::1]"})
    except LookupError:
        assert len(token.partition(";")[0]) == 43, "only what may be a session is looked up"
    else:
        assert who is identity.NOBODY


def came(number: int) -> dict[str, str]:
    return {"HTTP_COOKIE": f"shapan_link={number:043d}", "HTTP_HOST": "127.0.0.1"}


def test_answers_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []

    class Empty:
        def transaction(self, _scope: Scope) -> Any:
            looked_up.append(1)
            return self

        def __enter__(self) -> "Empty":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(link_sessions, "bearer", lambda *_: None)
    monkeypatch.setattr(access_links, "KEPT_MOST", 10)
    bearers = access_links.Bearers(Empty())
    for number in [*range(30), 29, 29]:
        assert bearers.identity(came(number)) is identity.NOBODY
    assert len(bearers._known) == 10
    assert len(looked_up) == 30, "the same one is not looked up again"
    monkeypatch.setattr(access_links, "BELIEVED_S", -1.0)
    bearers.identity(came(31))
    bearers.identity(came(31))
    assert len(looked_up) == 32, "and is not believed for ever"
