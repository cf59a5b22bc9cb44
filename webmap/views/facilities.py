"""Facilities: how many of each class, and the card of one."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint

from spatial.queries import facilities as queries
from webmap import identity
from webmap.services import transaction

facilities = APIBlueprint("facilities", __name__, url_prefix="/api/facilities", tag="Facilities")


@facilities.get("/classes")
@identity.needs("picture.read")
@facilities.doc(summary="Classes of facilities, and how many are normal, damaged or missing")
def classes() -> dict[str, Any]:
    """Count the facilities of the jurisdiction by class and state."""
    with transaction() as connection:
        return {"classes": [asdict(each) for each in queries.classes(connection)]}


@facilities.get("/<code>")
@identity.needs("devices.read")
@facilities.doc(summary="One facility: class, state, who is responsible, the nearest building")
def card(code: str) -> dict[str, Any]:
    """Return what is known of one facility."""
    with transaction() as connection:
        return queries.card(connection, code)
