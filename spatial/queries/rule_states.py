"""Rules applied to devices, batch by batch: what comes in, what runs out, what a changed rule makes of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import psycopg

from spatial.queries import alarms
from spatial.queries.alarm_rules import Rule, in_force
from spatial.queries.device_history import newest_values
from spatial.queries.device_states import State as DeviceState
from spatial.queries.device_states import lock_ids
from spatial.queries.rule_ends import ACCOUNT, End, ends
from spatial.rules.freshness import LOST as LOST_NOW
from spatial.rules.readings import CLEARED, LOST, RAISED, State, Transition, Value, anew, elapse, replay

RESOLUTION = timedelta(microseconds=1)
"""The least time between two instants."""

SETTLE = timedelta(seconds=5)
"""A duration that has run out when we hear of it is given so long: the rest of a backlog may say that it was over."""


@dataclass(frozen=True)
class Arrival:
    """A new value of a locked device. ``quantity`` is None for whether it is lost, 1 or 0."""

    device: DeviceState
    quantity: str | None
    at: datetime
    value: Value
    unit: str | None = None


@dataclass
class _Case:
    """One rule for one device within one batch."""

    rule: Rule
    device: DeviceState
    before: State = State()
    due_at: datetime | None = None
    told_at: datetime | None = None
    arrivals: list[Arrival] = field(default_factory=list)
    ended: bool = False
    floor: datetime | None = None

    @property
    def late(self) -> bool:
        """A value comes that is older than what was known, or than an alarm whose duration ran out without it."""
        known = [self.before.seen_at] if self.before.seen_at else []
        if self.before.active:
            known.append(replace(self.before, active=False).due(self.rule.condition) - RESOLUTION)
        return bool(known) and any(one.at <= max(known) for one in self.arrivals)

    def take_end(self, end: End) -> None:
        """Begin anew where somebody else ended the alarm: only what is newer than all that was known then counts.

        ``told_at`` keeps that instant until the rule raises another alarm.
        """
        self.ended = self.before.active and not end.stands
        if self.ended:
            self.before, self.floor = State(seen_at=self.before.seen_at), self.before.seen_at
            self.told_at = max((at for at in (self.told_at, end.cleared_to, self.floor) if at), default=None)
        elif self.told_at and end.cleared_to and end.by_others and not self.before.active and (
                end.cleared_to <= self.told_at):
            self.floor = min(self.told_at, self.before.seen_at or self.told_at)
        if self.floor:
            self.arrivals = [one for one in self.arrivals if one.at > self.floor]


@dataclass(frozen=True)
class _Row:
    """What is written of one rule for one device."""

    rule: Rule
    device: DeviceState
    after: State
    due_at: datetime | None
    told_at: datetime | None


# Parameters: device ids, rule ids.
STATES = """
SELECT rule_id, device_id, since, active, due_at, told_at FROM rule_state
WHERE device_id = ANY(%s) AND rule_id = ANY(%s)
"""

# Parameters: rule ids, device ids, since, active, due at, told at, area codes, grid codes; arrays of one length.
WRITE = """
INSERT INTO rule_state (rule_id, device_id, since, active, due_at, told_at, area_code, grid_code)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::boolean[], %s::timestamptz[],
                     %s::timestamptz[], %s::text[], %s::text[])
ON CONFLICT (rule_id, device_id) DO UPDATE
SET since = excluded.since, active = excluded.active, due_at = excluded.due_at, told_at = excluded.told_at
"""

# Rows: durations of enabled rules that have run out; those that somebody holds are left for the next round.
# Parameters: now, limit.
DUE = """
SELECT r.rule_id, r.device_id, r.since, r.told_at
FROM rule_state AS r JOIN device_state AS s ON s.device_id = r.device_id
JOIN alarm_rule ON alarm_rule.id = r.rule_id AND alarm_rule.enabled
WHERE r.due_at <= %s ORDER BY r.due_at LIMIT %s FOR UPDATE OF s, r SKIP LOCKED
"""

OF_RULE = "SELECT device_id, since, active, told_at FROM rule_state WHERE rule_id = %s"


def follow(connection: psycopg.Connection, arrivals: Sequence[Arrival],
           newest: Mapping[tuple[int, str | None], datetime], now: datetime,
           rules: Sequence[Rule] | None = None) -> int:
    """Apply the rules in force to new values, raise and clear alarms; once in a transaction.

    Args:
        connection: inside the transaction that took the values in; it has called ``alarm_rules.hold``, and then locked
            the states of their devices.
        arrivals: new values, in any order; each is in the history already.
        newest: (device id, quantity) → device's time of the newest value before these.
        now: the server's time.
        rules: those in force, where the caller has read them.

    Returns:
        How many alarms were raised or cleared.
    """
    if not arrivals:
        return 0
    cases = _cases(connection, arrivals, newest, in_force(connection) if rules is None else rules)
    over = ends(connection, {(case.device.device_id, case.rule.type) for case in cases
                             if case.before.active or case.late})
    for case in cases:
        if end := over.get((case.device.device_id, case.rule.type)):
            case.take_end(end)
    late = {(case.device.device_id, case.rule.quantity) for case in cases if case.late}
    histories = newest_values(connection, late)
    written, messages = [], []
    for case in cases:
        condition = case.rule.condition
        past = histories.get((case.device.device_id, case.rule.quantity))
        if past is None or not case.late:
            after, done = replay(condition, [(one.at, one.value) for one in case.arrivals], case.before)
        else:
            after, done = anew(condition, case.before, [
                one for one in past if case.floor is None or one[0] > case.floor], now)
        done, told_at = _in_turn(done, case.told_at)
        if done or case.ended or (after.since, after.active) != (case.before.since, case.before.active):
            written.append(_Row(case.rule, case.device, after, _due(case.rule, after, case, now), told_at))
        for one in done:
            last = max(case.arrivals, key=lambda arrival: arrival.at)
            messages.append(_message(case.rule, case.device, one, last.value, last.unit))
    _write(connection, written)
    return _send(connection, messages)


def lost(changed: Iterable[tuple[DeviceState, str]], now: datetime) -> list[Arrival]:
    """Return what changes of freshness are for rules about lost devices.

    Args:
        changed: locked devices, and what they were before.
        now: the server's time.
    """
    return [Arrival(device, None, now, float(device.freshness == LOST_NOW))
            for device, was in changed if LOST_NOW in (device.freshness, was)]


def fire_due(connection: psycopg.Connection, now: datetime, limit: int) -> int:
    """Raise the alarms of durations that have run out without another reading.

    Returns:
        How many were looked at; fewer than the limit when no more are due.
    """
    rules = {rule.id: rule for rule in in_force(connection)}
    due = connection.execute(DUE, (now, limit)).fetchall()
    if not due:
        return 0
    devices = {device.device_id: device for device in lock_ids(connection, sorted({row[1] for row in due}))}
    written, messages = [], []
    for rule_id, device_id, since, told_at in due:
        rule, device = rules[rule_id], devices[device_id]
        after, done = State(), []
        if rule.holds(device.kind, device.code, device.grid_code):
            after, done = elapse(rule.condition, State(since), since + timedelta(seconds=rule.for_s))
        done, told_at = _in_turn(done, told_at)
        value, unit, _ = device.values.get(rule.quantity, (None, None, None))
        written.append(_Row(rule, device, after, None, told_at))
        messages += [_message(rule, device, one, value, unit) for one in done]
    _write(connection, written)
    _send(connection, messages)
    return len(due)


def settle(connection: psycopg.Connection, old: Rule, new: Rule | None, now: datetime) -> None:
    """Bring alarms and states in line with a rule that was changed, or deleted: alarms that it would not raise any more
    are cleared.

    Args:
        connection: which has called ``alarm_rules.stop_applying``; the rule is not deleted yet.
        old: the rule as it was.
        new: as it is; None for one that is to be deleted.
        now: the server's time.
    """
    before = {device_id: (State(since, active), told_at)
              for device_id, since, active, told_at in connection.execute(OF_RULE, (old.id,))}
    devices = lock_ids(connection, sorted(before))
    kept = [device for device in devices
            if new and new.enabled and new.holds(device.kind, device.code, device.grid_code)]
    histories = newest_values(connection, {(device.device_id, new.quantity) for device in kept} if new else set())
    written, messages = [], []
    for device in devices:
        (state, told_at), after, due = before[device.device_id], State(), None
        if device in kept:
            if new.comparison == LOST:
                after = state if device.freshness == LOST_NOW else State()
            else:
                after, _ = replay(new.condition, histories.get((device.device_id, new.quantity), ()))
                after, _ = elapse(new.condition, after, now)
            due = after.due(new.condition)
        stays = state.active and after.active and new.type == old.type
        value, unit, _ = device.values.get(old.quantity, (None, None, None))
        done = [(old, Transition(CLEARED, now, state.since))] if state.active and not stays else []
        done += [(new, Transition(RAISED, now, after.since))] if after.active and not stays else []
        in_turn, told_at = _in_turn([one for _, one in done], told_at)
        messages += [_message(rule, device, one, value, unit) for (rule, _), one in zip(done, in_turn, strict=True)]
        written.append(_Row(old, device, after, due and max(due, now + SETTLE), told_at))
    _write(connection, written)
    _send(connection, messages)


def _cases(connection: psycopg.Connection, arrivals: Sequence[Arrival],
           newest: Mapping[tuple[int, str | None], datetime], rules: Sequence[Rule]) -> list[_Case]:
    looking: dict[tuple[str | None, str | None, str | None], list[Rule]] = defaultdict(list)
    for rule in rules:
        looking[rule.device_kind, rule.device_code, rule.quantity].append(rule)
    cases: dict[tuple[int, int], _Case] = {}
    for one in arrivals:
        device = one.device
        for rule in (*looking.get((device.kind, None, one.quantity), ()),
                     *looking.get((None, device.code, one.quantity), ())):
            if device.grid_code.startswith(rule.within):
                cases.setdefault((rule.id, device.device_id), _Case(rule, device)).arrivals.append(one)
    if cases:
        rule_ids, device_ids = (sorted(set(column)) for column in zip(*cases, strict=True))
        for rule_id, device_id, since, active, due_at, told_at in connection.execute(STATES, (device_ids, rule_ids)):
            if case := cases.get((rule_id, device_id)):
                case.before, case.due_at, case.told_at = State(since, active), due_at, told_at
    for case in cases.values():
        case.before = replace(case.before, seen_at=newest.get((case.device.device_id, case.rule.quantity)))
    return [cases[key] for key in sorted(cases, key=lambda key: (key[1], key[0]))]


def _due(rule: Rule, after: State, case: _Case, now: datetime) -> datetime | None:
    due = after.due(rule.condition)
    if due is not None and case.due_at is not None and after.since == case.before.since:
        return case.due_at
    return due and max(due, now + SETTLE)


def _write(connection: psycopg.Connection, written: Sequence[_Row]) -> None:
    if written:
        rows = [(row.rule.id, row.device.device_id, row.after.since, row.after.active, row.due_at, row.told_at,
                 row.device.area_code, row.device.grid_code) for row in written]
        connection.execute(WRITE, [list(column) for column in zip(*rows, strict=True)])


def _in_turn(done: Sequence[Transition], told_at: datetime | None) -> tuple[list[Transition], datetime | None]:
    """Return transitions at instants after the last one that was told, and the last of these.

    Alarms go by the order of the device's time, whatever the order of messages. What a late reading corrects lies
    before what was told already; it must count all the same.
    """
    in_turn = []
    for one in done:
        told_at = one.at if told_at is None else max(one.at, told_at + RESOLUTION)
        in_turn.append(replace(one, at=told_at))
    return in_turn, told_at


def _message(rule: Rule, device: DeviceState, transition: Transition, value: Value | None, unit: str | None,
             ) -> alarms.Message:
    """Return the message of a transition, whose instant no other one of the rule and device has."""
    at = (transition.at - datetime(1970, 1, 1, tzinfo=UTC)) // RESOLUTION
    return alarms.Message(
        source=rule.source, event_id=f"{device.code}:{rule.version}:{at}", device=device.code,
        severity=rule.severity, type=rule.type, occurred_at=transition.at, cleared=transition.kind == CLEARED,
        note=rule.words(value, unit))


def _send(connection: psycopg.Connection, messages: Sequence[alarms.Message]) -> int:
    if messages:
        alarms.take_all(connection, messages, ACCOUNT)
    return len(messages)
