"""Behind a proxy with TLS: the administrator says the address once, and no head of a request changes what follows."""

import dataclasses
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.fixtures.objects import COMMUNITY
from tests.fixtures.web import Web, until_trusted
from webmap.app import create_app

PUBLIC = "https://sandbox.example:8443"
EXCHANGE = "/api/access-links/exchange"

HOSTS = ("sandbox.example:8443", "Sandbox.Example", "127.0.0.1:8700", "localhost")
"""What a proxy on this machine may say: the public name, with its port or without; or the address that it calls."""

FORGED = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "127.0.0.1",
          "X-Forwarded-Port": "80", "Forwarded": "proto=http;host=evil.example", "Front-End-Https": "off"}


@pytest.fixture
def behind(web: Web) -> Iterator[FlaskClient]:
    """Yield a client of the service behind a proxy, over the database of ``web``; it keeps no cookies."""
    web.objects.community()
    web.sequence()
    app = create_app(dataclasses.replace(web.database.settings, public_url=PUBLIC))
    parts = app.extensions["shapan"]
    until_trusted(parts.tiles.versions)
    yield app.test_client(use_cookies=False)
    parts.hub.close()
    parts.database.close()
    parts.tiles.close()


def token(web: Web) -> str:
    made = web.client.post("/api/access-links", json={"kind": "kiosk", "name": "hall", "within": COMMUNITY})
    return made.json["token"]


def test_a_session_is_an_encrypted_cookie_whatever_the_heads_say_and_the_plain_name_is_none(
    web: Web, behind: FlaskClient
) -> None:
    for host in HOSTS:
        opened = behind.post(EXCHANGE, json={"token": token(web)}, headers={"Host": host, **FORGED})
        assert opened.status_code == 200, opened.text
        name, _, words = opened.headers["Set-Cookie"].partition("=")
        assert name == "__Host-shapan_link"
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(words.split("; "))
        value = words.partition(";")[0]
        for heads in ({}, FORGED):
            def get(cookie: str, path: str = "/api/me"):
                return behind.get(path, headers={"Host": host, "Cookie": cookie, **heads})  # noqa: B023

            assert get(f"shapan_link={value}").status_code == 401, "planted by another host of the domain"
            own = get(f"shapan_link={'x' * 43}; __Host-shapan_link={value}")
            assert own.json["roles"] == ["wall"]
            assert get(f"shapan_link={value}", "/tiles/buildings/0/0/0.mvt").status_code == 401
            assert get(f"__Host-shapan_link={value}", "/tiles/buildings/0/0/0.mvt").status_code in (200, 204)


def test_addresses_are_public_ones_and_another_host_is_refused(web: Web, behind: FlaskClient) -> None:
    opened = behind.post(EXCHANGE, json={"token": token(web)})
    cookie = {"Cookie": opened.headers["Set-Cookie"].partition(";")[0]}
    for host in HOSTS:
        answer = behind.get("/data", headers={"Host": host, **cookie, **FORGED})
        assert re.search(r'"origin": ?"([^"]+)"', answer.text.replace("&#34;", '"'))[1] == PUBLIC
    for host in ("evil.example", "sandbox.example.evil.example", "10.0.0.5:8700"):
        refused = behind.get("/api/me", headers={"Host": host, "X-Forwarded-Host": "sandbox.example", **cookie})
        assert refused.status_code == 403, host
        assert PUBLIC in refused.text
