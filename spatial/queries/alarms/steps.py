"""What people and jobs do with alarms: one step for many at once, with an outcome for each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from spatial.errors import NotFound, ShapanError
from spatial.queries.alarms.record import Alarm, StepRow, some, tell, write_steps
from spatial.rules import alarms as rules

SYSTEM = "system"
"""Account of steps that no person took."""


@dataclass(frozen=True)
class Wanted:
    """A step that somebody wants to take.

    Attributes:
        step: a key of ``rules.STEPS``.
        note: text of a comment, reason of a shelving, or what else is to be said.
        until: end of a shelving. assignee: account of an assignment; None gives the alarm back.
        expected: state in which whoever wants it saw the alarms; None for any.
        because: why a job takes it.
    """

    step: str
    note: str | None = None
    until: datetime | None = None
    assignee: str | None = None
    expected: str | None = None
    because: str | None = None

    @property
    def detail(self) -> dict[str, Any]:
        """What is written down besides the word."""
        said: dict[str, Any] = {"because": self.because} if self.because else {}
        if self.step == "shelve" and self.until is not None:
            said["until"] = self.until.isoformat()
        if self.step == "assign":
            said["assignee"] = self.assignee
        return said


@dataclass(frozen=True)
class StepOutcome:
    """What became of one alarm: the alarm after the step, or why it was refused."""

    alarm_id: int
    alarm: Alarm | None = None
    refusal: ShapanError | None = field(default=None, compare=False)


# Locks device and type of some alarms in the order of intake, without writing. Parameters: ids.
LOCK_MARKS = """
INSERT INTO alarm_mark (device_id, type)
SELECT DISTINCT device_id, type COLLATE "C" FROM alarm WHERE id = ANY(%s) AND device_id IS NOT NULL ORDER BY 1, 2
ON CONFLICT (device_id, type) DO UPDATE SET told_at = alarm_mark.told_at WHERE false
"""

LOCK = """
SELECT id, active, acknowledged_at, closed_at, shelved_until IS NOT NULL, area_code, grid_code
FROM alarm WHERE id = ANY(%s) ORDER BY id FOR UPDATE
"""

CHANGES = {
    "acknowledge": "UPDATE alarm SET acknowledged_at = now() WHERE id = ANY(%(ids)s)",
    "assign": "UPDATE alarm SET assignee = %(assignee)s WHERE id = ANY(%(ids)s)",
    "shelve": "UPDATE alarm SET shelved_until = %(until)s WHERE id = ANY(%(ids)s)",
    "unshelve": "UPDATE alarm SET shelved_until = NULL WHERE id = ANY(%(ids)s)",
    "clear": "UPDATE alarm SET active = false, cleared_at = now(), clears_at = NULL WHERE id = ANY(%(ids)s)",
    "close": "UPDATE alarm SET closed_at = now(), shelved_until = NULL WHERE id = ANY(%(ids)s)",
}
"""What a step changes in its alarms; a comment changes nothing."""

# Whoever clears an alarm ends what was raised so far, by the device's clock: a raise of before does not reopen it.
MARK_CLEARED = """
UPDATE alarm_mark SET ended_alarm_id = alarm.id,
       cleared_to = greatest(alarm_mark.cleared_to, alarm.last_occurred_at),
       ended_to = greatest(alarm_mark.cleared_to, alarm.last_occurred_at)
FROM alarm
WHERE alarm.id = ANY(%s) AND alarm_mark.device_id = alarm.device_id AND alarm_mark.type = alarm.type
"""

# Rows: those active alarms that say that their device is lost, while it is. Parameters: ids.
STANDING = """
SELECT alarm.id FROM alarm
JOIN device_state AS state ON state.device_id = alarm.device_id AND state.freshness = 'lost'
JOIN device ON device.id = alarm.device_id
WHERE alarm.id = ANY(%s) AND alarm.active AND EXISTS (
    SELECT FROM alarm_rule AS rule
    WHERE rule.enabled AND rule.comparison = 'lost' AND rule.type = alarm.type
      AND (rule.device_code = device.code OR rule.device_kind = state.kind)
      AND starts_with(state.grid_code, rule.within))
"""

# Rows: the newest step of each alarm. Parameters: ids.
LAST = """
SELECT given.id, last.step, last.account, last.at FROM unnest(%s::bigint[]) AS given (id), LATERAL (
    SELECT step, account, at FROM alarm_step WHERE alarm_id = given.id ORDER BY at DESC, id DESC LIMIT 1) AS last
"""


def take_steps(
    connection: psycopg.Connection, ids: Sequence[int], wanted: Wanted, account: str,
) -> list[StepOutcome]:
    """Take one step with many alarms, and tell the change feed.

    Each alarm is locked first: of two people at once the second one finds what the first one did.

    Args:
        connection: inside the caller's transaction.
        ids: the alarms.
        wanted: the step.
        account: who takes it.

    Returns:
        The outcome of each alarm, in the order given, each once. A refusal is ``NotFound`` or ``rules.StepRefused``.
    """
    given = list(dict.fromkeys(ids))
    if wanted.step == "clear":
        connection.execute(LOCK_MARKS, (given,))
    found = {row[0]: row[1:] for row in connection.execute(LOCK, (given,))}
    standing = _standing(connection, given) if wanted.step == "clear" else set()
    refused: dict[int, ShapanError] = {}
    taken: list[StepRow] = []
    detail = json.dumps(wanted.detail, ensure_ascii=False)
    for id_, (active, acknowledged_at, closed_at, shelved, area_code, grid_code) in found.items():
        state = rules.state(active, acknowledged_at, closed_at)
        try:
            rules.step(state, wanted.step, shelved, wanted.expected)
            if id_ in standing:
                raise rules.StepRefused(
                    "The device is lost, and the alarm that says so stands until it is heard of.",
                    "Shelve the alarm while the device is mended. Its next word clears the alarm.")
        except rules.StepRefused as refusal:
            refused[id_] = refusal
        else:
            taken.append(StepRow(id_, rules.STEPS[wanted.step], account, wanted.note, detail, area_code, grid_code))
    done = [row.alarm_id for row in taken]
    if done:
        if wanted.step in CHANGES:
            connection.execute(CHANGES[wanted.step], {
                "ids": done, "assignee": wanted.assignee, "until": wanted.until})
        if wanted.step == "clear":
            connection.execute(MARK_CLEARED, (done,))
        write_steps(connection, taken)
    alarms = {alarm.id: alarm for alarm in some(connection, done)} if done else {}
    tell(connection, list(alarms.values()))
    refused |= _named(connection, refused)
    return [StepOutcome(id_, alarms.get(id_), None if id_ in alarms else refused.get(id_) or _absent(id_))
            for id_ in given]


def _standing(connection: psycopg.Connection, ids: Sequence[int]) -> set[int]:
    return {row[0] for row in connection.execute(STANDING, (list(ids),))}


def _named(connection: psycopg.Connection, refused: dict[int, ShapanError]) -> dict[int, ShapanError]:
    """Return refusals that name who did what last: mostly it is a colleague who was quicker."""
    if not refused:
        return {}
    return {id_: rules.StepRefused(refused[id_].what, f"Last, {account} {step} it at {at.isoformat()}. "
                                                      f"{refused[id_].cure}")
            for id_, step, account, at in connection.execute(LAST, (list(refused),))}


def _absent(alarm_id: int) -> NotFound:
    return NotFound(f"There is no alarm {alarm_id}.", "It may have been deleted, or lie outside your area.")


def take_step(connection: psycopg.Connection, alarm_id: int, wanted: Wanted, account: str) -> Alarm:
    """Take one step with one alarm, and return the alarm after it.

    Raises:
        NotFound: no such alarm within the jurisdiction.
        StepRefused: its state does not allow the step, or is not the expected one.
    """
    (outcome,) = take_steps(connection, [alarm_id], wanted, account)
    if outcome.alarm is None:
        raise outcome.refusal
    return outcome.alarm


OF_GROUP = """
SELECT id FROM alarm WHERE group_id = %s AND closed_at IS NULL AND acknowledged_at IS NULL ORDER BY id LIMIT %s
"""


def acknowledge_group(
    connection: psycopg.Connection, group_id: int, wanted: Wanted, account: str, most: int,
) -> list[StepOutcome]:
    """Acknowledge the alarms of a group that nobody has acknowledged, so many at most."""
    ids = [row[0] for row in connection.execute(OF_GROUP, (group_id, most))]
    return take_steps(connection, ids, wanted, account)


SHELVED = "SELECT id FROM alarm WHERE shelved_until <= now() ORDER BY shelved_until LIMIT %s"


STILL_SHELVED = "SELECT id FROM alarm WHERE id = ANY(%s) AND shelved_until <= now()"


def return_shelved(connection: psycopg.Connection, most: int) -> int:
    """Bring back alarms whose time on the shelf is over.

    Returns:
        How many were looked at; fewer than ``most`` when no other one is due.
    """
    ids = [row[0] for row in connection.execute(SHELVED, (most,))]
    if ids:
        # Somebody may have put one aside for longer meanwhile.
        connection.execute(LOCK, (ids,))
        due = [row[0] for row in connection.execute(STILL_SHELVED, (ids,))]
        take_steps(connection, due, Wanted("unshelve", because="time"), SYSTEM)
    return len(ids)


QUIET = "SELECT id FROM alarm WHERE clears_at <= now() ORDER BY clears_at LIMIT %s"

# Puts off those that were raised again meanwhile, and those whose type clears by itself no more. Parameters: ids.
PUT_OFF = """
UPDATE alarm SET clears_at = (SELECT alarm.last_received_at + auto_clear_s * interval '1 s' FROM alarm_type
                              WHERE alarm_type.type = alarm.type)
WHERE id = ANY(%s)
"""

# Looks again after the same time. Parameters: ids.
STANDS = """
UPDATE alarm SET clears_at = now() + auto_clear_s * interval '1 s' FROM alarm_type
WHERE alarm.id = ANY(%s) AND alarm_type.type = alarm.type
"""

STILL = "SELECT id FROM alarm WHERE id = ANY(%s) AND clears_at <= now() AND active"


def clear_quiet(connection: psycopg.Connection, most: int) -> int:
    """Clear alarms of types that clear by themselves, which were not raised again for so long; not those of devices
    that are lost.

    Returns:
        How many were looked at; fewer than ``most`` when no other one is due.
    """
    ids = [row[0] for row in connection.execute(QUIET, (most,))]
    if ids:
        connection.execute(LOCK_MARKS, (ids,))
        connection.execute(LOCK, (ids,))
        connection.execute(PUT_OFF, (ids,))
        connection.execute(STANDS, (list(_standing(connection, ids)),))
        quiet = [row[0] for row in connection.execute(STILL, (ids,))]
        if quiet:
            take_steps(connection, quiet, Wanted("clear", because="auto_clear"), SYSTEM)
    return len(ids)


NEXT = """
SELECT extract(epoch FROM least((SELECT min(shelved_until) FROM alarm), (SELECT min(clears_at) FROM alarm)) - now())
"""


def next_due(connection: psycopg.Connection) -> float | None:
    """Return in how many seconds the next alarm comes back or may clear by itself; None when none will."""
    seconds = connection.execute(NEXT).fetchone()[0]
    return None if seconds is None else float(seconds)
