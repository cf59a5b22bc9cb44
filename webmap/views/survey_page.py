"""The survey page and what a browser installs of it. All of it is the same for everybody and holds nothing personal.

Nobody has to be somebody to load it: the page opens an access link by itself, and one that is over must still be able
to say so and to keep what was not sent.
"""

import json
from hashlib import sha256

from apiflask import APIBlueprint
from flask import Response, render_template

from webmap import identity
from webmap.page import DIST, asset, imported, language
from webmap.services import services

survey_page = APIBlueprint("survey_page", __name__, enable_openapi=False)

FONT = "inter-latin-wght-normal.woff2"

PAGE, WORKER, MANIFEST = "/survey", "/survey-worker.js", "/survey.webmanifest"


@survey_page.get(PAGE)
@identity.public
def page() -> Response:
    """Return the survey page."""
    config = {"lang": language(), "timeZone": services().settings.time_zone,
              "urls": {"page": PAGE, "worker": WORKER, "manifest": MANIFEST}}
    return Response(render_template("survey.html", config=config, asset=asset, imported=imported))


@survey_page.get(WORKER)
@identity.public
def worker() -> Response:
    """Return the service worker, at an address above the page that it keeps, with the list of the page's files."""
    files = [asset(name) for name in ("survey.js", "survey.css", "survey-icon.svg", FONT)] + imported("survey.js")
    shell = {"version": sha256(json.dumps(files).encode()).hexdigest()[:12], "page": PAGE, "files": [*files, MANIFEST]}
    script = (DIST / asset("survey-worker.js").rsplit("/", 1)[1]).read_text(encoding="utf-8")
    return Response(f"self.SHELL = {json.dumps(shell)};\n{script}", mimetype="text/javascript")


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
