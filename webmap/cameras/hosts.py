"""The hosts from which pages may play cameras: a list in the data directory, written by ``shapan cameras allow`` alone.

It is not the service that goes there but the browser of whoever watches, by the content security policy of its page.
Cameras stand on private networks, so that private addresses may be listed as they are; 127.0.0.1 is the machine of each
who watches.
"""

from collections.abc import Iterable
from pathlib import Path

import structlog

from spatial.errors import ShapanError
from webmap import origins
from webmap.origins import BadOrigin, Origin

log = structlog.get_logger()

FILE = "camera-hosts"


def parse(text: str, *, private: bool = False) -> Origin:
    """Return an origin as an administrator writes it: ``https://video.example:8443``, ``http://10.8.0.5``.

    Raises:
        BadOrigin: it is something else, or no content security policy can name it.
    """
    return _nameable(origins.parse_origin(text, private=private))


def _nameable(origin: Origin) -> Origin:
    # CSP Level 3, host-source: letters, digits, dashes and dots.
    if ":" in origin.host or "_" in origin.host:
        raise BadOrigin(f"{origin} cannot be named to browsers.",
                        "Give the host a name without underscores, and write that instead of its IPv6 address.")
    return origin


def load(home: Path) -> list[Origin]:
    """Return the list; empty where no administrator has written one.

    Raises:
        BadOrigin: somebody has written something else into it.
    """
    return [_nameable(origin) for origin in origins.load(home / FILE)]


def allowed(home: Path) -> list[Origin]:
    """Return the list as pages go by it: one that cannot be read allows nothing, and the page opens all the same."""
    try:
        return load(home)
    except (ShapanError, OSError, ValueError) as error:
        log.error("camera hosts cannot be read", file=str(home / FILE), fault=type(error).__name__)
        return []


def save(home: Path, listed: Iterable[Origin]) -> None:
    """Write the list, whole or not at all."""
    origins.save(home / FILE, listed)
