"""The catalogue of layers (图层目录): what is on record of each, how old it is, what its tiles hold."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint

from spatial.queries import imagery, model3d, terrain
from spatial.queries import layer_catalogue as queries
from spatial.queries.filed import Filed
from spatial.rules import layer_freshness
from tiles.declaration import Field, Layer, words
from tiles.layers import LAYERS
from webmap import identity
from webmap.services import services, transaction

layers = APIBlueprint("layers", __name__, url_prefix="/api/layers", tag="Tiles")

FILED = {"imagery": words("影像", "Imagery"), "terrain": words("地形", "Terrain"),
         "models": words("三维模型", "3D models")}


@layers.get("/catalogue")
@identity.needs("picture.read")
@layers.doc(summary="Every layer that the account may see: objects, last import, age of the newest data, fields")
def catalogue() -> dict[str, Any]:
    """List vector layers as they are declared, then imagery, terrain and 3D models on record.

    ``newest_at`` is the later of the last import and the newest message; ``freshness`` judges its age against
    ``expected_days``: ``fresh``, ``late``, ``lost``, or ``unknown``. A count that is not ``exact`` is an estimate, or,
    with ``at_least``, a lower bound. Of imports nothing but times and numbers of rows is told.
    """
    now, days = datetime.now(UTC), services().settings.layer_days
    with transaction() as connection:
        runs = queries.imports(connection)
        vector = [_vector(layer, runs, queries.count(connection, layer.table, layer.where),
                          queries.newest(connection, layer.name), days, now)
                  for layer in LAYERS if identity.current().may(layer.permission)]
        kinds: dict[str, Sequence[Filed]] = {"imagery": imagery.every(connection), "terrain": terrain.every(connection),
                                             "models": model3d.every(connection)}
    filed = [_filed(kind, one, days[kind], now) for kind, found in kinds.items() for one in found]
    return {"now": now.isoformat(), "counted_to": queries.COUNTED_TO, "layers": [*vector, *filed]}


def _vector(layer: Layer, runs: Mapping[str, queries.Import], count: queries.Count, live: datetime | None,
            days: Mapping[str, float], now: datetime) -> dict[str, Any]:
    run = runs.get(layer.name)
    newest = max(filter(None, (run and run.imported_at, live)), default=None)
    changed = max(filter(None, (run and run.changed_at, live)), default=None)
    last = run and {"at": run.imported_at.isoformat(), **{
        name: getattr(run, name) for name in ("inserted", "updated", "unchanged", "rejected")}}
    return {
        "name": layer.name, "kind": "vector", "title": layer.title, **asdict(count), "last_import": last,
        "newest_at": newest and newest.isoformat(), "changed_at": changed and changed.isoformat(),
        "expected_days": days[layer.name], "freshness": layer_freshness.judge(newest, days[layer.name], now),
        "minzoom": layer.minzoom, "maxzoom": layer.maxzoom, "fields": [_field(one) for one in layer.fields],
        "cells": layer.cells and {"title": layer.cells.title, "below": layer.minzoom,
                                  "fields": [_field(one) for one in layer.cells.fields]},
        "attribution": None,
    }


def _field(field: Field) -> dict[str, Any]:
    return {"name": field.name, "kind": field.kind, "minzoom": field.minzoom, "description": field.description}


def _filed(kind: str, one: Filed, days: float, now: datetime) -> dict[str, Any]:
    at = one.imported_at.isoformat()
    return {
        "name": one.name, "kind": kind, "title": FILED[kind], "count": 1, "exact": True, "at_least": False,
        "last_import": {"at": at, "inserted": 1, "updated": 0, "unchanged": 0, "rejected": 0},
        "newest_at": at, "changed_at": at, "expected_days": days,
        "freshness": layer_freshness.judge(one.imported_at, days, now), "minzoom": one.minzoom, "maxzoom": one.maxzoom,
        "fields": [], "cells": None, "attribution": one.attribution,
    }
