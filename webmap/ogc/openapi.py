"""The OpenAPI 3.0 document of ``/ogc``, whole in itself: pygeoapi's refers to schemas on another host."""

from typing import Any

from spatial.queries.features import GEOMETRY
from tiles.declaration import Words, words
from tiles.matrix import MAX_ZOOM
from webmap.guard import OTHER_JSON
from webmap.ogc.asked import EVERYWHERE, GEOJSON, ITEM, ITEMS, LANGUAGES
from webmap.ogc.collections import JSON_TYPES, Collection
from webmap.ogc.configuration import DESCRIPTION, ITEMS_BY_DEFAULT, MOST_ITEMS, TITLE
from webmap.ogc.cql_text import EXAMPLE
from webmap.ogc.tilesets import MATRIX_SET, MVT

Json = dict[str, Any]

TEXT = {"type": "string"}
OBJECT = {"type": "object"}
MATRICES = [str(z) for z in range(MAX_ZOOM + 1)]

EXCEPTION = {"type": "object", "required": ["code"], "properties": {"code": TEXT, "type": TEXT, "description": TEXT}}
PROBLEM = {"type": "object", "properties": {"title": TEXT, "status": {"type": "integer"}, "detail": TEXT}}
LINK = {"type": "object", "required": ["href", "rel"], "properties": {
    "href": TEXT, "rel": TEXT, "type": TEXT, "title": TEXT, "templated": {"type": "boolean"}}}
FEATURE = {"type": "object", "required": ["type", "geometry", "properties"], "properties": {
    "type": {"type": "string", "enum": ["Feature"]}, "id": {"type": "integer"},
    "geometry": {"type": "object", "nullable": True}, "properties": {"type": "object", "nullable": True},
    "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}}}}
FEATURES = {"type": "object", "required": ["type", "features"], "properties": {
    "type": {"type": "string", "enum": ["FeatureCollection"]},
    "features": {"type": "array", "items": {"$ref": "#/components/schemas/featureGeoJSON"}},
    "links": {"type": "array", "items": {"$ref": "#/components/schemas/link"}},
    "timeStamp": {"type": "string", "format": "date-time"},
    "numberMatched": {"type": "integer", "minimum": 0}, "numberReturned": {"type": "integer", "minimum": 0}}}


def _query(name: str, schema: Json, description: Words) -> Json:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema,
            "style": "form", "explode": False}


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


PARAMETERS: dict[str, Json] = {
    "f": _query("f", {"type": "string", "enum": ["json", "html"]}, words(
        "格式；不写则由请求头 Accept 决定。", "Format; without it the header Accept decides.")),
    "lang": _query("lang", {"type": "string", "enum": ["zh-CN", "en"]}, words(
        "标题与页面的语言。", "Language of titles and pages.")),
    "bbox": _query("bbox", {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}, words(
        "只取外接矩形与此范围相交的要素：西、南、东、北。",
        "Only features whose box reaches this one: west, south, east, north.")),
    "bbox-crs": _query("bbox-crs", {"type": "string", "enum": list(GEOMETRY)}, words(
        "bbox 的坐标系。", "Coordinate system of bbox.")),
    "crs": _query("crs", {"type": "string", "enum": list(GEOMETRY)}, words(
        "返回坐标的坐标系。", "Coordinate system of the answer.")),
    "datetime": _query("datetime", TEXT, words(
        "时刻、日期（按服务的时区）或区间 起/止，开放的一端写 ..。",
        "An instant, a day in the time zone of the service, or an interval FROM/TO with .. for an open end.")),
    "limit": _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": ITEMS_BY_DEFAULT},
                    words("每页要素数上限。", "Features of a page at most.")),
    "offset": _query("offset", {"type": "integer", "minimum": 0, "default": 0}, words(
        "本页之前略过的要素数。", "Features left out before the page.")),
    "filter": _query("filter", TEXT, words(
        f"CQL2 过滤条件：{EXAMPLE}。", f"CQL2: {EXAMPLE}.")),
    "filter-lang": _query("filter-lang", {"type": "string", "enum": list(LANGUAGES), "default": "cql2-text"}, words(
        "过滤条件的语言。", "Language of the filter.")),
    "filter-crs": _query("filter-crs", {"type": "string", "enum": list(GEOMETRY)}, words(
        "过滤条件中坐标的坐标系。", "Coordinate system in the filter.")),
    "skipGeometry": _query("skipGeometry", {"type": "boolean", "default": False}, words(
        "不返回几何。", "Leave geometries out.")),
    "resulttype": _query("resulttype", {"type": "string", "enum": ["results", "hits"]}, words(
        "hits：只返回数量。", "hits: the number alone.")),
}


def build(base_url: str, language: str, collections: dict[str, Collection]) -> Json:
    """Return the document.

    Args:
        base_url: address of ``/ogc`` as the client called it.
        language: ``zh-CN`` or ``en``.
        collections: those that the account may read; each has paths of its own.
    """
    return _spoken(_document(base_url, collections), language)


def _spoken(node: Any, language: str) -> Any:
    """Return a part of the document with each of its texts in one language."""
    if isinstance(node, dict):
        return node[language] if node.keys() == TITLE.keys() else {
            name: _spoken(inner, language) for name, inner in node.items()}
    return [_spoken(inner, language) for inner in node] if isinstance(node, list) else node


def _document(base_url: str, collections: dict[str, Collection]) -> Json:
    paths: Json = {
        "/": _get("landing", words("首页", "Landing page"), OBJECT),
        "/conformance": _get("conformance", words("符合的标准类", "Conformance classes"), OBJECT),
        "/openapi": _get("openapi", words("本文档", "This document"), OBJECT,
                         "application/vnd.oai.openapi+json;version=3.0"),
        "/collections": _get("collections", words("要素集合", "Collections"), OBJECT),
        "/tileMatrixSets": _get("getTileMatrixSetsList", words("瓦片矩阵集", "Tile matrix sets"), OBJECT),
        "/tileMatrixSets/{tileMatrixSetId}": _get(
            "getTileMatrixSet", words("瓦片矩阵集的定义", "Tile matrix set"), OBJECT, matrix_set=True),
    }
    for collection in collections.values():
        paths |= _paths(collection)
    return {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": "1.0"},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "parameters": PARAMETERS,
            "schemas": {"exception": EXCEPTION, "problem": PROBLEM, "link": LINK, "featureGeoJSON": FEATURE,
                        "featureCollectionGeoJSON": FEATURES},
            "responses": {
                "BadRequest": _response(words(
                    "参数无法读取或不适用。", "A parameter cannot be read or does not fit."), "exception"),
                "NotLoggedIn": _response(words("尚未登录。", "Not logged in."), "problem", "application/problem+json"),
                "NotAllowed": _response(words(
                    "没有权限，或请求来自其他网站。", "Not allowed, or a request of another site."), "problem",
                    "application/problem+json"),
                "NotFound": _response(words("没有这个资源。", "There is no such resource."), "exception"),
                "TooLarge": _response(words("请求体过大。", "The body is too large."), "problem",
                                      "application/problem+json"),
                "Unavailable": _response(words(
                    "服务过载，或数据库不可用。", "Overloaded, or the database is away."), "problem",
                    "application/problem+json"),
                "TooSlow": _response(words(
                    "数据库处理超时。", "The database took too long."), "problem", "application/problem+json"),
            },
        },
    }


def _paths(collection: Collection) -> Json:
    here = f"/collections/{collection.name}"
    name = collection.name
    tile = f"{here}/tiles/{{tileMatrixSetId}}"
    properties = ",".join(collection.properties)

    def of(zh: str, en: str) -> Words:
        return words(f"{collection.title['zh-CN']}：{zh}", f"{collection.title['en']}: {en}")

    fields = [_query(one.name, JSON_TYPES[one.kind], one.description) for one in collection.properties.values()]
    own = [
        _query("properties", {"type": "array", "minItems": 1,
                              "items": {"type": "string", "enum": list(collection.properties)}}, words(
            f"返回哪些字段：{properties}。", f"Properties that come along: {properties}.")),
        _query("sortby", {"type": "array", "minItems": 1, "items": TEXT}, words(
            "按字段排序；字段名前加 - 为降序。", "Names of properties; - before one for the largest first.")),
    ]
    items = _get(f"{name}.items", of("要素", "features"), _schema("featureCollectionGeoJSON"), GEOJSON, ITEMS)
    items["get"]["parameters"] += own + fields
    item = _get(f"{name}.item", of("单个要素", "one feature"), _schema("featureGeoJSON"), GEOJSON, ITEM)
    item["get"]["parameters"].append(_path("featureId", TEXT))
    # The endings are the standard's: by them clients find the operations (OGC 20-057, table 6).
    vector = f"{name}.collection.vector"
    tiles = _get(f"{vector}.getTile", of("单个矢量瓦片", "one vector tile"), {"type": "string", "format": "binary"},
                 MVT, names=frozenset(), matrix_set=True)
    tiles["get"]["parameters"].append(_query("f", {"type": "string", "enum": ["mvt"]}, words(
        "格式：只有矢量瓦片。", "Format: vector tiles only.")))
    # A matrix has an identifier, which only happens to be a number (OGC 20-057, requirement tc-tilematrix-definition).
    tiles["get"]["parameters"] += [_path("tileMatrix", {"type": "string", "enum": MATRICES}), *(
        _path(part, {"type": "integer", "minimum": 0, "maximum": 2**MAX_ZOOM - 1}) for part in ("tileRow", "tileCol"))]
    tiles["get"]["responses"]["204"] = {"description": words("此处没有内容。", "Nothing is there.")}
    search = {**items["get"], "operationId": f"{name}.search",
              "summary": of("按 CQL2 JSON 查询要素", "features by CQL2 JSON"),
              "responses": {**items["get"]["responses"], "413": {"$ref": "#/components/responses/TooLarge"}},
              "requestBody": {"required": True, "content": {
                  media_type: {"schema": OBJECT} for media_type in ("application/json", *sorted(OTHER_JSON))}}}
    return {
        here: _get(name, collection.title, OBJECT),
        f"{here}/schema": _get(f"{name}.schema", of("字段", "schema"), OBJECT, "application/schema+json"),
        f"{here}/queryables": _get(f"{name}.queryables", of("可查询的字段", "queryables"), OBJECT,
                                   "application/schema+json"),
        f"{here}/items": {**items, "post": search},
        f"{here}/items/{{featureId}}": item,
        f"{here}/tiles": _get(f"{vector}.getTileSetsList", of("瓦片集列表", "tilesets"), OBJECT),
        tile: _get(f"{vector}.getTileSet", of("瓦片集", "tileset"), OBJECT, matrix_set=True),
        f"{tile}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": tiles,
    }


def _get(operation: str, summary: Words, schema: Json, media_type: str = "application/json",
         names: frozenset[str] = EVERYWHERE, matrix_set: bool = False) -> Json:
    parameters: list[Json] = [{"$ref": f"#/components/parameters/{name}"} for name in PARAMETERS if name in names]
    if matrix_set:
        parameters.append(_path("tileMatrixSetId", {"type": "string", "enum": [MATRIX_SET]}))
    content: Json = {media_type: {"schema": schema}}
    if "f" in names:
        content["text/html"] = {"schema": TEXT}
    return {"get": {
        "operationId": operation, "summary": summary, "tags": [operation.split(".")[0]], "parameters": parameters,
        "responses": {
            "200": {"description": summary, "content": content},
            "400": {"$ref": "#/components/responses/BadRequest"},
            "401": {"$ref": "#/components/responses/NotLoggedIn"},
            "403": {"$ref": "#/components/responses/NotAllowed"},
            "404": {"$ref": "#/components/responses/NotFound"},
            "503": {"$ref": "#/components/responses/Unavailable"},
            "504": {"$ref": "#/components/responses/TooSlow"},
        },
    }}


def _schema(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _response(description: Words, schema: str, media_type: str = "application/json") -> Json:
    return {"description": description, "content": {media_type: {"schema": _schema(schema)}}}
