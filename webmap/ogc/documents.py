"""Documents of ``/ogc`` that pygeoapi does not say rightly, and what of its links we offer."""

from typing import Any

from tiles.declaration import words
from webmap.ogc.tilesets import TILING_SCHEME

FEATURES_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
FEATURES_2 = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf"
FEATURES_3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
TILES_1 = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf"
COMMON_1 = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf"
COMMON_2 = "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf"

CONFORMANCE = {"conformsTo": [
    f"{COMMON_1}/core", f"{COMMON_1}/landing-page", f"{COMMON_1}/json", f"{COMMON_1}/html", f"{COMMON_1}/oas30",
    f"{COMMON_2}/collections",
    f"{FEATURES_1}/core", f"{FEATURES_1}/geojson", f"{FEATURES_1}/html", f"{FEATURES_1}/oas30",
    f"{FEATURES_2}/crs",
    f"{FEATURES_3}/queryables", f"{FEATURES_3}/queryables-query-parameters", f"{FEATURES_3}/filter",
    f"{FEATURES_3}/features-filter",
    f"{CQL2}/cql2-text", f"{CQL2}/cql2-json", f"{CQL2}/basic-cql2", f"{CQL2}/advanced-comparison-operators",
    f"{CQL2}/basic-spatial-functions", f"{CQL2}/spatial-functions",
    f"{TILES_1}/core", f"{TILES_1}/tileset", f"{TILES_1}/tilesets-list", f"{TILES_1}/geodata-tilesets",
    f"{TILES_1}/mvt", f"{TILES_1}/oas30",
]}
"""What is offered. pygeoapi's own list names editing, which we do not have, and not the filters."""

SCHEMA = "https://json-schema.org/draft/2019-09/schema"
"""The dialect's own URI, which the standard compares letter by letter; pygeoapi writes it with http."""

CONFORMANCE_REL = "http://www.opengis.net/def/rel/ogc/1.0/conformance"
"""Relation by which OGC API – Common finds the conformance classes; Features has ``conformance``."""

MATRIX_SETS = words("瓦片矩阵集", "Tile matrix sets")

ABSENT = ("/processes", "/jobs")
"""Resources that pygeoapi's landing page links to and that we do not have."""


def offered(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of pygeoapi without links to JSON-LD, which we do not offer."""
    links = [link for link in document["links"] if link["type"] != "application/ld+json"]
    return {**document, "links": links}


def landing(document: dict[str, Any], base_url: str, language: str) -> dict[str, Any]:
    """Return pygeoapi's landing page with the links that lead somewhere.

    Args:
        document: the landing page.
        base_url: address of ``/ogc``.
        language: of the title of the link that is ours.
    """
    # Its hreflang is that of the first language, whatever language the page is in.
    links = [link for link in offered(document)["links"]
             if not link["href"].endswith(ABSENT) and link["rel"] not in (TILING_SCHEME + "s", "about")]
    scheme = {"rel": f"{TILING_SCHEME}s", "type": "application/json", "title": MATRIX_SETS[language],
              "href": f"{base_url}/tileMatrixSets"}
    plain = [{name: value for name, value in link.items() if name != "hreflang"} for link in links]
    classes = [{**link, "rel": CONFORMANCE_REL} for link in plain if link["rel"] == "conformance"]
    return {**document, "links": [*plain, *classes, scheme]}
