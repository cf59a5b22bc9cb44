"""Kinds of changes (变更类型) that streams, other platforms and webhooks are told, and the permission of each."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from spatial import outbox
from spatial.queries import alarms
from webmap.identity import Identity, NotAllowed


class Kind(NamedTuple):
    """How changes of one kind are told.

    Attributes:
        event: name of the server-sent event.
        permission: who lacks it never hears of them.
        everywhere: they belong to no jurisdiction.
        unless: who holds this permission hears the whole of them instead; empty where these are the whole.
        said: makes what is told of a change's payload; None for the payload itself. It has all in the payload: a
            change is told to many, and asks the database nothing.
    """

    event: str
    permission: str
    everywhere: bool = False
    unless: str = ""
    said: Callable[[dict[str, Any]], dict[str, Any]] | None = None


KINDS: dict[str, Kind] = {
    "alarm": Kind("alarm", "alarms.read"),
    "event": Kind("event", "events.read"),
    "device": Kind("device", "devices.read"),
    "keeper": Kind("keeper", "keepers.read"),
    "task": Kind("task", "tasks.read"),
    "kpi": Kind("kpi", "picture.read"),
    "warning": Kind("warning", "warnings.read"),
    "plan": Kind("plan", "plans.read"),
    outbox.TILES: Kind("tiles-changed", "picture.read", everywhere=True),
}
"""Every kind of change that is told. A change of another kind reaches nobody."""

BRIEFS: dict[str, Kind] = {
    "alarm": Kind("brief", "alarms.brief", unless="alarms.read", said=alarms.brief),
}
"""What streams tell of a change to those who may not read the whole of it. Other platforms and webhooks get none."""

FORMS: dict[str, tuple[Kind, ...]] = {
    kind: (whole, BRIEFS[kind]) if kind in BRIEFS else (whole,) for kind, whole in KINDS.items()}
"""The forms in which streams tell each kind of change; nobody hears two of them."""


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
