"""What a browser keeps of the survey page: always one build, whole, while a newer one comes and fails to come."""

import contextlib
import dataclasses
import http.server
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.browser

NEW = "feedfacebeef"
"""The version of the newer build; its files have it in their names."""

# Has the browser look for another build, and returns what it keeps when that has come to its end.
UPDATED = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration.update().catch(() => null);
    const busy = () => registration.installing || registration.waiting || registration.active.state !== 'activated';
    for (let tries = 0; busy(); tries += 1) {
        if (tries > 200) throw new Error('no end of installing');
        await new Promise(resolve => setTimeout(resolve, 50));
    }
    return (await caches.keys()).filter(name => name.startsWith('shapan-survey-'));
}"""

class Builds(http.server.ThreadingHTTPServer):
    """The service, which gets a newer build of the survey page when it is told, and loses the files of that.

    Attributes:
        newer: whether the newer build is in place. failing: whether its files are not there.
    """

    daemon_threads = True

    def __init__(self, service_url: str, version: str, script: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.service_url, self.version, self.script = service_url, version, script
        self.newer = self.failing = False
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def get(self, path: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
        if f"-{NEW}." in path and self.failing:
            return 503, "text/plain", b"gone"
        there = self.service_url + path.replace(f"survey-{NEW}.js", self.script)
        request = urllib.request.Request(there, None, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, kind, body = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            status, kind, body = error.code, error.headers["Content-Type"], error.read()
        if self.newer and path in ("/survey", "/survey-worker.js"):
            text = body.decode().replace(self.version, NEW).replace(self.script, f"survey-{NEW}.js")
            body = text.encode()
        return status, kind, body


class Handler(http.server.BaseHTTPRequestHandler):
    """Passes requests on."""

    protocol_version = "HTTP/1.1"
    server: Builds

    def do_GET(self) -> None:
        names = ("Accept", "Accept-Language", "Cookie")
        status, kind, body = self.server.get(
            self.path, {name: self.headers[name] for name in names if self.headers[name]})
        with contextlib.suppress(ConnectionError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def builds(service) -> Iterator[Builds]:
    with urllib.request.urlopen(f"{service.url}/survey", timeout=20) as answer:
        page = answer.read().decode()
    version = page.split('data-shell="')[1].split('"')[0]
    script = page.split('<script type="module" src="/static/dist/')[1].split('"')[0]
    with Builds(service.url, version, script) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_build_whose_files_do_not_come_leaves_the_one_before_whole_and_takes_its_place_once_they_do(
        sandbox_with, service, builds):
    sandbox = sandbox_with(webgl=False, viewport={"width": 390, "height": 844})
    sandbox.service = dataclasses.replace(service, url=builds.url)
    sandbox.allowed_errors = True  # of a network that is not there
    page = sandbox.page

    def opened() -> str:
        page.goto(f"{builds.url}/survey")
        page.locator('html[data-survey="ready"]').wait_for(state="attached")
        return page.locator("html").get_attribute("data-shell")

    assert opened() == builds.version
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    assert page.evaluate(UPDATED) == [f"shapan-survey-{builds.version}"]

    # With a network that brings the page of the new build and none of its files: the old one, not a white page.
    builds.newer = builds.failing = True
    assert opened() == builds.version
    assert page.evaluate(UPDATED) == [f"shapan-survey-{builds.version}"]
    page.context.set_offline(True)
    assert opened() == builds.version

    # The new one is there as a whole.
    page.context.set_offline(False)
    builds.failing = False
    assert opened() == NEW
    assert page.evaluate(UPDATED) == [f"shapan-survey-{NEW}"]
    page.context.set_offline(True)
    assert opened() == NEW
