"""The pages themselves."""

import json
from functools import lru_cache
from pathlib import Path

from apiflask import APIBlueprint
from flask import Response, render_template, request

from spatial.errors import InstallationError
from webmap import identity
from webmap.services import services

pages = APIBlueprint("pages", __name__, enable_openapi=False)

DIST = Path(__file__).parent.parent / "static" / "dist"
LANGUAGES = ("zh-CN", "en")
STYLES = ("night", "day")
"""Of the pages and the map in them; the first where nobody has chosen."""

STYLE_COOKIE = "shapan_style"
"""What was chosen last in this browser."""


@lru_cache(maxsize=1)
def _manifest(changed_ns: int) -> dict[str, str]:
    return json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))


def asset(name: str) -> str:
    """Return the URL of a built file.

    Raises:
        InstallationError: the front end was not built.
    """
    try:
        changed_ns = (DIST / "manifest.json").stat().st_mtime_ns
        return f"/static/dist/{_manifest(changed_ns)[name]}"
    except (OSError, KeyError) as error:
        raise InstallationError(
            f"The front end is not built: {name} is missing.", "Run scripts/bootstrap."
        ) from error


def language() -> str:
    """Return the page's language: ``?lang=``, else the browser's choice, else the setting."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or services().settings.language


def style() -> str:
    """Return the page's style: ``?style=``, else what was chosen last in this browser, else night."""
    asked = (request.args.get("style"), request.cookies.get(STYLE_COOKIE))
    return next((name for name in asked if name in STYLES), STYLES[0])


@pages.get("/")
@identity.needs("picture.read")
def sandbox() -> Response:
    """Return the sandbox page."""
    settings = services().settings
    config = {
        "lang": language(),
        "style": style(),
        "timeZone": settings.time_zone,
        "urls": {
            "scene": "/api/scenes/sandbox",
            "live": "/api/live",
            "alarms": "/api/alarms",
            "building": "/api/buildings/{id}",
            "footprints": "/api/buildings/footprints",
            "events": "/api/events/points",
            "style": "/styles/{style}.json",
            **({"data": "/data"} if identity.current().may("imports.read") else {}),
        },
    }
    return Response(render_template("sandbox.html", config=config, asset=asset))


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
    return Response(render_template("data.html", config=config, asset=asset))
