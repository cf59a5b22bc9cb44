"""How the tests ask /ogc."""

from collections.abc import Iterator
from typing import Any

from werkzeug.test import TestResponse

from tests.fixtures.web import Web

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"

DOCUMENTS = ("", "/", "/conformance", "/openapi", "/collections", "/collections/{}", "/collections/{}/schema",
             "/collections/{}/queryables", "/collections/{}/items", "/collections/{}/tiles",
             "/collections/{}/tiles/WebMercatorQuad", "/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad")
"""Every resource that has a page; {} is a collection."""


def ask(town: Web, collection: str, **params: str) -> TestResponse:
    """Ask for features; a name like ``bbox_crs`` stands for ``bbox-crs``."""
    hyphened = {"bbox_crs": "bbox-crs", "filter_crs": "filter-crs", "filter_lang": "filter-lang"}
    query = {hyphened.get(name, name): value for name, value in params.items()}
    return town.client.get(f"/ogc/collections/{collection}/items", query_string=query)


def features(town: Web, collection: str, **params: str) -> dict[str, Any]:
    """Return the FeatureCollection that answers a query."""
    answer = ask(town, collection, **params)
    assert answer.status_code == 200, answer.text
    return answer.json


def codes(found: dict[str, Any]) -> list[str]:
    """Return the codes of features, in their order."""
    return [feature["properties"]["code"] for feature in found["features"]]


def link(document: dict[str, Any], rel: str) -> str | None:
    """Return the address of the first link of a relation; None without one."""
    return next((link["href"] for link in document["links"] if link["rel"] == rel), None)


def collections(town: Web) -> Iterator[str]:
    """Yield the id of every collection."""
    for collection in town.client.get("/ogc/collections").json["collections"]:
        yield collection["id"]
