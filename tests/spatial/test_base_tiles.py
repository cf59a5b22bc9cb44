"""Addresses of a raster base map: what is taken, what is refused and how, and that no key is repeated."""

import pytest

from spatial.errors import SettingError
from spatial.rules import base_tiles
from spatial.settings import load

IMAGE = "https://t{switch:0,1}.tianditu.gov.cn/img_w/wmts?TILECOL={x}&TILEROW={y}&TILEMATRIX={z}&tk=SECRET"
NAMED = {"SHAPAN_BASE_TILES_ATTRIBUTION": "天地图 GS(2024)0568号"}


def test_without_the_setting_there_is_no_base_map_of_another_host():
    assert load({}).base_tiles is None


def test_layers_are_apart_by_spaces_and_hosts_of_one_are_spelled_out():
    found = load(NAMED | {"SHAPAN_BASE_TILES": f"{IMAGE} http://10.1.2.3:8080/names/{{z}}/{{x}}/{{y}}.png"}).base_tiles
    assert [len(addresses) for addresses in found.layers] == [2, 1]
    assert found.layers[0][1].startswith("https://t1.tianditu.gov.cn/img_w/")
    assert found.origins == ("https://t0.tianditu.gov.cn", "https://t1.tianditu.gov.cn", "http://10.1.2.3:8080")
    assert "SECRET" not in repr(found)


@pytest.mark.parametrize(("text", "cure"), [
    ("tiles.example/SECRET/{z}/{x}/{y}", "must begin with https://"),
    ("ftp://tiles.example/SECRET/{z}/{x}/{y}", "must begin with https://"),
    ("https://tiles.example/SECRET/{z}/{x}", "must have {z}, {x} and {y}"),
    ("https://tiles.example/SECRET/{z}/{x}/{y}/{key}", "must have {z}, {x} and {y}"),
    ("https://tiles.example/SECRET/{z}/{x}/{y}/{y}", "must have {z}, {x} and {y}"),
    ("https://{switch:a,b}.{switch:c,d}.example/SECRET/{z}/{x}/{y}", "more than one {switch"),
    ("https://user:SECRET@tiles.example/{z}/{x}/{y}", "has an account"),
    ("https://tiles.example:SECRET/{z}/{x}/{y}", "no web address"),
    ("https://tiles.example;script-src/SECRET/{z}/{x}/{y}", "the name of a host"),
    ("https://tiles.example/SECRET'/{z}/{x}/{y}", "must be written as %XX"),
    ("https://*.example/SECRET/{z}/{x}/{y}", "the name of a host"),
    (" ".join(["https://tiles.example/SECRET/{z}/{x}/{y}"] * 5), "one to 4 addresses"),
])
def test_an_address_that_cannot_be_used_is_refused_with_the_cure_and_without_its_key(text, cure):
    with pytest.raises(SettingError, match="SHAPAN_BASE_TILES=…") as caught:
        load(NAMED | {"SHAPAN_BASE_TILES": text})
    assert cure in caught.value.what
    assert "SECRET" not in str(caught.value)


def test_a_map_that_names_nobody_is_refused():
    with pytest.raises(SettingError, match="needs SHAPAN_BASE_TILES_ATTRIBUTION"):
        load({"SHAPAN_BASE_TILES": IMAGE})


@pytest.mark.parametrize(("variable", "text"), [
    ("SHAPAN_BASE_TILES_DATUM", "bd09"), ("SHAPAN_BASE_TILES_MAXZOOM", "25"), ("SHAPAN_BASE_TILES_NAME", "x" * 121),
    ("SHAPAN_BASE_TILES_ATTRIBUTION", "one\nline"),
])
def test_what_is_said_beside_it_is_checked_as_well(variable, text):
    with pytest.raises(SettingError, match=f"{variable}=.*: write "):
        load({variable: text})


def test_nothing_of_an_origin_can_lengthen_a_policy():
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789-.:/")
    assert all(set(origin) <= letters for origin in base_tiles.read(IMAGE).origins)
