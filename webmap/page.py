"""What every page needs of its request and of the built front end: language, style, addresses."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import request

from spatial.errors import InstallationError
from webmap.services import services

DIST = Path(__file__).parent / "static" / "dist"
LANGUAGES = ("zh-CN", "en")
STYLES = ("night", "day")
"""Of the pages and the map in them; the first where nobody has chosen."""

STYLE_COOKIE = "shapan_style"
"""What was chosen last in this browser."""


@lru_cache(maxsize=1)
def _manifest(changed_ns: int) -> dict[str, Any]:
    return json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))


def asset(name: str) -> str:
    """Return the URL of a built file.

    Raises:
        InstallationError: the front end was not built.
    """
    return f"/static/dist/{_built(name)}"


def imported(name: str) -> list[str]:
    """Return the URLs of the scripts that a page's script imports, so that the browser asks for all of them at once.

    Raises:
        InstallationError: the front end was not built.
    """
    return [f"/static/dist/{file}" for file in _built("shared")[name]]


def _built(name: str) -> Any:
    """Return what the build has written under a name."""
    try:
        changed_ns = (DIST / "manifest.json").stat().st_mtime_ns
        return _manifest(changed_ns)[name]
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


def host_url() -> str:
    """Return scheme and host by which the request reached us, without a slash at the end."""
    return request.host_url.rstrip("/")
