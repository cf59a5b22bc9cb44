"""Kinds of changes (变更类型) that streams, other platforms and webhooks are told, and the permission of each."""

from collections.abc import Iterable
from typing import NamedTuple

from spatial import outbox
from webmap.identity import Identity, NotAllowed


class Kind(NamedTuple):
    """How changes of one kind are told.

    Attributes:
        event: name of the server-sent event.
        permission: who lacks it never hears of them.
        everywhere: they belong to no jurisdiction.
    """

    event: str
    permission: str
    everywhere: bool = False


KINDS: dict[str, Kind] = {
    "alarm": Kind("alarm", "alarms.read"),
    "event": Kind("event", "events.read"),
    "device": Kind("device", "devices.read"),
    "keeper": Kind("keeper", "keepers.read"),
    "task": Kind("task", "tasks.read"),
    "kpi": Kind("kpi", "picture.read"),
    "warning": Kind("warning", "warnings.read"),
    outbox.TILES: Kind("tiles-changed", "picture.read", everywhere=True),
}
"""Every kind of change that is told. A change of another kind reaches nobody."""


def heard(identity: Identity, asked: Iterable[str] = ()) -> list[str]:
    """Return the kinds that an account asks for; where it names none, all it may hear of that are kept for days.

    Those of :data:`spatial.outbox.PASSING` are many and soon forgotten: whoever wants them names them.

    Raises:
        NotAllowed: it names one that it may not hear of.
    """
    kinds = sorted(set(asked))
    if not kinds:
        return sorted(kind for kind, known in KINDS.items()
                      if kind not in outbox.PASSING and identity.may(known.permission))
    if refused := [kind for kind in kinds if not identity.may(KINDS[kind].permission)]:
        raise NotAllowed(f"Account {identity.account} may not hear of {', '.join(refused)}.", "Ask an administrator.")
    return kinds
