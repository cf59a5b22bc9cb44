"""What every request and answer must satisfy, before and after any view."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from apiflask import APIFlask
from flask import Response, current_app, request

from spatial.errors import ShapanError
from spatial.rules import public_url
from spatial.settings import Settings
from webmap.origins import Origin

View = TypeVar("View", bound=Callable[..., Any])

LOOPBACK_ADDRESSES = frozenset({"127.0.0.1", "localhost", "::1"})
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


def policy(cameras: Iterable[Origin] = (), tiles: Iterable[str] = (), compiles: bool = False) -> str:
    """Return the content security policy of a page.

    Args:
        cameras: origins from which it may play streams, each by its scheme, host and port.
        tiles: origins of the raster base map that the administrator has configured, as text.
        compiles: whether it may compile WebAssembly, as what unpacks 3D models does (decision 24). Not: eval.
    """
    origins = "".join(f" {origin}" for origin in cameras)
    pictures = "".join(f" {origin}" for origin in tiles)
    return "; ".join((
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'" if compiles else "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' data: blob:{pictures}",
        "font-src 'self'",
        f"connect-src 'self'{origins}{pictures}",
        # A player hands its video over as a blob; Safari asks the camera's host itself.
        *([f"media-src 'self' blob:{origins}"] if origins else []),
        # MapLibre and loaders.gl run their workers from our own files or from a blob of them.
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ))


CONTENT_SECURITY_POLICY = policy()

HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
"""What every answer says to browsers."""

MAX_BODY_BYTES = 2 * 2**20
"""Largest body of a request: a batch of 1,000 alarms without notes is about 200 kB."""

OTHER_JSON = frozenset({"application/query-cql-json"})
"""Media types of JSON that do not say so by their name: filters in CQL2. Browsers ask before they send any of them, as
they do for application/json."""

OWN_HEADER = "X-Shapan"
"""Header of a change with files. A page of another host cannot set it: its browser would ask us first,
and we never allow it."""


class ForeignRequest(ShapanError):
    """A request for another host, or sent by a page of another host."""


def answers_for(host: str, settings: Settings) -> bool:
    """Tell whether a request for a host (with its port) may be answered.

    Behind a proxy only for its public name and loopback's, by which a proxy on this machine calls; without one, bound
    to loopback, only for loopback's names.
    """
    if settings.public_url is not None:
        return is_loopback_name(host) or _name(host).lower() == _name(public_url.host_of(settings.public_url))
    return settings.host not in LOOPBACK_ADDRESSES or is_loopback_name(host)


def is_loopback_name(host: str) -> bool:
    """Tell whether a host (with its port) is a name of this machine that leads to loopback."""
    return _name(host) in LOOPBACK_NAMES


def _name(host: str) -> str:
    return host if host.endswith("]") else host.rsplit(":", 1)[0]


def _before() -> None:
    """Refuse names that are not ours and changes that another site's page sends.

    A page anywhere can make a browser on this machine call 127.0.0.1: the host name shows a
    rebound address, the fetch metadata and the content type show the foreign page.
    """
    settings = current_app.extensions["shapan"].settings
    if not answers_for(request.host, settings):
        raise ForeignRequest(f"This service does not answer for the host {_name(request.host)!r}.",
                             f"Use {settings.public_url or '127.0.0.1'}.")
    if request.method in ("GET", "HEAD", "OPTIONS") or request.routing_exception is not None:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForeignRequest("A page of another site sent this change.", "Open the sandbox itself.")
    if getattr(current_app.view_functions[request.endpoint], "takes_files", False):
        if request.mimetype != "multipart/form-data" or OWN_HEADER not in request.headers:
            raise ForeignRequest("Files must be sent as multipart/form-data by a page of ours.",
                                 f"Set the header {OWN_HEADER}: 1.")
        return
    also = getattr(current_app.view_functions[request.endpoint], "also_takes", frozenset())
    if not request.is_json and request.mimetype not in OTHER_JSON | also:
        raise ForeignRequest(f"A change must be sent as {' or '.join(['application/json', *sorted(also)])}.",
                             "Set the header Content-Type, where there is no body as well.")


def _after(response: Response) -> Response:
    for name, value in HEADERS:
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def takes_files(view: View) -> View:
    """Let a view take files as multipart/form-data instead of JSON."""
    view.takes_files = True
    return view


def also_takes(*media_types: str) -> Callable[[View], View]:
    """Let a view take other media types beside JSON, none of which a foreign page can send unasked.

    A browser asks before it sends any type but text/plain and those of forms (Fetch standard, CORS-safelisted).
    """

    def decorate(view: View) -> View:
        view.also_takes = frozenset(media_types)
        return view

    return decorate


def register(app: APIFlask) -> None:
    """Put the guard before and after every view of an application."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.before_request(_before)
    app.after_request(_after)
