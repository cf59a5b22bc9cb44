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
