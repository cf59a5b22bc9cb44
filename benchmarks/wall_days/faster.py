"""A service whose days pass in minutes: a proxy that moves every instant in what it passes on.

An instant T of the server reads begin + speed · (T - begin) in the page; one before the beginning stays as it is. The
page takes its clock from the server, so that its clock, the age of everything and its midnights follow, while its own
timers (a tour's seconds, a heartbeat) stay as they are.
"""

import http.client
import re
import threading
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

INSTANT = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:\+00:00|Z)"')
"""An instant as a JSON string, UTC."""

HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "date",
                 "server"})
"""Heads that belong to one connection, or that this end says itself."""


class Clock:
    """Where an instant of the server is in days that pass faster.

    Args:
        begin: from when on, UTC. speed: seconds that pass in one.
    """

    def __init__(self, begin: datetime, speed: float) -> None:
        self.begin = begin
        self.speed = speed

    def moved(self, instant: datetime) -> datetime:
        """Return an instant in fast days."""
        return instant if instant <= self.begin else self.begin + self.speed * (instant - self.begin)

    def rewritten(self, body: bytes) -> bytes:
        """Return JSON, or a line of a stream, with all instants moved."""
        return INSTANT.sub(self._moved, body)

    def _moved(self, found: re.Match[bytes]) -> bytes:
        instant = datetime.fromisoformat(found[1].decode()).replace(tzinfo=UTC)
        return f'"{self.moved(instant).isoformat()}"'.encode()


class Faster:
    """The proxy, on a port of its own on loopback. Use as a context manager.

    Args:
        url: of the service.
        clock: how time passes.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(urlsplit(url).netloc, clock))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Faster":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


def _handler(service: str, clock: Clock) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def log_message(self, *_: object) -> None:
            pass

        def _pass_on(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            # With the host as the page knows it: the addresses in answers then lead here.
            asked = {name: value for name, value in self.headers.items()
                     if name.lower() not in ("connection", "accept-encoding")}
            far = http.client.HTTPConnection(service, timeout=60)
            # Who reads is gone, or the service is: either way this one answer is over.
            with suppress(OSError, http.client.HTTPException):
                far.request(self.command, self.path, body, {**asked, "Accept-Encoding": "identity"})
                answer = far.getresponse()
                if answer.headers.get_content_type() == "text/event-stream":
                    self._stream(answer)
                else:
                    self._whole(answer)
            far.close()

        def _head(self, answer: http.client.HTTPResponse, more: dict[str, str]) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()

        def _whole(self, answer: http.client.HTTPResponse) -> None:
            body = answer.read()
            if answer.headers.get_content_subtype().endswith("json"):
                body = clock.rewritten(body)
            length = {} if answer.status in (204, 304) else {"Content-Length": str(len(body))}
            self._head(answer, length)
            self.wfile.write(body)

        def _stream(self, answer: http.client.HTTPResponse) -> None:
            self._head(answer, {"Connection": "close"})
            self.close_connection = True
            for line in iter(answer.readline, b""):
                self.wfile.write(clock.rewritten(line))
                self.wfile.flush()

    return Handler
