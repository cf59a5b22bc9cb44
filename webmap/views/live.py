"""The live stream."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from spatial.errors import DatabaseError
from spatial.queries.link_sessions import Bearer
from webmap import identity, stream
from webmap.identity import Identity
from webmap.services import Services, services
from webmap.told import Audience

live = APIBlueprint("live", __name__, url_prefix="/api", tag="Live")

SEQ = re.compile(r"[0-9]{1,19}", re.ASCII)
"""A number of the feed. Another ``Last-Event-ID`` is not ours, and gets a snapshot."""


@live.get("/live")
@identity.needs("picture.read")
@live.doc(summary="Server-sent events: snapshot, then alarms, events and changed tiles",
          responses={200: "text/event-stream", 503: "Too many streams"})
def open_stream() -> Response:
    """Open one stream within the jurisdiction; ``Last-Event-ID`` replays what was missed."""
    parts = services()
    # X-Accel-Buffering tells nginx to pass each event on at once.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        # Nobody would read a stream to its end, nor close it.
        return Response(mimetype="text/event-stream", headers=headers)
    last_seen = request.headers.get("Last-Event-ID", "")
    who, bearer = identity.current(), parts.bearers.bearer(request.environ)
    client = parts.hub.join(Audience.of(who), who.account)
    body = stream.events(
        parts.database, parts.snapshots, parts.hub, client, int(last_seen) if SEQ.fullmatch(last_seen) else None,
        partial(_still, who, bearer, request.environ, parts))
    answer = Response(body, mimetype="text/event-stream", headers=headers)
    # A stream whose client is gone before its first byte never begins, and so never comes to its own end.
    answer.call_on_close(lambda: parts.hub.leave(client))
    return answer


def _still(who: Identity, bearer: Bearer | None, environ: Mapping[str, Any], parts: Services) -> bool:
    """Tell whether a request would still come from whom it came: a link may be revoked, a keeper get another grid.

    A wall that is told something else begins anew as well: its page then looks what it is now.
    """
    try:
        return (identity.of_environ(environ, parts.settings, parts.bearers.identity) == who
                and parts.bearers.bearer(environ) == bearer)
    except DatabaseError:
        return True  # nothing is told meanwhile either


@live.get("/live/snapshot")
@identity.needs("picture.read")
@live.doc(summary="What a stream begins with, alone: all that is live within the jurisdiction, and the number up to "
                  "which it holds every change")
def get_snapshot() -> Response:
    """Return a snapshot for a page that hears a stream which began earlier."""
    snapshot = services().snapshots.take(Audience.of(identity.current()))
    return Response(snapshot.data, mimetype="application/json")
