"""Health, for machines: alive, and ready to serve."""

import time
from typing import Any

from apiflask import APIBlueprint

from spatial import selftest
from webmap import identity
from webmap.services import services

health = APIBlueprint("health", __name__, url_prefix="/health", tag="Health")

RECHECK_S = 5.0
"""How long an answer of the self-test stands: probes come often, and from several sides."""

_last: dict[str, Any] = {"at": 0.0, "checks": []}


@health.get("/live")
@health.doc(summary="The process answers")
@identity.public
def alive() -> dict[str, str]:
    """Answer without asking anything else."""
    return {"status": "alive"}


@health.get("/ready")
@health.doc(summary="The database keeps its promises", responses={503: "A vital promise is broken"})
@identity.public
def ready() -> tuple[dict[str, Any], int]:
    """Run the self-test and tell by name which promise is kept; details stay in the log and `db check`."""
    if time.monotonic() - _last["at"] > RECHECK_S:
        _last["checks"] = selftest.run(services().settings, thorough=False)
        _last["at"] = time.monotonic()
    checks = _last["checks"]
    is_ready = selftest.ready(checks)
    body = {
        "status": "ready" if is_ready else "not ready",
        "streams": services().hub.open_streams,
        "checks": {check.name: "kept" if check.ok else "broken" for check in checks},
    }
    return body, 200 if is_ready else 503
