"""What devices are expected to measure: the units of their kinds, and what rules compare."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import psycopg

from spatial.queries.alarm_rules import Rule
from spatial.queries.device_states import State
from spatial.rules.quantities import Expected

KINDS = "SELECT kind, quantities FROM device_kind"

Known = dict[str, Expected]
"""By quantity."""


def expected(connection: psycopg.Connection, rules: Sequence[Rule]) -> Callable[[State], Known]:
    """Return a function from a device to what is expected of its quantities.

    Where a rule holds plays no part: that it compares a number says what the quantity is.

    Args:
        connection: inside the caller's transaction.
        rules: those in force.
    """
    kinds: dict[str | None, Known] = {
        kind: {quantity: Expected(unit or "") for quantity, (unit, *_) in quantities.items()}
        for kind, quantities in connection.execute(KINDS)}
    devices: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.device_code is not None:
            devices.setdefault(rule.device_code, []).append(rule)
        else:
            _compare(kinds.setdefault(rule.device_kind, {}), rule)

    def of(device: State) -> Known:
        found = kinds.get(device.kind, {})
        if device.code in devices:
            found = dict(found)
            for rule in devices[device.code]:
                _compare(found, rule)
        return found

    return of


def _compare(known: Known, rule: Rule) -> None:
    if rule.quantity is not None:
        before = known.get(rule.quantity, Expected())
        known[rule.quantity] = replace(before, word=True) if rule.word is not None else replace(before, number=True)
