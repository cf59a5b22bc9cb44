"""The answers of ``/ogc``: what pygeoapi's core says, as JSON or as a page of ours made of that JSON."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

import psycopg
from flask import Response, render_template, request
from pygeoapi import api as pygeoapi
from pygeoapi.api import itemtypes
from pygeoapi.api import tiles as tile_api

from spatial.errors import NotFound
from webmap import identity
from webmap.ogc import asked, configuration, core, documents, preview, tilesets
from webmap.ogc import openapi as openapi_document
from webmap.ogc.collections import Collection, readable
from webmap.ogc.faults import BadRequest
from webmap.page import asset, language
from webmap.services import transaction

View = Callable[..., Response]

OTHER = {"zh-CN": "en", "en": "zh-CN"}
"""The language that a page offers beside its own."""


def _answer(view: View) -> View:
    """Let a view's faults be answered as exceptions of the standard.

    What is no fault of the request (overload, a database that is away, a statement that took too long) is
    answered by ``webmap.problems``, as everywhere.
    """

    @wraps(view)
    def answered(*args: str) -> Response:
        try:
            response = view(*args)
        except BadRequest as fault:
            response = _exception(400, "InvalidParameterValue", str(fault))
        except NotFound as fault:
            response = _exception(404, "NotFound", str(fault))
        except RecursionError:
            response = _exception(400, "InvalidParameterValue", "The filter is nested too deeply. Write fewer levels.")
        except psycopg.DataError:
            response = _exception(400, "InvalidParameterValue", "A value is one that the database cannot compare with.")
        response.headers["Content-Language"] = language()
        response.headers["Vary"] = "Accept, Accept-Language"
        return response

    return answered


def _exception(status: int, code: str, description: str) -> Response:
    body = {"code": code, "type": code, "description": description}
    try:
        page = asked.wants_page()
    except BadRequest:
        page = False
    if page:
        return _page("error", {"status": status, **body}, status)
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")


def _page(template: str, document: dict[str, Any], status: int = 200, **more: Any) -> Response:
    text = render_template(f"ogc/{template}.html", doc=document, lang=language(), asset=asset,
                           home=asked.base_url(), json_address=asked.address(f="json"),
                           other_language=asked.address(lang=OTHER[language()]), to=asked.page, **more)
    return Response(text, status, mimetype="text/html")


def _document(template: str, document: dict[str, Any], media_type: str = "application/json", **more: Any) -> Response:
    if asked.wants_page():
        return _page(template, document, **more)
    return Response(json.dumps(document, ensure_ascii=False), mimetype=media_type)


def _collection(name: str) -> Collection:
    found = readable(identity.current())
    if name not in found:
        raise NotFound("There is no such collection.", f"Collections: {', '.join(found)}.")
    return found[name]


def _ask(function: Callable[..., Any], *args: str, params: dict[str, str] | None = None, format_: str = "json",
         collections: dict[str, Collection] | None = None, extents: dict[str, Any] | None = None,
         **named: str) -> core.Answer:
    """Ask pygeoapi for a document; its exceptions come back as ours, and a failure of its own as what it is."""
    if collections is None:
        collections = readable(identity.current())
    config = configuration.build(asked.base_url(), language(), collections, extents)
    answer = core.call(function, config, core.Request(params or {}, format_, language()), *args, **named)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise RuntimeError(f"pygeoapi answered {answer.status}")
    if answer.status == HTTPStatus.NOT_FOUND:
        raise NotFound(json.loads(answer.body)["description"])
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise BadRequest(json.loads(answer.body)["description"])
    return answer


@_answer
def landing() -> Response:
    """Return the landing page."""
    asked.only(asked.EVERYWHERE)
    document = json.loads(_ask(pygeoapi.landing_page).body)
    return _document("landing", documents.landing(document, asked.base_url(), language()))


@_answer
def conformance() -> Response:
    """Return the conformance classes."""
    asked.only(asked.EVERYWHERE)
    return _document("conformance", documents.CONFORMANCE)


@_answer
def openapi() -> Response:
    """Return the OpenAPI document of what the account may read."""
    asked.only(asked.EVERYWHERE)
    document = openapi_document.build(asked.base_url(), language(), readable(identity.current()))
    return _document("openapi", document, "application/vnd.oai.openapi+json;version=3.0")


@_answer
def collections() -> Response:
    """Return the collections that the account may read."""
    asked.only(asked.EVERYWHERE)
    found = readable(identity.current())
    document = json.loads(_ask(pygeoapi.describe_collections, extents=_extents(found)).body)
    document["collections"] = [documents.offered(one) for one in document["collections"]]
    return _document("collections", documents.offered(document))


@_answer
def collection(name: str) -> Response:
    """Return one collection."""
    asked.only(asked.EVERYWHERE)
    found = {name: _collection(name)}
    answer = _ask(pygeoapi.describe_collections, name, collections=found, extents=_extents(found))
    return _document("collection", documents.offered(json.loads(answer.body)))


def _extents(found: dict[str, Collection]) -> dict[str, Any]:
    with transaction() as connection:
        return configuration.extents(connection, found)


@_answer
def schema(name: str) -> Response:
    """Return the JSON Schema of a collection's features."""
    asked.only(asked.EVERYWHERE)
    _collection(name)
    document = {**json.loads(_ask(pygeoapi.get_collection_schema, name).body), "$schema": documents.SCHEMA}
    return _document("fields", document, "application/schema+json", name=name, kind="schema")


@_answer
def queryables(name: str) -> Response:
    """Return what filters may name."""
    asked.only(asked.EVERYWHERE)
    properties = _collection(name).properties
    document = json.loads(_ask(itemtypes.get_collection_queryables, name).body)
    document |= {"$schema": documents.SCHEMA, "additionalProperties": False}
    for property_name, found in properties.items():
        document["properties"][property_name]["description"] = found.description[language()]
    return _document("fields", document, "application/schema+json", name=name, kind="queryables")


@_answer
def items(name: str) -> Response:
    """Return a page of features."""
    found = _collection(name)
    page = asked.wants_page()
    answer = _ask(itemtypes.get_collection_items, name, params=asked.items(found), collections={name: found})
    if page:
        document = json.loads(answer.body)
        crs = answer.headers["Content-Crs"]
        return _page("items", document, name=name, title=found.title[language()], crs=crs,
                     picture=preview.picture(document["features"], crs))
    return _features(answer)


@_answer
def item(name: str, identifier: str) -> Response:
    """Return one feature."""
    found = _collection(name)
    page = asked.wants_page()
    answer = _ask(itemtypes.get_collection_item, name, identifier, params=asked.item(), collections={name: found})
    if page:
        document = json.loads(answer.body)
        crs = answer.headers["Content-Crs"]
        return _page("item", document, name=name, title=found.title[language()], crs=crs,
                     picture=preview.picture([document], crs))
    return _features(answer)


def _features(answer: core.Answer) -> Response:
    response = Response(answer.body, mimetype=asked.GEOJSON)
    response.headers["Content-Crs"] = answer.headers["Content-Crs"]
    return response


@_answer
def tilesets_of(name: str) -> Response:
    """Return the tilesets of a collection."""
    asked.only(asked.EVERYWHERE)
    found = _collection(name)
    document = documents.offered(json.loads(_ask(tile_api.get_collection_tiles, name).body))
    return _document("tilesets", document, name=name, title=found.title[language()])


@_answer
def tileset(name: str, matrix_set: str) -> Response:
    """Return the metadata of a tileset."""
    asked.only(asked.EVERYWHERE)
    _collection(name)
    tilesets.check(matrix_set)
    document = json.loads(_ask(tile_api.get_collection_tiles_metadata, name, matrix_set).body)
    return _document("tileset", document, name=name)


@_answer
def tile(name: str, matrix_set: str, matrix: str, row: str, column: str) -> Response:
    """Return one vector tile; 204 when nothing is there."""
    asked.only({"f"})
    asked.tile_format()
    found = _collection(name)
    answer = _ask(tile_api.get_collection_tiles_data, format_="mvt", collections={name: found}, dataset=name,
                  matrix_id=matrix_set, z_idx=matrix, y_idx=row, x_idx=column)
    if not answer.body:
        response = Response(status=204)
        del response.headers["Content-Type"]
    else:
        response = Response(answer.body, mimetype=tilesets.MVT)
        response.set_etag(hashlib.blake2b(answer.body, digest_size=12).hexdigest())
        response.make_conditional(request)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@_answer
def matrix_sets() -> Response:
    """Return the tile matrix sets."""
    asked.only(asked.EVERYWHERE)
    return _document("matrix_sets", tilesets.matrix_sets(asked.base_url(), language()))


@_answer
def matrix_set(name: str) -> Response:
    """Return the definition of a tile matrix set."""
    asked.only(asked.EVERYWHERE)
    tilesets.check(name)
    return _document("matrix_set", tilesets.matrix_set())
