"""The live stream."""

from apiflask import APIBlueprint
from flask import Response, request

from webmap import identity, stream
from webmap.services import services
from webmap.told import Audience

live = APIBlueprint("live", __name__, url_prefix="/api", tag="Live")


@live.get("/live")
@identity.needs("picture.read")
@live.doc(summary="Server-sent events: snapshot, then alarms, events and changed tiles",
          responses={200: "text/event-stream", 503: "Too many streams"})
def open_stream() -> Response:
    """Open one stream within the jurisdiction; ``Last-Event-ID`` replays what was missed."""
    parts = services()
    last_seen = request.headers.get("Last-Event-ID", "")
    client = parts.hub.join(Audience.of(identity.current()))
    body = stream.events(
        parts.database, parts.snapshots, parts.hub, client,
        int(last_seen) if last_seen.isascii() and last_seen.isdigit() else None,
    )
    # X-Accel-Buffering tells nginx to pass each event on at once.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(body, mimetype="text/event-stream", headers=headers)


@live.get("/live/snapshot")
@identity.needs("picture.read")
@live.doc(summary="What a stream begins with, alone: all that is live within the jurisdiction, and the number up to "
                  "which it holds every change")
def get_snapshot() -> Response:
    """Return a snapshot for a page that hears a stream which began earlier."""
    snapshot = services().snapshots.take(Audience.of(identity.current()))
    return Response(snapshot.data, mimetype="application/json")
