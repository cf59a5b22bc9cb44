"""Rules that turn what devices say into alarms: on record, and every change of one written down."""

import re
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from spatial.errors import NotFound, ShapanError
from spatial.rules.readings import Condition, Value

LOCK = 0x5348_4150_0016
"""Advisory lock: shared by whoever applies rules, alone by whoever changes one."""

PLACEHOLDERS = ("value", "unit", "threshold", "quantity", "for_s")
"""What a note may say in braces, and nothing else: no code of an administrator is ever run."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class CodeTaken(ShapanError):
    """Another rule has this code."""


@dataclass(frozen=True)
class Rule:
    """One rule: see ``spatial.models.alarm_rules.AlarmRule``."""

    id: int
    code: str
    name: str
    name_en: str
    enabled: bool
    device_kind: str | None
    device_code: str | None
    within: str
    quantity: str | None
    comparison: str
    threshold: float | None
    word: str | None
    clear_threshold: float | None
    for_s: int
    severity: str
    type: str
    note: str | None
    basis: str | None
    version: int

    @property
    def condition(self) -> Condition:
        """The part that looks at values."""
        return Condition(self.comparison, self.threshold, self.word, self.clear_threshold, self.for_s)

    @property
    def source(self) -> str:
        """Source of the alarms that it raises."""
        return f"rule:{self.code}"

    def holds(self, kind: str, code: str, grid_code: str) -> bool:
        """Tell whether it looks at a device: by its kind or code, in its grid."""
        mine = self.device_code == code if self.device_code is not None else self.device_kind == kind
        return mine and grid_code.startswith(self.within)

    def words(self, value: Value | None, unit: str | None) -> str | None:
        """Return its note with the value that raised the alarm."""
        if self.note is None:
            return None
        said = {"value": _number(value), "unit": unit or "", "threshold": _number(self.threshold),
                "quantity": self.quantity or "", "for_s": str(self.for_s)}
        return _PLACEHOLDER.sub(lambda found: said.get(found[1], found[0]), self.note)[:500]


def _number(value: Value | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def strange_placeholders(note: str) -> list[str]:
    """Return what stands in braces in a note and is none of :data:`PLACEHOLDERS`."""
    return [found for found in _PLACEHOLDER.findall(note) if found not in PLACEHOLDERS]


OWN = tuple(field.name for field in fields(Rule) if field.name not in ("id", "version"))
"""What an administrator says of a rule."""

COLUMNS = sql.SQL("SELECT {} FROM alarm_rule").format(
    sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Rule)))
ALL = COLUMNS + sql.SQL(" ORDER BY code")
ENABLED = COLUMNS + sql.SQL(" WHERE enabled ORDER BY id")
ONE = COLUMNS + sql.SQL(" WHERE id = %s")
OF_CODE = COLUMNS + sql.SQL(" WHERE code = %s")

ADD = sql.SQL("INSERT INTO alarm_rule ({}) VALUES ({}) ON CONFLICT (code) DO NOTHING RETURNING id").format(
    sql.SQL(", ").join(map(sql.Identifier, OWN)), sql.SQL(", ").join(map(sql.Placeholder, OWN)))
CHANGE = sql.SQL("UPDATE alarm_rule SET {}, version = version + 1 WHERE id = %(id)s").format(
    sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in OWN))
DELETE = "DELETE FROM alarm_rule WHERE id = %s"
TAKEN = "SELECT FROM alarm_rule WHERE code = %s AND id <> %s"

STEP = "INSERT INTO rule_step (rule_id, step, account, before, after) VALUES (%s, %s, %s, %s, %s)"

SHARE = "SELECT pg_advisory_xact_lock_shared(%s)"
ALONE = "SELECT pg_advisory_xact_lock(%s)"


def listed(connection: psycopg.Connection) -> list[Rule]:
    """List all rules by code."""
    return _rules(connection, ALL)


def hold(connection: psycopg.Connection) -> None:
    """Keep all rules as they are until the transaction ends.

    Whoever applies rules does so before locking states of devices: whoever changes a rule locks them after that.
    """
    connection.execute(SHARE, (LOCK,))


def in_force(connection: psycopg.Connection) -> list[Rule]:
    """Return the enabled rules; none of them changes until the transaction ends."""
    hold(connection)
    return _rules(connection, ENABLED)


def get(connection: psycopg.Connection, rule_id: int) -> Rule:
    """Return one rule.

    Raises:
        NotFound: no such rule.
    """
    return _found(_rules(connection, ONE, rule_id), rule_id)


def of_code(connection: psycopg.Connection, code: str) -> Rule:
    """Return the rule with a code.

    Raises:
        NotFound: no such rule.
    """
    return _found(_rules(connection, OF_CODE, code), code)


def _found(rules: list[Rule], name: object) -> Rule:
    if not rules:
        raise NotFound(f"There is no rule {name}.", "GET /api/alarms/rules and `shapan rules list` list them.")
    return rules[0]


def _rules(connection: psycopg.Connection, statement: sql.Composable, *parameters: object) -> list[Rule]:
    with connection.cursor(row_factory=class_row(Rule)) as cursor:
        return cursor.execute(statement, parameters).fetchall()


def stop_applying(connection: psycopg.Connection) -> None:
    """Wait until nobody applies rules, and keep everybody from it until the transaction ends."""
    connection.execute(ALONE, (LOCK,))


def add(connection: psycopg.Connection, said: dict[str, Any], account: str) -> Rule:
    """Put a rule on record. The caller has called :func:`stop_applying`.

    Args:
        connection: inside the caller's transaction.
        said: a value for each of :data:`OWN`.
        account: who does it.

    Raises:
        CodeTaken: another rule has the code.
    """
    row = connection.execute(ADD, said).fetchone()
    if row is None:
        raise _taken(said["code"])
    rule = get(connection, row[0])
    connection.execute(STEP, (rule.id, "created", account, None, Jsonb(asdict(rule))))
    return rule


def change(connection: psycopg.Connection, rule: Rule, said: dict[str, Any], account: str) -> Rule:
    """Change a rule; see :func:`add`."""
    if connection.execute(TAKEN, (said["code"], rule.id)).fetchone() is not None:
        raise _taken(said["code"])
    connection.execute(CHANGE, {**said, "id": rule.id})
    changed = get(connection, rule.id)
    connection.execute(STEP, (rule.id, "changed", account, Jsonb(asdict(rule)), Jsonb(asdict(changed))))
    return changed


def delete(connection: psycopg.Connection, rule: Rule, account: str) -> None:
    """Delete a rule; what it was stays in its steps."""
    connection.execute(DELETE, (rule.id,))
    connection.execute(STEP, (rule.id, "deleted", account, Jsonb(asdict(rule)), None))


@dataclass(frozen=True)
class Step:
    """One change of a rule: who, what, when (server's time); the rule before and after, None where there was none."""

    step: str
    account: str
    at: datetime
    before: dict[str, Any] | None
    after: dict[str, Any] | None


STEPS = "SELECT step, account, at, before, after FROM rule_step WHERE rule_id = %s ORDER BY at DESC, id DESC LIMIT %s"


def steps_of(connection: psycopg.Connection, rule_id: int, limit: int = 1000) -> list[Step]:
    """List what was done to a rule, in order; also of one that was deleted; of very many changes the newest ones.

    Raises:
        NotFound: there is no such rule, and nothing is known of one.
    """
    with connection.cursor(row_factory=class_row(Step)) as cursor:
        found = cursor.execute(STEPS, (rule_id, limit)).fetchall()
    if not found:
        get(connection, rule_id)
    return found[::-1]


def _taken(code: str) -> CodeTaken:
    return CodeTaken(f"There is a rule {code} already.", "Change that one, or take another code.")
