"""Alarms as a whole: their types, floods, health."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIBlueprint, Schema

from spatial.errors import InvalidInput
from spatial.queries import alarms as queries
from spatial.queries.alarms import floods, health, listing
from spatial.rules import alarm_health as health_rules
from spatial.rules import floods as flood_rules
from webmap import identity
from webmap.fields import Instant
from webmap.services import transaction

alarm_overview = APIBlueprint("alarm_overview", __name__, url_prefix="/api/alarms", tag="Alarms")


class WindowQuery(Schema):
    """A half-open window of the server's time."""

    start = Instant(data_key="from", load_default=None, metadata={"description": "24 hours before `to` by default"})
    end = Instant(data_key="to", load_default=None, metadata={"description": "now by default"})


@alarm_overview.get("/types")
@identity.needs("alarms.read")
@alarm_overview.doc(summary="Types of alarm: names, advice, seconds to respond and to clear by themselves")
def types() -> dict[str, Any]:
    """List the types on record. A message may say another one, which has no name then."""
    with transaction() as connection:
        return {"types": [asdict(entry) for entry in listing.types(connection)]}


@alarm_overview.get("/flood")
@identity.needs("alarms.read")
@alarm_overview.doc(summary="Whether there is a flood now, and the groups that alarms form")
def flood() -> dict[str, Any]:
    """Tell whether ten or more new alarms came within ten minutes (ISA-18.2), and list groups of two or more."""
    with transaction() as connection:
        found = floods.now(connection)
    return {
        "flood": found.on, "new": found.new, "limit": flood_rules.FLOOD,
        "window_s": int(flood_rules.WINDOW.total_seconds()),
        "groups": [{
            "id": group.id, "first_out": queries.as_json(group.first_out), "count": group.count,
            "unacknowledged": group.unacknowledged, "worst": group.worst, "first_at": group.first_at.isoformat(),
            "last_at": group.last_at.isoformat(), "building_id": group.first_out.building_id,
            "building_name": group.first_out.building_name, "unit": group.first_out.unit,
        } for group in found.groups],
    }


@alarm_overview.get("/health")
@identity.needs("alarms.read")
@alarm_overview.input(WindowQuery, location="query", arg_name="query")
@alarm_overview.doc(summary="Figures of ISA-18.2 beside what it recommends")
def figures(query: dict[str, Any]) -> dict[str, Any]:
    """Count rates, floods, standing, stale and chattering alarms of a window of up to 31 days."""
    end = query["end"] or datetime.now(UTC)
    start = query["start"] or end - timedelta(hours=24)
    if not start < end <= start + listing.LONGEST:
        raise InvalidInput(f"The window from {start.isoformat()} to {end.isoformat()} is empty or longer than 31 days.",
                           [("from", "must lie before to, by 31 days at most")])
    with transaction() as connection:
        found = health.between(connection, start, end)
    return {
        "from": start.isoformat(), "to": end.isoformat(), "alarms": sum(found.counted.new),
        "windows": len(found.counted.new), "operators": found.counted.operators,
        "figures": [{**asdict(figure), "met": figure.met} for figure in health_rules.figures(found.counted)],
        "severities": found.counted.severities, "top": [asdict(bad) for bad in found.top],
    }
