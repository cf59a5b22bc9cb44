"""Cameras: the address of a stream, for those who may watch."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint

from spatial.queries import devices as queries
from webmap import identity
from webmap.cameras import hosts, streams
from webmap.services import services, transaction

cameras = APIBlueprint("cameras", __name__, url_prefix="/api/devices", tag="Devices")


@cameras.get("/<code>/stream")
@identity.needs("cameras.watch")
@cameras.doc(summary="Whether a camera may be played in a page, with what, and from where")
def stream(code: str) -> dict[str, Any]:
    """Return the address of a camera's stream; where its host is not on the list, or no browser plays it, why not.

    An address that is not to be played is not told, and none with a user and a password ever.
    """
    with transaction() as connection:
        url = queries.stream_url(connection, code)
    return asdict(streams.judge(url, hosts.allowed(services().settings.home)))
