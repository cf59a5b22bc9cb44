"""The survey page and what a browser installs of it. All of it is the same for everybody and holds nothing personal.

Nobody has to be somebody to load it: the page opens an access link by itself, and one that is over must still be able
to say so and to keep what was not sent.
"""

import json
from hashlib import sha256
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, render_template

from spatial.queries import survey_photos
from webmap import identity
from webmap.page import DIST, asset, imported, language
from webmap.services import services

survey_page = APIBlueprint("survey_page", __name__, enable_openapi=False)

FONT = "inter-latin-wght-normal.woff2"

PAGE, WORKER, MANIFEST = "/survey", "/survey-worker.js", "/survey.webmanifest"

TEMPLATE = "survey.html"


def _shell() -> dict[str, Any]:
    """Return what a browser keeps of the page: its files, and a version that is another where anything of it is."""
    files = [asset(name) for name in ("survey.js", "survey.css", "survey-icon.svg", FONT)] + imported("survey.js")
    template, _, _ = current_app.jinja_env.loader.get_source(current_app.jinja_env, TEMPLATE)
    build = [files, asset("survey-worker.js"), template, _told()]
    return {"version": sha256(json.dumps(build).encode()).hexdigest()[:12], "page": PAGE, "files": [*files, MANIFEST]}


def _told() -> dict[str, Any]:
    return {"timeZone": services().settings.time_zone, "photosMost": survey_photos.PHOTOS_MOST,
            "urls": {"page": PAGE, "worker": WORKER, "manifest": MANIFEST}}


@survey_page.get(PAGE)
@identity.public
def page() -> Response:
    """Return the survey page."""
    return Response(render_template(TEMPLATE, config={"lang": language(), **_told()}, build=_shell()["version"],
                                    asset=asset, imported=imported))


@survey_page.get(WORKER)
@identity.public
def worker() -> Response:
    """Return the service worker, at an address above the page that it keeps, with the list of the page's files."""
    script = (DIST / asset("survey-worker.js").rsplit("/", 1)[1]).read_text(encoding="utf-8")
    return Response(f"self.SHELL = {json.dumps(_shell())};\n{script}", mimetype="text/javascript")


@survey_page.get(MANIFEST)
@identity.public
def manifest() -> Response:
    """Return what a browser needs to install the page as an application (W3C Web Application Manifest)."""
    chinese = language() == "zh-CN"
    told = {
        "name": "数字沙盘 · 入户采集" if chinese else "Shapan survey",
        "short_name": "入户采集" if chinese else "Survey",
        "lang": language(), "start_url": PAGE, "scope": PAGE, "id": PAGE, "display": "standalone",
        "background_color": "#ffffff", "theme_color": "#ffffff",
        "icons": [{"src": asset("survey-icon.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any"}],
    }
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")
