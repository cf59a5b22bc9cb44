"""Readings in: history, state, freshness and rules of a batch, by a constant number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import psycopg

from spatial.queries import alarm_rules, device_states, quantities, rule_states
from spatial.queries.alarm_rules import Rule
from spatial.queries.device_states import State
from spatial.queries.rule_states import Arrival
from spatial.rules import freshness
from spatial.rules.measured import Measured, Reading, Refused, shown
from spatial.rules.quantities import fit, is_plain

QUANTITIES_MOST = 64
"""Quantities that a device's state holds; the newest stay."""


@dataclass(frozen=True)
class Taken:
    """What became of a batch.

    Attributes:
        taken: readings of which something was new: a value, or a newer sign of life.
        known: readings that were taken before, all of them.
        refused: readings of devices that are not on record within the jurisdiction, and values that are none of what
            their kind measures; a reading whose other values were taken is in ``new`` or known all the same.
        new: of those that were taken, their places in the batch.
    """

    taken: int
    known: int
    refused: list[Refused]
    new: frozenset[int] = frozenset()


# Rows: those values that were not on record: device, quantity, device's time. Whoever takes readings of a device holds
# its state locked, so that nobody else puts the same on record meanwhile. A reading is received no earlier than five
# minutes before its time, so that older months are not looked at. What a wrong clock said is known by the time and the
# value that it said: a clock that falls back again says the same times again.
# Parameters: device ids, quantities, times, times said, values, texts, units, area codes, grid codes: arrays of one
# length; the earliest time.
ADD = """
INSERT INTO device_reading (device_id, quantity, at, said_at, value, text, unit, area_code, grid_code)
SELECT g.*
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::float8[], %s::text[], %s::text[],
            %s::text[], %s::text[]) AS g(device_id, quantity, at, said_at, value, text, unit, area_code, grid_code)
WHERE NOT EXISTS (
    SELECT FROM device_reading AS r
    WHERE r.device_id = g.device_id AND r.quantity = g.quantity AND r.at = g.at
      AND r.received_at >= %s::timestamptz - interval '5 minutes')
  AND (g.said_at IS NULL OR NOT EXISTS (
    SELECT FROM device_reading AS r
    WHERE r.device_id = g.device_id AND r.quantity = g.quantity AND r.said_at = g.said_at
      AND r.value IS NOT DISTINCT FROM g.value AND r.text IS NOT DISTINCT FROM g.text))
RETURNING device_id, quantity, at
"""


def take(connection: psycopg.Connection, readings: Sequence[Reading], now: datetime) -> Taken:
    """Take a batch of readings in: once each, in any order.

    An older reading joins the history and leaves the newer state as it is. Values go on record in the units of their
    kind. Rules see what is new; a change of freshness is told to the change feed.

    Args:
        connection: inside the caller's transaction.
        readings: of ``spatial.rules.measured.read``.
        now: the server's time.
    """
    rules = alarm_rules.in_force(connection)
    states = {state.code: state for state in device_states.lock(connection, sorted({one.device for one in readings}))}
    refused = [Refused(one.index, "device", shown(one.device), "is on record nowhere in your area",
                       "Put the device on record with: shapan import devices FILE", one.event_id)
               for one in readings if one.device not in states]
    known, faults = _fitted(connection, [one for one in readings if one.device in states], states, rules)
    refused += faults
    new = _put_on_record(connection, known, states)
    arrivals, newest, heard = [], {}, {}
    taken: set[int] = set()
    for one in known:
        state = heard.get(one.device, states[one.device])
        fresh = {quantity: value for quantity, value in one.values.items()
                 if new.get((state.device_id, quantity, one.at)) is one}
        newer = state.last_seen is None or one.at > state.last_seen
        if not fresh and (one.values or not newer):
            continue
        taken.add(one.index)
        for quantity, value in fresh.items():
            held = states[one.device].values.get(quantity)
            if held is not None:
                newest[state.device_id, quantity] = datetime.fromisoformat(held[2])
            arrivals.append(Arrival(states[one.device], quantity, one.at, value.plain, value.unit))
        heard[one.device] = replace(
            state, values=_newest_values(state.values, fresh, one.at),
            last_seen=one.at if newer else state.last_seen,
            clock_wrong=one.said_at is not None if newer else state.clock_wrong)
    changed = _write(connection, states, list(heard.values()), now)
    rule_states.follow(connection, [*arrivals, *rule_states.lost(changed, now)], newest, now, rules)
    return Taken(len(taken), len(known) - len(taken), refused, frozenset(taken))


def _fitted(connection: psycopg.Connection, readings: Sequence[Reading], states: dict[str, State],
            rules: Sequence[Rule]) -> tuple[list[Reading], list[Refused]]:
    """Return readings with their values in the units of their kinds, those without any left out; and the faults."""
    if all(map(is_plain, readings)):
        return list(readings), []
    expected = quantities.expected(connection, rules)
    fitted, refused = [], []
    for one in readings:
        found, faults = fit(one, expected(states[one.device]))
        refused += faults
        if found is not None:
            fitted.append(found)
    return fitted, refused


def _put_on_record(connection: psycopg.Connection, readings: Sequence[Reading], states: dict[str, State],
                   ) -> dict[tuple[int, str, datetime], Reading]:
    """Write values into the history; return which were new, each with the reading that brought it first."""
    rows: dict[tuple[int, str, datetime], tuple[Reading, tuple]] = {}
    said: set[tuple[int, str, datetime, float | str | None]] = set()
    for one in readings:
        state = states[one.device]
        for quantity, value in one.values.items():
            # Of a wrong clock, the time that it said and the value tell whether it is the same.
            mark = state.device_id, quantity, one.said_at or one.at, value.plain if one.said_at else None
            key = state.device_id, quantity, one.at
            if mark not in said and key not in rows:
                said.add(mark)
                rows[key] = one, (*key, one.said_at, value.value, value.text, value.unit, state.area_code,
                                  state.grid_code)
    if not rows:
        return {}
    columns = [list(column) for column in zip(*(row for _, row in rows.values()), strict=True)]
    written = connection.execute(ADD, (*columns, min(columns[2]))).fetchall()
    return {tuple(key): rows[tuple(key)][0] for key in written}


def _newest_values(values: dict[str, list], fresh: dict[str, Measured], at: datetime) -> dict[str, list]:
    merged = dict(values)
    for quantity, value in fresh.items():
        if quantity not in merged or datetime.fromisoformat(merged[quantity][2]) < at:
            merged[quantity] = [value.plain, value.unit, at.isoformat()]
    if len(merged) <= QUANTITIES_MOST:
        return merged
    kept = sorted(merged.items(), key=lambda item: (datetime.fromisoformat(item[1][2]), item[0]), reverse=True)
    return dict(kept[:QUANTITIES_MOST])


def _write(connection: psycopg.Connection, before: dict[str, State], heard: Sequence[State], now: datetime,
           ) -> list[tuple[State, str]]:
    """Judge devices that were heard of, and write their states; tell and return those whose freshness is another one,
    with what it was."""
    written = []
    for state in heard:
        verdict = freshness.heard(state.last_seen, state.interval_s, now)
        changes_at = state.changes_at
        # An instant that is too early costs one look of the job; moving it with each sign of life costs an index.
        if verdict.freshness != state.freshness or changes_at is None or (
                verdict.changes_at is not None and verdict.changes_at < changes_at):
            changes_at = verdict.changes_at
        written.append(replace(state, freshness=verdict.freshness, changes_at=changes_at))
    if not written:
        return []
    device_states.write_heard(connection, written)
    changed = [(state, before[state.code].freshness) for state in written
               if state.freshness != before[state.code].freshness]
    device_states.tell(connection, [(state.device_id, was) for state, was in changed])
    return changed
