"""The running service, as the commands ask it: over HTTP, as any client does."""

import gzip
import http.client
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import click

from spatial.errors import ShapanError
from spatial.settings import load

TIMEOUT_S = 30


class ServiceUnreachable(ShapanError):
    """No service answers at an address, or it refuses us."""


def url_option(command: Callable) -> Callable:
    """Add the option that says where the service is."""
    return click.option("--url", help="Address of the running service; that of the settings by default.")(command)


class Service:
    """One connection to a running service. Use as a context manager.

    Args:
        url: its address; None for the one of the settings.

    Raises:
        ServiceUnreachable: the address cannot be read.
    """

    def __init__(self, url: str | None = None) -> None:
        settings = load()
        self.url = (url or f"http://{settings.host}:{settings.port}").rstrip("/")
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
            raise ServiceUnreachable(f"{self.url} is not the address of a service.", "Write http://127.0.0.1:8700.")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, port, timeout=TIMEOUT_S)

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._connection.close()

    def get(self, path: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Return status, headers and body of an address of the service.

        Raises:
            ServiceUnreachable: nothing answers, or whoever asks is not known to it.
        """
        try:
            self._connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = self._connection.getresponse()
            body = answer.read()
            if answer.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ServiceUnreachable(f"No service answers at {self.url}: {error}.",
                                     "Start it with: shapan serve") from error
        if answer.status in (401, 403):
            raise ServiceUnreachable(f"The service at {self.url} does not know who asks.",
                                     "On this machine, start it as scripts/demo does.")
        return answer.status, answer.headers, body

    def json(self, path: str) -> Any:
        """Return the JSON at an address of the service.

        Raises:
            ServiceUnreachable: nothing answers, or not as asked.
        """
        status, _, body = self.get(path)
        if status != 200:
            raise ServiceUnreachable(f"{self.url}{path} answers {status}.", "Is it a service of this version?")
        return json.loads(body)
