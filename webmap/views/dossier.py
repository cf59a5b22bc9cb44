"""The dossier of an alarm."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint

from spatial import cipher
from spatial.queries import dossier as queries
from spatial.queries import handovers
from webmap import identity
from webmap.services import services, transaction

dossier = APIBlueprint("dossier", __name__, url_prefix="/api/alarms", tag="Alarms")


@dossier.get("/<int:alarm_id>/dossier")
@identity.needs("alarms.read")
@dossier.doc(summary="Everything that whoever handles an alarm needs",
             responses={404: "No such alarm within the jurisdiction"})
def get(alarm_id: int) -> dict[str, Any]:
    """Return an alarm with its device, room, people (masked), neighbours, what is nearest, history and keeper.

    A part that is not there is null or empty, and ``reasons`` says why. ``handover`` is the newest one of the alarm,
    for those who may read handovers.
    """
    account, settings = identity.current(), services().settings
    may_see = account.may("residents.read")
    sees = queries.Sees(may_see, account.may("residents.count"), account.may("keepers.read"),
                        cipher.existing(settings.key_file) if may_see else None)
    with transaction() as connection:
        found = queries.get(connection, alarm_id, sees, datetime.now(UTC), settings.keeper_fresh_s)
        last = handovers.last_of_alarm(connection, alarm_id) if account.may("handover.read") else None
    told = ("id", "at", "account", "accepted_by", "accepted_at")
    return found | {"handover": last and {name: handovers.as_json(last)[name] for name in told}}
