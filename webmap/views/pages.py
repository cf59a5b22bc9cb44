"""The pages themselves."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from apiflask import APIBlueprint
from flask import Response, render_template, request

from spatial.settings import Settings
from webmap import identity
from webmap.cameras import hosts
from webmap.guard import policy
from webmap.page import STYLES, asset, host_url, imported, language, style
from webmap.services import services
from webmap.views.me import as_json

pages = APIBlueprint("pages", __name__, enable_openapi=False)

@pages.get("/")
@identity.needs("picture.read")
def sandbox() -> Response:
    """Return the sandbox page."""
    settings = services().settings
    watch = identity.current().may("cameras.watch")
    cameras = hosts.allowed(settings.home) if watch else []
    config = {
        "lang": language(),
        "style": style(),
        "timeZone": settings.time_zone,
        "shifts": [f"{one:%H:%M}" for one in settings.shifts],
        "account": identity.current().account,
        "me": as_json(identity.current()),
        "mayHandle": identity.current().may("alarms.handle"),
        "mayReveal": identity.current().may("residents.reveal"),
        "mayWatch": watch,
        "cameraHosts": [str(origin) for origin in cameras],
        "trackDays": settings.track_days,
        "baseTiles": _base_tiles(settings),
        "urls": {
            "scene": "/api/scenes/sandbox",
            "live": "/api/live",
            "snapshot": "/api/live/snapshot",
            "streamWorker": asset("stream-worker.js"),
            "alarms": "/api/alarms",
            "warnings": "/api/warnings",
            "building": "/api/buildings/{id}",
            "rooms": "/api/buildings/{id}/rooms",
            "room": "/api/rooms/{id}",
            "reveal": "/api/residents/{id}/reveal",
            "surveyPhoto": "/api/survey/photos/{id}",
            "footprints": "/api/buildings/footprints",
            "storeys": "/api/buildings/{id}/storeys",
            "buildingScene": "/api/scenes/building/{id}",
            "classes": "/api/buildings/classes",
            "events": "/api/events",
            "eventClasses": "/api/events/classes",
            "eventColumns": "/api/events/columns",
            "eventHexagons": "/api/events/hexagons",
            "tasks": "/api/tasks",
            "picture": "/api/picture",
            "pictureMarks": "/api/picture/marks",
            "search": "/api/search",
            "style": "/styles/{style}.json",
            "imagery": "/raster.json",
            "terrain": "/terrain.json",
            "models": "/models.json",
            "types": "/api/alarms/types",
            **({"handovers": "/api/handovers", "handover": "/handover"}
               if identity.current().may("handover.write") else {}),
            **({"devices": "/api/devices", "facilities": "/api/facilities"}
               if identity.current().may("devices.read") else {}),
            "grids": "/api/grids",
            "grid": "/api/grids/{code}",
            "gridScene": "/api/scenes/grids",
            "kpi": "/api/kpi",
            "rollup": "/api/rollup",
            **({"survey": "/api/tasks/survey"} if identity.current().may("tasks.read") else {}),
            **({"keepers": "/api/keepers", "track": "/api/keepers/{code}/track", "coverage": "/api/keepers/coverage"}
               if identity.current().may("keepers.read") else {}),
            "data": "/data",
        },
    }
    page = Response(render_template("sandbox.html", config=config, asset=asset, imported=imported))
    tiles = settings.base_tiles.origins if settings.base_tiles else ()
    page.headers["Content-Security-Policy"] = policy(cameras, tiles, compiles=True)
    return page


def _base_tiles(settings: Settings) -> dict[str, Any] | None:
    """Return the raster base map that an administrator has configured, as the page takes it; None without one."""
    if settings.base_tiles is None:
        return None
    return {
        "name": settings.base_tiles_name,
        "attribution": settings.base_tiles_attribution,
        "layers": settings.base_tiles.layers,
        "maxzoom": settings.base_tiles_maxzoom,
        "datum": settings.base_tiles_datum,
    }


@pages.get("/wall")
@identity.needs("picture.read")
def wall() -> Response:
    """Return the wall page: numbers, roll-up and a tour over the city, for a screen that nobody touches."""
    settings, who = services().settings, identity.current()
    bearer = services().bearers.bearer(request.environ)
    config = {
        "lang": language(),
        "style": STYLES[0],
        "timeZone": settings.time_zone,
        "account": who.account,
        "me": as_json(who),
        "mayEdit": who.may("tours.edit"),
        "display": bearer.display if bearer is not None else {},
        "build": _build(bearer.display if bearer is not None else {}),
        "urls": {
            "scene": "/api/scenes/sandbox",
            "style": "/styles/wall.json",
            "live": "/api/live",
            "snapshot": "/api/live/snapshot",
            "streamWorker": asset("stream-worker.js"),
            "footprints": "/api/buildings/footprints",
            "building": "/api/buildings/{id}",
            "grids": "/api/grids",
            "gridScene": "/api/scenes/grids",
            "kpi": "/api/kpi",
            "rollup": "/api/rollup",
            "tours": "/api/tours",
            "tour": "/api/tours/{id}",
            "search": "/api/search",
            "wall": "/wall",
        },
    }
    return Response(render_template("wall.html", config=config, asset=asset, imported=imported))


def _build(display: Mapping[str, Any]) -> str:
    """Return what tells one wall page from another: its program, and what the wall is told about itself."""
    told = sha256(json.dumps(display, sort_keys=True).encode()).hexdigest()[:12]
    return f"{asset('wall.js')}#{told}"


@pages.get("/data")
@identity.needs("picture.read")
def data() -> Response:
    """Return the data page; which of its sections the account may open follows from its addresses."""
    may = identity.current().may
    config = {
        "lang": language(),
        "style": style(),
        "timeZone": services().settings.time_zone,
        "me": as_json(identity.current()),
        "maySend": may("imports.send"),
        "mayAssign": may("tasks.handle"),
        "maySettle": may("survey.settle"),
        "origin": host_url(),
        "urls": {
            **({
                "imports": "/api/imports",
                "import": "/api/imports/{id}",
                "cancel": "/api/imports/{id}/cancel",
                "rejects": "/api/imports/{id}/rejects.csv",
                "rejectFile": "/api/imports/{id}/reject-file",
                "resume": "/api/imports/{id}/resume",
                "concepts": "/api/imports/concepts",
            } if may("imports.read") else {}),
            "rates": "/api/entry-rate/places",
            "legend": "/api/scenes/grids",
            "style": "/styles/{style}.json",
            **({"survey": "/api/tasks/survey", "surveyPlaces": "/api/tasks/survey/places"}
               if may("tasks.read") else {}),
            **({"conflicts": "/api/survey/conflicts", "conflictCount": "/api/survey/conflicts/count",
                "settleConflict": "/api/survey/conflicts/{id}/settle"} if may("rooms.read") else {}),
            **({"surveyPhoto": "/api/survey/photos/{id}"} if may("residents.reveal") else {}),
            **({"keepers": "/api/keepers"} if may("keepers.read") else {}),
            **({"assessment": "/api/assessment"} if may("assessment.read") else {}),
            "catalogue": "/api/layers/catalogue",
            **({"accessLinks": "/api/access-links", "accessLink": "/api/access-links/{id}",
                "linkChoices": "/api/access-links/choices"} if may("links.edit") else {}),
            **({"planner": "/planner"} if may("plans.read") else {}),
            "sandbox": "/",
        },
    }
    return Response(render_template("data.html", config=config, asset=asset, imported=imported))


@pages.get("/planner")
@identity.needs("plans.read")
def planner() -> Response:
    """Return the page on which plans of grids are drawn, approved and published."""
    who = identity.current()
    config = {
        "lang": language(),
        "style": style(),
        "timeZone": services().settings.time_zone,
        "account": who.account,
        "me": as_json(who),
        "mayEdit": who.may("plans.edit"),
        "urls": {
            "plans": "/api/plans",
            "plansOf": "/api/plans?community={code}",
            "plan": "/api/plans/{id}",
            "communities": "/api/plans/communities",
            "profiles": "/api/plans/profiles",
            "files": "/api/plans/files?community={code}",
            "style": "/styles/{style}.json",
            "live": "/api/live",
            "snapshot": "/api/live/snapshot",
            "streamWorker": asset("stream-worker.js"),
            "sandbox": "/",
        },
    }
    return Response(render_template("planner.html", config=config, asset=asset, imported=imported))


@pages.get("/handover")
@identity.needs("handover.read")
def handovers() -> Response:
    """Return the page of what changed since the last shift, and of what was frozen."""
    return _handover_page(None)


@pages.get("/handover/<int:handover_id>")
@identity.needs("handover.read")
def handover(handover_id: int) -> Response:
    """Return the page of one handover, made to be printed."""
    return _handover_page(handover_id)


def _handover_page(handover_id: int | None) -> Response:
    config = {
        "lang": language(),
        "style": style(),
        "timeZone": services().settings.time_zone,
        "shifts": [f"{one:%H:%M}" for one in services().settings.shifts],
        "account": identity.current().account,
        "mayAccept": identity.current().may("handover.write"),
        "id": handover_id,
        "urls": {
            "handovers": "/api/handovers",
            "handover": "/api/handovers/{id}",
            "picture": "/api/handovers/{id}/picture",
            "accept": "/api/handovers/{id}/accept",
            "shift": "/api/shift",
            "types": "/api/alarms/types",
            "page": "/handover",
            "sandbox": "/",
        },
    }
    return Response(render_template("handover.html", config=config, asset=asset, imported=imported))
