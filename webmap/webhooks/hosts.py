"""The hosts that webhooks may go to: a list in the data directory, written by ``shapan webhooks allow`` alone.

A host stands there with the addresses that its name may lead to, which is asked again for each connection: a name whose
answers change (DNS rebinding) must not lead into the machine or its neighbours.
"""

from collections.abc import Iterable
from pathlib import Path

from webmap import origins
from webmap.origins import LONGEST_URL, BadOrigin, Origin, literal_address, parse_origin, parse_url

__all__ = ["LONGEST_URL", "BadOrigin", "Origin", "listed", "literal_address", "load", "parse_origin", "parse_url",
           "save"]

FILE = "webhook-hosts"


def load(home: Path) -> list[Origin]:
    """Return the list; empty where no administrator has written one."""
    return origins.load(home / FILE)


def save(home: Path, listed: Iterable[Origin]) -> None:
    """Write the list, whole or not at all."""
    origins.save(home / FILE, listed)


def listed(home: Path, origin: Origin) -> Origin:
    """Return an origin as it stands in the list.

    Raises:
        BadOrigin: it does not stand there.
    """
    found = next((one for one in load(home) if one.same(origin)), None)
    if found is None:
        raise BadOrigin(f"{origin} is not on the list of hosts that webhooks may go to.",
                        f"On this machine an administrator may run: shapan webhooks allow {origin}")
    return found
