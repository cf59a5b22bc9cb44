"""Briefs of alarms (警情简报): what a screen that everybody in the room sees may say of an alarm.

Down to the building and no further: no room, no storey, no device, nothing that people or gateways wrote. Only what
is listed here gets into one, so that another field of alarms stays out until somebody has thought about it.
"""

from collections.abc import Mapping
from typing import Any

AS_THEY_ARE = ("id", "severity", "state", "occurred_at", "received_at", "building_id", "grid_code", "grid_name",
               "area_code")
"""Fields of an alarm that its brief repeats."""

OTHER = "other"
"""The type of an alarm whose type is not on record: the word is the gateway's own, and may say anything."""

DECIMALS = 7
"""Of degrees: a centimetre."""


def brief(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """Return the brief of an alarm.

    Args:
        alarm: as ``as_json`` sends it, or as it stands in the change feed, where an earlier version of the program may
            have written it: what is not there is null.

    Returns:
        ``lon``, ``lat``: degrees, EPSG:4490: a point on the building's outline, and not where in it the device hangs;
        the alarm's own place where it is in no building. ``building_name``: its address where it has no name.
        ``type_name``: what the type is called on record. ``count``: how often it was raised.
    """
    said = alarm.get
    indoors = said("building_id") is not None
    point = ("building_lon", "building_lat") if indoors else ("lon", "lat")
    return {
        **{name: said(name) for name in AS_THEY_ARE},
        "type": said("type") if said("type_name") is not None else OTHER,
        "type_name": said("type_name"),
        "acknowledged": said("acknowledged_at") is not None,
        "shelved": said("shelved_until") is not None,
        **{name: None if said(of) is None else round(said(of), DECIMALS)
           for name, of in zip(("lon", "lat"), point, strict=True)},
        "building_name": (said("building_name") or said("address")) if indoors else None,
        "count": said("repeats", 0) + 1,
    }
