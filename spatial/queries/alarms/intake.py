"""Takes messages in by the batch: a constant number of statements, however many messages there are.

All transactions take their locks in one order: ids of messages, sorted; marks of device and type, sorted; alarms by
id; neighbourhoods, sorted. So none waits for another one in a circle.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from spatial import db
from spatial.queries.alarms import grouping, strays, writing
from spatial.queries.alarms.following import PlacedElsewhere, check_seen, follow
from spatial.queries.alarms.record import Alarm, StepRow, rows_of, tell, write_steps
from spatial.queries.alarms.writing import Accepted, Device, Pair
from spatial.rules import floods
from spatial.rules.alarm_fold import Key, Trouble, take
from spatial.rules.alarm_messages import Message


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message.

    Attributes:
        taken: ``raised`` an alarm, ``repeated`` or ``cleared`` one, ``late`` (a raise that counts with an alarm which
            has ended; a clear that ended nothing, and has no alarm), ``known`` (taken before), or ``refused``.
        alarm_id: the alarm; None where there is none.
        reason: why it was refused.
        kept: whether one that was refused waits for its device.
    """

    taken: str
    alarm_id: int | None = None
    reason: str = ""
    kept: bool = False


# The same few statements for every batch: to plan each anew took as long as a single message. Until the end of the
# transaction.
GENERIC = "SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"

DEVICES = """
SELECT device.code, device.id, device.building_id, unit.number, ST_X(device.geom), ST_Y(device.geom),
       ST_X(device.geom_web), ST_Y(device.geom_web), device.area_code, device.grid_code
FROM device LEFT JOIN unit ON unit.id = device.unit_id
WHERE device.code = ANY(%b::text[])
"""

# Rows: those that were not taken before, and the server's time. Parameters: sources, event ids.
ACCEPT = """
INSERT INTO alarm_message (source, event_id)
SELECT source, event_id FROM unnest(%b::text[], %b::text[]) AS message (source, event_id)
ORDER BY source COLLATE "C", event_id COLLATE "C"
ON CONFLICT DO NOTHING
RETURNING source, event_id, received_at
"""

# Locks device and type, in order, and says what is known of them. Parameters: device ids, types.
MARKS = """
INSERT INTO alarm_mark (device_id, type)
SELECT device_id, type FROM unnest(%b::bigint[], %b::text[]) AS pair (device_id, type)
ORDER BY device_id, type COLLATE "C"
ON CONFLICT (device_id, type) DO UPDATE SET told_at = now()
RETURNING device_id, type, cleared_to, ended_alarm_id, ended_to
"""

# Rows: the active alarm of each device and type, and the one that a clear ended last where a raise is as old as that;
# locked, by id. The limit has each looked up by the index of active ones: joined, and with statistics of before a
# flood, all of that index was read. Parameters: device ids, types, the oldest raise of each (null for none).
ALARMS = """
SELECT id, device_id, type, severity, last_occurred_at, repeats, active, acknowledged_at IS NOT NULL,
       shelved_until IS NOT NULL, closed_at IS NOT NULL, clock_doubt, note, area_code, grid_code
FROM alarm
WHERE id = ANY (ARRAY(
    SELECT held.id FROM unnest(%b::bigint[], %b::text[], %b::timestamptz[]) AS pair (device_id, type, oldest),
    LATERAL (
        (SELECT id FROM alarm
         WHERE alarm.device_id = pair.device_id AND alarm.type = pair.type AND alarm.active LIMIT 1)
        UNION ALL
        (SELECT ended_alarm_id FROM alarm_mark
         WHERE alarm_mark.device_id = pair.device_id AND alarm_mark.type = pair.type
           AND alarm_mark.ended_to >= pair.oldest LIMIT 1)
    ) AS held
))
ORDER BY id FOR UPDATE
"""


MOVED = ("alarm_active_device_type_idx", "alarm_step_alarm_id_fkey")
"""Broken where a device was placed elsewhere: it has an active alarm that is not seen, or is not seen any more."""

MOMENT = timedelta(microseconds=1)
"""Between two messages of a batch, by the server's time: where that counts, their order stays what it was."""

ATTEMPTS = 3
"""How often a batch is begun whose devices are placed elsewhere meanwhile."""


def take_all(connection: psycopg.Connection, messages: Sequence[Message], account: str) -> list[Outcome]:
    """Take in messages, in order, and tell the change feed of every alarm that they changed.

    A message that was taken before changes nothing. One about a device that is not on record within the
    jurisdiction is refused, and kept until it is (``strays``); the others are taken all the same.

    Args:
        connection: inside the caller's transaction, which takes no other batch.
        messages: 1,000 at most are a good batch.
        account: who delivers them, for the alarms' steps.

    Returns:
        One outcome for each message.

    Raises:
        PlacedElsewhere: devices are placed elsewhere faster than we can follow; nothing was taken.
    """
    for _ in range(ATTEMPTS):
        devices = _devices(connection, messages)
        try:
            with connection.transaction():
                return _take(connection, messages, devices, account)
        except PlacedElsewhere:
            pass
        except psycopg.errors.IntegrityError as error:
            if error.diag.constraint_name not in MOVED:
                raise
        # Active already, where whoever delivers this may not look: its device was placed elsewhere meanwhile.
        follow(connection, [device.id for device in devices.values()])
    raise PlacedElsewhere


def _take(
    connection: psycopg.Connection, messages: Sequence[Message], devices: dict[str, Device], account: str,
) -> list[Outcome]:
    kept = strays.keep(connection, [message for message in messages if message.device not in devices], account)
    first: dict[tuple[str, str], int] = {}
    for index, message in enumerate(messages):
        if message.device in devices:
            first.setdefault((message.source, message.event_id), index)
    done = _accept(connection, [messages[index] for index in first.values()], devices, account)
    known = writing.recall(connection, [name for name in first if name not in done])
    outcomes = []
    for index, message in enumerate(messages):
        name = message.source, message.event_id
        if message.device not in devices:
            outcomes.append(_refused(message, name in kept))
        elif name not in done:
            outcomes.append(Outcome("known", known.get(name)))
        else:
            outcomes.append(done[name] if first[name] == index else Outcome("known", done[name].alarm_id))
    return outcomes


def _devices(connection: psycopg.Connection, messages: Sequence[Message]) -> dict[str, Device]:
    with db.pipelined(connection):
        connection.execute(GENERIC)
        rows = connection.execute(DEVICES, (sorted({message.device for message in messages}),))
    return {code: Device(id_, grouping.Spot(floods.Place(building, unit, lon, lat), x, y), area, grid)
            for code, id_, building, unit, lon, lat, x, y, area, grid in rows}


def _refused(message: Message, kept: bool) -> Outcome:
    what = (f"It is kept for {strays.KEPT.days} days." if kept
            else f"It is not kept: {strays.WAITING_MOST:,} of {message.source!r}, or {strays.ACCOUNT_MOST:,} of your "
                 "account, wait already.")
    return Outcome("refused", None, f"No device {message.device!r} is on record. {what}", kept)


def _accept(
    connection: psycopg.Connection, messages: Sequence[Message], devices: dict[str, Device], account: str,
) -> dict[tuple[str, str], Outcome]:
    """Remember messages by their ids, and take in those that are new."""
    if not messages:
        return {}
    new = {(source, event_id): now for source, event_id, now in connection.execute(
        ACCEPT, ([message.source for message in messages], [message.event_id for message in messages]))}
    if not new:
        return {}
    now = next(iter(new.values()))
    batch = _Batch(connection, account, now, [
        Accepted.of(message, devices[message.device], (message.received_at or now) + n * MOMENT)
        for n, message in enumerate(messages) if (message.source, message.event_id) in new])
    batch.read()
    batch.fold()
    return batch.write()


class _Batch:
    """New messages, and what they change. An alarm that they make has a number below zero until it gets its id."""

    def __init__(self, connection: psycopg.Connection, account: str, now: datetime, accepted: list[Accepted]) -> None:
        self._connection, self._account, self._now, self._accepted = connection, account, now, accepted
        self._keys: dict[Pair, Key] = {}
        self._before: dict[Pair, Key] = {}
        # Of alarms that are read only for a raise as old as they are.
        self._ended_ids: dict[Pair, int | None] = {}
        # Note, area and grid of each alarm that was read or is made.
        self._held: dict[int, tuple[str | None, str, str]] = {}
        self._changed: dict[int, Trouble] = {}
        self._born: dict[int, Accepted] = {}
        self._notes: dict[int, str] = {}
        self._steps: list[tuple[int, Accepted, str, str | None, dict[str, Any]]] = []
        self._words: list[tuple[str, int | None]] = []

    def read(self) -> None:
        """Lock what the messages are about, and read how it stands."""
        oldest: dict[Pair, datetime | None] = {}
        ending: set[Pair] = set()
        for entry in self._accepted:
            if entry.message.cleared:
                oldest.setdefault(entry.pair, None)
                ending.add(entry.pair)
            else:
                oldest[entry.pair] = min(entry.at, oldest.get(entry.pair) or entry.at)
        columns = [device for device, _ in oldest], [type_ for _, type_ in oldest]
        with db.pipelined(self._connection):
            marks = self._connection.execute(MARKS, columns)
            alarms = self._connection.execute(ALARMS, (*columns, list(oldest.values())))
        current: dict[Pair, Trouble] = {}
        ended: dict[int, Trouble] = {}
        for (id_, device_id, type_, severity, newest, repeats, active, acknowledged, shelved, closed, doubt, note,
             area, grid) in alarms:
            alarm = Trouble(id_, severity, newest, repeats, active, acknowledged, shelved, closed, doubt)
            self._held[id_] = note, area, grid
            if active:
                current[device_id, type_] = alarm
            else:
                ended[id_] = alarm
        # Of a raise the index of active alarms tells.
        check_seen(self._connection, sorted(ending - current.keys()))
        for device_id, type_, cleared_to, ended_id, ended_to in marks:
            pair = device_id, type_
            self._keys[pair] = Key(current.get(pair), cleared_to, ended.get(ended_id), ended_to)
            self._ended_ids[pair] = ended_id
        self._before = dict(self._keys)

    def fold(self) -> None:
        """Take in the messages in order."""
        for number, entry in enumerate(self._accepted, 1):
            message = entry.message
            taken = take(self._keys[entry.pair], message.severity, message.cleared, entry.at, -number, entry.doubt,
                         entry.waited)
            self._keys[entry.pair] = taken.key
            if taken.alarm is None:
                self._words.append((taken.word, None))
                continue
            id_ = taken.alarm.id
            self._words.append((taken.word, id_))
            self._changed[id_] = taken.alarm
            if id_ == -number:
                self._born[id_] = entry
                self._held[id_] = message.note, entry.device.area_code, entry.device.grid_code
            for place, (word, detail) in enumerate(taken.steps):
                # A repeat mostly says what its alarm says already.
                said = place == 0 and (word != "repeated" or message.note != self._held[id_][0])
                self._steps.append((id_, entry, word, message.note if said else None, detail))
                if word == "escalated" and message.note is not None:
                    self._notes[id_] = message.note

    def write(self) -> dict[tuple[str, str], Outcome]:
        """Write what changed and tell of it; return the outcome of each message by source and event id."""
        order = sorted(self._born, key=lambda number: (self._born[number].at, -number))
        born = [self._born[number] for number in order]
        settled = grouping.settle(self._connection, [entry.device.spot for entry in born], self._now)
        ids = dict(zip(order, (alarm.id for alarm in settled), strict=True))
        outcomes = {(entry.message.source, entry.message.event_id): Outcome(word, ids.get(id_, id_) if id_ else None)
                    for entry, (word, id_) in zip(self._accepted, self._words, strict=True)}
        with db.pipelined(self._connection):
            # What was active may have been cleared to make room for a new one of its device and type.
            writing.change_alarms(self._connection, [
                (alarm, self._notes.get(id_)) for id_, alarm in self._changed.items() if id_ > 0])
            writing.raise_alarms(self._connection, [
                (alarm.id, alarm.group.id, entry, self._changed[number], self._notes.get(number, entry.message.note))
                for alarm, number, entry in zip(settled, order, born, strict=True)])
            grouping.write(self._connection, [
                (alarm, entry.device.spot, entry.device.area_code, entry.device.grid_code)
                for alarm, entry in zip(settled, born, strict=True)])
            writing.mark(self._connection, [
                (*pair, key, ids.get(key.ended.id, key.ended.id) if key.ended else self._ended_ids[pair])
                for pair, key in self._keys.items() if key.cleared_to != self._before[pair].cleared_to
                or key.ended_to != self._before[pair].ended_to
                or (key.ended and key.ended.id != self._ended_ids[pair])])
            writing.remember(self._connection, [
                (*name, outcome.alarm_id) for name, outcome in outcomes.items() if outcome.alarm_id])
            write_steps(self._connection, [self._row(ids, *step) for step in self._steps])
            rows = rows_of(self._connection, [ids.get(id_, id_) for id_ in self._changed])
        tell(self._connection, [Alarm(*row) for row in rows])
        return outcomes

    def _row(
        self, ids: dict[int, int], id_: int, entry: Accepted, word: str, note: str | None, detail: dict[str, Any],
    ) -> StepRow:
        if entry.doubt:
            detail = detail | {"device_time": entry.message.occurred_at.isoformat()}
        return StepRow(ids.get(id_, id_), word, self._account, note, json.dumps(detail), *self._held[id_][1:])
