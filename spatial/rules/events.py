"""The life of an event (事件): open, dispatched, accepted, done, closed; or rejected, and dispatched to somebody else.

Where the states of GB/T 30428 and of 12345 lines are called 受理, 派遣, 处置, 核查 and 结案, ours are the same steps. A
matter is closed after somebody has looked (核查) at what was done; unhandled, only with a reason.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from spatial.errors import ShapanError
from spatial.rules.notes import says

STATES = ("open", "dispatched", "accepted", "rejected", "done", "closed")
"""待派遣, 已派遣, 已受理, 已退回, 已办结, 已结案."""

ORIGINS = ("patrol", "12345", "device", "resident")

CLASS_KINDS = ("city", "emergency", "people")
"""Kinds of classes: 城市管理, 突发, 社会事务."""

UNFINISHED = "state NOT IN ('done', 'closed')"
UNSETTLED = "told IS NULL AND state NOT IN ('done', 'closed') OR told <> state"
WAITING = "state = 'open' AND held IN ('no_grid', 'no_keeper', 'keeper_gone')"
"""As SQL: an index that holds nothing else is used by whoever asks in the same words. The last are events that go to a
keeper as soon as their grid has one."""

# As the database writes it, so that the comparison of models and schema finds it unchanged.
DUE_AT = """
CASE WHEN (state = 'accepted'::text) THEN deadline
     WHEN (state <> ALL (ARRAY['done'::text, 'closed'::text])) THEN LEAST(accept_by, deadline)
     ELSE NULL::timestamp with time zone END
"""

# As DUE_AT. Null until an event is finished, and of one that came in finished.
FINISHED_AT = """
CASE WHEN (state = ANY (ARRAY['done'::text, 'closed'::text])) THEN coalesce(done_at, closed_at)
     ELSE NULL::timestamp with time zone END
"""


class StepRefused(ShapanError):
    """The state of an event or a task does not allow a step."""


@dataclass(frozen=True)
class Last:
    """The last step that changed the state: what, by whom, when (the server's time)."""

    step: str
    account: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.step} by {self.account} at {self.at.isoformat(timespec='seconds')}"


AFTER = {
    ("open", "dispatch"): "dispatched",
    ("rejected", "dispatch"): "dispatched",
    ("dispatched", "accept"): "accepted",
    ("dispatched", "reject"): "rejected",
    ("accepted", "reject"): "rejected",
    ("dispatched", "reassign"): "dispatched",
    ("accepted", "reassign"): "dispatched",
    ("accepted", "finish"): "done",
    ("done", "return"): "dispatched",
    ("done", "close"): "closed",
    ("open", "close"): "closed",
    ("rejected", "close"): "closed",
}
"""Every allowed step that changes the state: (state, step) to the state after it."""

STEPS = ("dispatch", "accept", "reject", "reassign", "finish", "return", "close", "comment")
"""派遣, 受理, 退回, 改派, 办结, 返工, 结案, 批注."""

RECORDED = {"dispatch": "dispatched", "accept": "accepted", "reject": "rejected", "reassign": "reassigned",
            "finish": "done", "return": "returned", "close": "closed", "comment": "commented"}
"""The word under which a step is on record."""

FINAL = ("done", "closed")
"""States in which nothing is due."""

FUTURE = timedelta(minutes=5)
"""How far in the future a sender's time may lie before the server's is taken."""


def step(current: str, wanted: str, note: str | None = None, last: Last | None = None) -> str:
    """Return the state after a step.

    Args:
        current: one of :data:`STATES`.
        wanted: one of :data:`STEPS`.
        note: reason or remark; rejecting, returning, commenting, and closing what nobody handled need one.
        last: the step before, for the message.

    Raises:
        StepRefused: the state does not allow the step, or the reason is missing.
    """
    if wanted == "comment":
        after = current
    elif (current, wanted) in AFTER:
        after = AFTER[current, wanted]
    else:
        allowed = [name for name in STEPS if (current, name) in AFTER]
        since = f" ({last})" if last else ""
        raise StepRefused(f"An event that is {current}{since} cannot take the step {wanted}.",
                          f"Allowed now: {', '.join([*allowed, 'comment'])}.")
    if needs_note(current, wanted) and not says(note):
        raise StepRefused(f"The step {wanted} of an event that is {current} needs a reason.", "Send it as note.")
    return after


def needs_note(current: str, wanted: str) -> bool:
    """Tell whether a step needs a reason: somebody will ask why."""
    return wanted in ("reject", "return", "comment") or (wanted == "close" and current != "done")


def same_version(seen: int | None, version: int, last: Last | None) -> None:
    """Refuse a step that somebody decided on before another one was taken.

    Args:
        seen: the version that the caller saw; None for one who does not ask.
        version: the version now. last: the last step, for the message.

    Raises:
        StepRefused: they differ.
    """
    if seen is not None and seen != version:
        raise StepRefused(f"It has changed since version {seen}: {last or 'nobody knows how'}; now it is {version}.",
                          "Look at it again, then decide.")


def due_at(state: str, accept_by: datetime | None, deadline: datetime | None) -> datetime | None:
    """Return what is due next: accepting or finishing, whichever comes first; None when nothing is.

    The column ``event.due_at`` is worked out by the same rule.
    """
    if state in FINAL:
        return None
    if state == "accepted":
        return deadline
    return min((instant for instant in (accept_by, deadline) if instant is not None), default=None)


def overdue(due: datetime | None, now: datetime) -> bool:
    """Tell whether something is overdue. At the very instant it is due it still is in time."""
    return due is not None and due < now


def believed(said: datetime, now: datetime) -> datetime:
    """Return the sender's time, or the server's where the sender's lies more than five minutes in the future."""
    return said if said <= now + FUTURE else now
