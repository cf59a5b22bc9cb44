"""The pages of /ogc load nothing from another host, run no script, and show no markup of the data."""

import re
from html.parser import HTMLParser

import pytest

from spatial.types import Scope
from tests.fixtures.web import Web
from tests.webmap.ogc.client import DOCUMENTS, collections
from webmap import identity


class Page(HTMLParser):
    """Collects what a page loads and links to, and what its policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.refused: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("src", "href", "action", "srcset", "data", "poster", "xlink:href"):
                self.addresses.append(value or "")
            if name == "style" or name.startswith("on"):
                self.refused.append(f"{tag} {name}")
        if tag in ("script", "style", "iframe", "object", "embed", "base"):
            self.refused.append(tag)


def pages(town: Web) -> list[str]:
    """Return the address of every page, with every collection's features and one feature of each."""
    found = [path.format("buildings") for path in DOCUMENTS]
    for name in collections(town):
        found += [f"/collections/{name}/items", f"/collections/{name}/items/1"]
    return [*found, "/collections/none", "/collections/buildings/items?bbox=a"]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_page_names_another_host_or_has_a_script_of_its_own(town: Web, language: str) -> None:
    for path in pages(town):
        query = {"f": "html", "lang": language} if "?" not in path else None
        answer = town.client.get(f"/ogc{path}", query_string=query, headers={"Accept": "text/html"}) if query else (
            town.client.get(f"/ogc{path}", headers={"Accept": "text/html"}))
        assert answer.mimetype == "text/html", path
        assert "'self'" in answer.headers["Content-Security-Policy"]
        page = Page(answer.text)
        foreign = [one for one in page.addresses
                   if not one.startswith(("/", "#", "data:,", "http://localhost/ogc")) or one.startswith("//")]
        assert not foreign, path
        assert not page.refused, path
        assert "url(" not in answer.text


def test_the_style_is_served_by_us_and_names_no_other_host(town: Web) -> None:
    address = next(one for one in Page(town.client.get("/ogc?f=html").text).addresses if one.endswith(".css"))
    with town.client.get(address) as style:
        assert style.status_code == 200
        assert not re.findall(r"url\(\"?(?:https?:)?//", style.text)


def test_markup_in_the_data_is_text(town: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = "999001001003001"
    monkeypatch.setattr(identity, "DEMO", identity.Identity("other", ("operator",), Scope((grid,))))
    made = town.objects.building("X<script>", west=117.03, grid=grid, name='"><img src=x onerror=alert(1)>')
    try:
        for path in ("/collections/buildings/items", f"/collections/buildings/items/{made}"):
            page = Page((answer := town.client.get(f"/ogc{path}?f=html")).text)
            assert not page.refused
            assert "&lt;script&gt;" in answer.text
        echoed = town.client.get("/ogc/collections/buildings/items",
                                 query_string={"f": "html", "filter": "name = '\"><script>alert(1)</script>'"})
        assert not Page(echoed.text).refused
    finally:
        town.objects.connection.execute("DELETE FROM building WHERE id = %s", (made,))


@pytest.mark.parametrize(("path", "status", "zh", "en"), [
    ("/collections/none", 404, ("没有这个资源", "要素集合查找"), ("Not found", "among the collections")),
    ("/collections/buildings/items?bbox=a", 400, ("请求有误", "改正参数"), ("has a fault", "Mend the parameter")),
])
def test_a_fault_has_title_and_cure_in_the_language_of_its_page(
    town: Web, path: str, status: int, zh: tuple[str, str], en: tuple[str, str],
) -> None:
    for language, said, unsaid in (("zh-CN", zh, en), ("en", en, zh)):
        answer = town.client.get(f"/ogc{path}", headers={"Accept": "text/html", "Accept-Language": language})
        assert answer.status_code == status
        assert all(text in answer.text for text in said)
        assert not any(text in answer.text for text in unsaid)


@pytest.mark.parametrize(("language", "said"), [
    ("zh-CN", ('<html lang="zh-CN">', "没有找到", "检查地址", "返回沙盘", "There is nothing at /nowhere")),
    ("en", ('<html lang="en">', "Not Found", "Back to the sandbox", "There is nothing at /nowhere")),
])
def test_the_page_of_a_fault_outside_ogc_is_in_the_language_of_the_browser(
    town: Web, language: str, said: tuple[str, ...],
) -> None:
    answer = town.client.get("/nowhere", headers={"Accept": "text/html", "Accept-Language": language,
                                                  "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert [text for text in said if text not in answer.text] == []
    assert ("没有找到" in answer.text) == (language == "zh-CN")
