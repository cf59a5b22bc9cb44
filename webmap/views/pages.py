"""The pages themselves."""

from apiflask import APIBlueprint
from flask import Response, render_template

from webmap import identity
from webmap.page import asset, imported, language, style
from webmap.services import services

pages = APIBlueprint("pages", __name__, enable_openapi=False)

@pages.get("/")
@identity.needs("picture.read")
def sandbox() -> Response:
    """Return the sandbox page."""
    settings = services().settings
    config = {
        "lang": language(),
        "style": style(),
        "timeZone": settings.time_zone,
        "account": identity.current().account,
        "mayHandle": identity.current().may("alarms.handle"),
        "trackDays": settings.track_days,
        "urls": {
            "scene": "/api/scenes/sandbox",
            "live": "/api/live",
            "snapshot": "/api/live/snapshot",
            "streamWorker": asset("stream-worker.js"),
            "alarms": "/api/alarms",
            "warnings": "/api/warnings",
            "building": "/api/buildings/{id}",
            "footprints": "/api/buildings/footprints",
            "events": "/api/events/points",
            "style": "/styles/{style}.json",
            "grids": "/api/grids",
            "grid": "/api/grids/{code}",
            "gridScene": "/api/scenes/grids",
            "kpi": "/api/kpi",
            "rollup": "/api/rollup",
            **({"survey": "/api/tasks/survey"} if identity.current().may("tasks.read") else {}),
            **({"keepers": "/api/keepers", "track": "/api/keepers/{code}/track", "coverage": "/api/keepers/coverage"}
               if identity.current().may("keepers.read") else {}),
            **({"data": "/data"} if identity.current().may("imports.read") else {}),
        },
    }
    return Response(render_template("sandbox.html", config=config, asset=asset, imported=imported))


@pages.get("/data")
@identity.needs("imports.read")
def data() -> Response:
    """Return the page of import runs and uploads."""
    config = {
        "lang": language(),
        "style": style(),
        "timeZone": services().settings.time_zone,
        "maySend": identity.current().may("imports.send"),
        "urls": {
            "imports": "/api/imports",
            "import": "/api/imports/{id}",
            "cancel": "/api/imports/{id}/cancel",
            "rejects": "/api/imports/{id}/rejects.csv",
            "rejectFile": "/api/imports/{id}/reject-file",
            "resume": "/api/imports/{id}/resume",
            "concepts": "/api/imports/concepts",
            "sandbox": "/",
        },
    }
    return Response(render_template("data.html", config=config, asset=asset, imported=imported))
