"""pygeoapi's configuration, made for each request out of the declarations of our layers."""

from datetime import UTC, datetime
from typing import Any

import psycopg

from spatial.queries import features, picture
from spatial.queries.features import CRS84, EPSG_3857, EPSG_4326, EPSG_4490
from spatial.types import Box
from tiles.declaration import Words
from webmap.ogc.collections import Collection
from webmap.ogc.tilesets import MATRIX_SET, MVT

ITEMS_BY_DEFAULT = 100
MOST_ITEMS = 10_000
"""Features of a page; 10,000 buildings are about 6 MB."""

WORLD = Box(-180, -85.05, 180, 85.05)

TITLE: Words = {"zh-CN": "数字沙盘 · 开放图层", "en": "Shapan · open layers"}
DESCRIPTION: Words = {
    "zh-CN": "本辖区内的网格、楼栋、道路、设施与事件，按 OGC API 标准发布，供 QGIS、ArcGIS、GDAL 等软件读取。",
    "en": "Grids, buildings, roads, facilities and events within the jurisdiction, for QGIS, ArcGIS, GDAL and others, "
          "by the standards OGC API – Features and OGC API – Tiles.",
}


def build(base_url: str, language: str, collections: dict[str, Collection],
          extents: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return pygeoapi's configuration.

    Args:
        base_url: address of ``/ogc`` as the client called it.
        language: ``zh-CN`` or ``en``.
        collections: those that the account may read.
        extents: of each, from ``extents``; None where the answer shows none.
    """
    return {
        "server": {
            "url": base_url, "languages": ["zh-CN", "en"], "pretty_print": False, "encoding": "utf-8",
            "limits": {"default_items": ITEMS_BY_DEFAULT, "max_items": MOST_ITEMS, "on_exceed": "throttle"},
        },
        "logging": {"level": "CRITICAL"},
        "metadata": {"identification": {"title": TITLE[language], "description": DESCRIPTION[language],
                                        "url": base_url, "keywords": []}},
        "resources": {name: _resource(one, language, (extents or {}).get(name) or _extent(WORLD))
                      for name, one in collections.items()},
    }


def _resource(collection: Collection, language: str, extent: dict[str, Any]) -> dict[str, Any]:
    title = collection.title[language]
    return {
        "type": "collection",
        "title": title,
        "description": f"图层“{title}”的要素" if language == "zh-CN" else f"Features of the layer {title}",
        "keywords": [collection.name],
        "links": [],
        "extents": extent,
        "providers": [
            {"type": "feature", "name": "webmap.ogc.provider.FeatureProvider", "data": collection.name,
             "id_field": "id", "time_field": collection.times[0] if collection.times else None,
             "crs": [CRS84, EPSG_4326, EPSG_4490, EPSG_3857], "storage_crs": CRS84},
            {"type": "tile", "name": "webmap.ogc.provider.TileProvider", "data": collection.name,
             "format": {"name": "mvt", "mimetype": MVT}, "options": {"schemes": [MATRIX_SET]}},
        ],
    }


def _extent(box: Box) -> dict[str, Any]:
    return {"spatial": {"bbox": [round(value, 7) for value in box], "crs": CRS84}}


def extents(connection: psycopg.Connection, collections: dict[str, Collection]) -> dict[str, dict[str, Any]]:
    """Return where and when the features of collections lie, within the jurisdiction.

    Args:
        connection: inside a transaction with the jurisdiction set.
        collections: by name. Each has the box of the areas and of what reaches beyond it: that of the features
            alone would read each table whole.
    """
    box = picture.extent(connection)
    found = {}
    for name, one in collections.items():
        found[name] = _extent(features.around(connection, one.ever, box) or WORLD)
        if one.times:
            first, last = features.span(connection, one.source.tables.split()[0], one.times[0])
            if first is not None:
                # A validity without an end goes on.
                found[name]["temporal"] = {"begin": _rfc3339(first),
                                           "end": _rfc3339(last) if len(one.times) == 1 else None}
    return found


def _rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
