"""What a request to ``/ogc`` asks for: checked before pygeoapi sees it."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import g, request

from spatial.queries.features import CRS84, GEOMETRY
from tiles.declaration import words
from webmap.ogc import cql
from webmap.ogc.collections import Collection
from webmap.ogc.cql_geometry import finite
from webmap.ogc.faults import BadRequest
from webmap.page import host_url, language

PREFIX = "/ogc"

GEOJSON = "application/geo+json"
FORMATS = {"json": ("application/json", GEOJSON), "html": ("text/html",)}
"""Names of the parameter ``f`` and the media types that ask for the same."""

EVERYWHERE = frozenset({"f", "lang"})
"""Parameters that every resource takes."""

ITEM = EVERYWHERE | {"crs"}

ITEMS = EVERYWHERE | {
    "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-crs", "filter-lang", "limit", "offset", "properties",
    "resulttype", "skipGeometry", "sortby",
}

TITLES = {
    "self": words("GeoJSON", "GeoJSON"),
    "alternate": words("网页", "HTML"),
    "collection": words("要素集合", "Collection"),
    "prev": words("上一页", "Previous page"),
    "next": words("下一页", "Next page"),
}
"""Titles of links by relation."""

LANGUAGES = {"cql2-text": "cql2-text", "cql-text": "cql2-text", "cql2-json": "cql2-json", "cql-json": "cql2-json"}
"""Filter languages, and the name that pygeoapi gives them."""


def base_url() -> str:
    """Return the address of ``/ogc`` under the host name that the client used, without a slash at the end."""
    return host_url() + PREFIX


def wants_page() -> bool:
    """Tell whether a page is asked for, by ``f`` or by the header Accept; else it is JSON.

    Raises:
        BadRequest: a format that is not there.
    """
    if name := request.args.get("f"):
        if name not in FORMATS:
            raise BadRequest(f"There is no format {name[:20]!r}.", f"Formats: {', '.join(FORMATS)}.")
        return name == "html"
    offered = [media_type for types in FORMATS.values() for media_type in types]
    return request.accept_mimetypes.best_match(offered, GEOJSON) in FORMATS["html"]


def only(names: Iterable[str]) -> None:
    """Refuse parameters that a resource does not take, all at once.

    Raises:
        BadRequest: there are others, or one stands twice.
    """
    known = sorted(names)
    if unknown := sorted({name[:40] for name in request.args} - set(known)):
        raise BadRequest(f"Unknown parameters: {', '.join(unknown)}.", f"There are: {', '.join(known)}.")
    if twice := sorted(name for name, values in request.args.lists() if len(values) > 1):
        raise BadRequest(f"Parameters that stand twice: {', '.join(twice)}.", "Write each once.")


def items(collection: Collection) -> dict[str, str]:
    """Check the parameters of features and return those that pygeoapi reads.

    The filter is read here and put aside for the provider: see ``filter_in_force``.

    Raises:
        BadRequest: an unknown parameter, or a value that pygeoapi would stumble over.
    """
    only(ITEMS | set(collection.properties))
    found = request.args.to_dict()
    for name in found.keys() & {"limit", "offset"}:
        # Zeros before a number are part of how the standards write integers; pygeoapi stumbles over them.
        if found[name].isascii() and found[name].isdigit():
            found[name] = found[name].lstrip("0") or "0"
    if "sortby" in found:
        # "+" is a space in a query string that nobody encoded.
        found["sortby"] = ",".join(re.sub("^ ", "+", name) for name in found["sortby"].split(","))
        if not all(name.strip("+-") for name in found["sortby"].split(",")):
            raise BadRequest("A name in sortby is empty.", "Write sortby=name or sortby=-name.")
    if "bbox" in found:
        _check_numbers(found["bbox"])
    if found.get("resulttype", "results") not in ("results", "hits"):
        raise BadRequest("There is no such resulttype.", "Write results or hits.")
    if found.get("skipGeometry", "false") not in ("true", "false"):
        raise BadRequest("skipGeometry is neither true nor false.", "Write one of them.")
    _read_filter(found)
    return {name: value for name, value in found.items() if not name.startswith("filter")}


def item() -> dict[str, str]:
    """Return the parameters of one feature that pygeoapi reads."""
    only(ITEM)
    return request.args.to_dict()


def tile_format() -> None:
    """Refuse a tile in another format than the one that tiles have.

    Raises:
        BadRequest: ``f`` names another.
    """
    if request.args.get("f", "mvt") != "mvt":
        raise BadRequest("Tiles are vector tiles only.", "Leave f out, or write f=mvt.")


def _check_numbers(bbox: str) -> None:
    for text in bbox.split(","):
        try:
            finite(float(text))
        except ValueError:
            raise BadRequest("A value of bbox is not a number.", "Write west,south,east,north.") from None


def _read_filter(found: dict[str, str]) -> None:
    language_asked = found.get("filter-lang", "cql2-text")
    if language_asked not in LANGUAGES:
        raise BadRequest("There is no such filter language.", f"There are: {', '.join(LANGUAGES)}.")
    crs = found.get("filter-crs", CRS84)
    if crs not in GEOMETRY:
        raise BadRequest("Filters are not read in that coordinate system.", f"There are: {', '.join(GEOMETRY)}.")
    body = _body()
    if body and "filter" in found:
        raise BadRequest("There is a filter in the address and one in the body.", "Send one of them.")
    if body:
        g.ogc_filter = (cql.read(body, "cql2-json"), crs)
    elif "filter" in found:
        g.ogc_filter = (cql.read(found["filter"], LANGUAGES[language_asked]), crs)


def _body() -> str:
    """Return the filter that was sent as a body: with POST only; what comes with a GET is nobody's."""
    return request.get_data(as_text=True) if request.method == "POST" else ""


def filter_in_force() -> tuple[dict[str, Any] | bool, str] | None:
    """Return the request's filter as CQL2 JSON, and the coordinate system of its geometries; None without one."""
    return g.get("ogc_filter")


def links(offset: int, limit: int, more: bool) -> list[dict[str, str]]:
    """Return the links of a page of features: itself, as a page to read, its neighbours, the collection.

    Args:
        offset, limit: of the page.
        more: there are features behind it.
    """
    found = [*_own_links(), _link("collection", "application/json", request.base_url.rsplit("/", 1)[0])]
    if offset > 0:
        found.append(_link("prev", GEOJSON, address(offset=str(max(0, offset - limit)))))
    if more:
        found.append(_link("next", GEOJSON, address(offset=str(offset + limit))))
    return found


def item_links() -> list[dict[str, str]]:
    """Return the links of one feature: itself, as a page to read, its collection."""
    return [*_own_links(), _link("collection", "application/json", request.base_url.rsplit("/", 2)[0])]


def _own_links() -> list[dict[str, str]]:
    return [_link("self", GEOJSON, address(f="json")),
            _link("alternate", "text/html", address(f="html"))]


def _link(rel: str, media_type: str, href: str) -> dict[str, str]:
    return {"rel": rel, "type": media_type, "href": href, "title": TITLES[rel][language()]}


def address(**changed: str) -> str:
    """Return the request's own address with some parameters changed, such as ``f="json"``."""
    return f"{request.base_url}?{_query(**changed)}"


def page(path: str, **more: str) -> str:
    """Return the address of another page, in the language that this one was asked for.

    Args:
        path: behind ``/ogc``, e.g. ``/collections``.
        more: parameters of the address.
    """
    query = {**more, **({"lang": request.args["lang"]} if "lang" in request.args else {})}
    return base_url() + path + (f"?{urlencode(query)}" if query else "")


def _query(**changed: str) -> str:
    # A filter of a body goes into the address, or the next page would be that of another question.
    sent = _body()
    body = {"filter": sent, "filter-lang": "cql2-json"} if sent else {}
    return urlencode({**request.args.to_dict(), **body, **changed}, safe=",:/")
