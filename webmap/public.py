"""What stands behind a proxy with TLS (反向代理): every request is one to the service's public address.

Whether the way to a browser is encrypted decides what its session's cookie is called, and no head of a request can
tell it: whoever sends the request writes them. The administrator says it once (``SHAPAN_PUBLIC_URL``).
"""

from collections.abc import Callable, Iterable
from typing import Any

from spatial.rules import public_url
from spatial.settings import Settings
from webmap import guard

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class PublicAddress:
    """The outermost layer of the application where a proxy stands before it.

    Args:
        inner: what answers.
        settings: of the service, with a ``public_url``.
    """

    def __init__(self, inner: Callable[[Environ, StartResponse], Iterable[bytes]], settings: Settings) -> None:
        self._inner = inner
        self._settings = settings
        self._host = public_url.host_of(settings.public_url or "")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request as one that came by https, and to the public name where it came to a name of ours."""
        environ["wsgi.url_scheme"] = "https"
        # A proxy may name itself, or the address that it calls. Any other name stays, for the guard to refuse.
        if guard.answers_for(environ.get("HTTP_HOST") or self._host, self._settings):
            environ["HTTP_HOST"] = self._host
        return self._inner(environ, start_response)
