"""The raster base map of another host: the page may ask that host and no other, and only where it is configured."""

import dataclasses

import pytest

from spatial.rules import base_tiles
from tests.fixtures.web import Web
from webmap import guard

ADDRESS = "https://t{switch:0,1}.tianditu.gov.cn/img/{z}/{x}/{y}?tk=SECRET"


@pytest.fixture
def configured(web: Web) -> Web:
    """Return an application with a base map."""
    parts = web.app.extensions["shapan"]
    settings = dataclasses.replace(
        parts.settings, base_tiles=base_tiles.read(ADDRESS), base_tiles_name="天地图",
        base_tiles_attribution="GS(2024)1号")
    web.app.extensions["shapan"] = dataclasses.replace(parts, settings=settings)
    return web


def test_the_page_may_ask_exactly_the_configured_hosts(configured: Web) -> None:
    answer = configured.client.get("/")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    hosts = "https://t0.tianditu.gov.cn https://t1.tianditu.gov.cn"
    assert policy["img-src"] == f"'self' data: blob: {hosts}"
    assert policy["connect-src"] == f"'self' {hosts}"
    assert policy["style-src"] == policy["default-src"] == "'self'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert "tk=SECRET" in answer.text
    for path in ("/data", "/handover", "/api/counts", "/styles/night.json", "/api/openapi.json"):
        other = configured.client.get(path)
        assert other.headers["Content-Security-Policy"] == guard.CONTENT_SECURITY_POLICY, path
        assert "SECRET" not in other.text, path


def test_without_the_setting_nothing_of_another_host_is_named(web: Web) -> None:
    answer = web.client.get("/")
    assert answer.headers["Content-Security-Policy"] == guard.policy(compiles=True)
    assert '"baseTiles": null' in answer.text
