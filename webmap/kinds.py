"""Kinds of changes (变更类型) that other platforms may hear of, and the permission that each needs."""

from collections.abc import Iterable

from spatial import outbox
from webmap.identity import Identity, NotAllowed

PERMISSIONS: dict[str, str] = {
    "alarm": "alarms.read",
    "event": "events.read",
    "device": "devices.read",
    "keeper": "keepers.read",
    "task": "tasks.read",
    "kpi": "picture.read",
    "warning": "warnings.read",
    outbox.TILES: "picture.read",
}
"""By kind."""


def heard(identity: Identity, asked: Iterable[str] = ()) -> list[str]:
    """Return the kinds that an account asks for; where it names none, all it may hear of that are kept for days.

    Changes of tiles and of keepers' places are many and soon forgotten: whoever wants them names them.

    Raises:
        NotAllowed: it names one that it may not hear of.
    """
    kinds = sorted(set(asked))
    if not kinds:
        return sorted(kind for kind, permission in PERMISSIONS.items()
                      if kind not in outbox.PASSING and identity.may(permission))
    if refused := [kind for kind in kinds if not identity.may(PERMISSIONS[kind])]:
        raise NotAllowed(f"Account {identity.account} may not hear of {', '.join(refused)}.", "Ask an administrator.")
    return kinds
