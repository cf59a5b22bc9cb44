"""Health, for machines: alive, and ready to serve."""

from math import isfinite
from typing import Any

from apiflask import APIBlueprint

from spatial import selftest
from webmap import identity
from webmap.services import services

health = APIBlueprint("health", __name__, url_prefix="/health", tag="Health")

@health.get("/live")
@identity.public
@health.doc(summary="The process answers")
def alive() -> dict[str, str]:
    """Answer without asking anything else."""
    return {"status": "alive"}


@health.get("/ready")
@identity.public
@health.doc(summary="The database keeps its promises", responses={503: "A vital promise is broken"})
def ready() -> tuple[dict[str, Any], int]:
    """Run the self-test and tell by name which promise is kept; details stay in the log and `db check`.

    Late sums by cell do not make the service unready: only tiles from afar are not vouched for.
    """
    checks = services().readiness.checks()
    # The feed brings alarms to pages, and says which tiles are old.
    versions = services().tiles.versions
    heard = versions.trusted
    is_ready = selftest.ready(checks) and heard
    body = {
        "status": "ready" if is_ready else "not ready",
        "streams": services().hub.open_streams,
        # Null where the listener has no connection, or a change waits for a number that no sequencer gives it.
        "feed": {"seq": versions.head, "heard_s": round(versions.age_s, 1) if isfinite(versions.age_s) else None},
        "checks": {**{check.name: "kept" if check.ok else "broken" for check in checks},
                   "change_feed": "kept" if heard else "broken", "cell_sums": "late" if versions.late else "kept"},
    }
    return body, 200 if is_ready else 503
