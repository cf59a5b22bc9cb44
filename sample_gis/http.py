"""The simulator's line to the server by HTTP. It enters by the front door like any gateway."""

import json
import urllib.error
import urllib.request
from typing import Any

TIMEOUT_S = 10.0
PAGE = 5000
PATHS = {"alarms": "/api/alarms", "events": "/api/events", "positions": "/api/keepers/positions",
         "readings": "/api/devices/readings"}


class Refused(Exception):
    """The server answered that a request is wrong: sending it again cannot help.

    Args:
        status: HTTP status. detail: what the server said. body: the same as JSON, empty where it is none.
    """

    def __init__(self, status: int, detail: str, body: dict | None = None) -> None:
        super().__init__(f"HTTP {status}: {detail}")
        self.status = status
        self.detail = detail
        self.body = body or {}

    @property
    def lasting(self) -> bool:
        """True where no other request will fare better: the account or the address is wrong."""
        return self.status in (401, 403, 405)


class Away(Exception):
    """Who is called does not answer, or says that it cannot just now."""


class Server:
    """The HTTP interface at one address, with plain urllib and no proxy."""

    name = "server"

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def devices(self) -> list[dict]:
        """Return all devices on record, page by page."""
        found, after = [], ""
        while True:
            page = self.get(f"/api/devices?limit={PAGE}&after={urllib.request.quote(after)}")
            found += page["devices"]
            after = page.get("next") or ""
            if not after:
                return found

    def get(self, path: str) -> dict:
        """Return the answer to a question. Raises as `post`."""
        return self._call(path)

    def post(self, path: str, body: dict) -> dict:
        """Post JSON and return the answer.

        Raises:
            Away: no answer, 408, 429 or 5xx: the same request may succeed later.
            Refused: any other status from 400 on.
        """
        return self._call(path, json.dumps(body, ensure_ascii=False).encode())

    def send(self, kind: str, batch: list[dict]) -> dict:
        """Post a batch of one kind of ``PATHS``; return what the server says of it. Raises as `post`."""
        return self.post(PATHS[kind], {kind: batch})

    def _call(self, path: str, data: bytes | None = None) -> dict:
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json",
                                                                 "Accept": "application/json"})
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read(2_000_000).decode("utf-8", "replace")
            if error.code in (408, 429) or error.code >= 500:
                raise Away(f"HTTP {error.code}") from error
            body = _json(detail)
            raise Refused(error.code, str(body.get("detail") or detail)[:2000], body) from error
        except (OSError, ValueError) as error:
            raise Away(str(getattr(error, "reason", error))) from error


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
