"""One resident as they are (查看一人): each try is written down before anything of it is told."""

import math
from dataclasses import dataclass

import psycopg

from spatial.cipher import Cipher, SealBroken
from spatial.queries import people
from spatial.rules import reveals as rules
from spatial.types import UNPLACED_GRID, Scope

LOCK_CLASS = 0x5245_5645  # "REVE"
"""First half of the advisory locks of accounts: two reveals of one account at once count one after the other."""


@dataclass(frozen=True)
class Try:
    """What somebody wants to see, and why.

    Attributes:
        resident_id: internal key of the resident.
        account, roles: who asks. address: where the request came from.
        scope: jurisdiction of the account.
        fields: of ``rules.FIELDS``.
        reason: one of ``rules.REASONS``; words: more about it.
        alarm_id, event_id: what it is about.
    """

    resident_id: int
    account: str
    roles: tuple[str, ...]
    address: str | None
    scope: Scope
    fields: tuple[str, ...] = ()
    reason: str | None = None
    words: str | None = None
    alarm_id: int | None = None
    event_id: int | None = None


@dataclass(frozen=True)
class Revealed:
    """What came of a try.

    Attributes:
        outcome: one of ``rules.OUTCOMES``.
        values: by field, where it is ``done``; None for what is not on record.
        left: reveals that the account has left in this hour.
        retry_s: seconds until it has one again, where there were too many.
    """

    outcome: str
    values: dict[str, str | None]
    left: int = 0
    retry_s: int = 0


LOCK = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"

# Rows: how long ago the account has revealed somebody, in seconds, the newest first.
# Parameters: account, seconds, limit.
RECENT = """
SELECT extract(epoch FROM now() - at)::float8 FROM audit
WHERE account = %s AND action = 'reveal' AND outcome = 'done' AND at > now() - make_interval(secs => %s)
ORDER BY at DESC LIMIT %s
"""

# Whether what a reveal is about still goes on, in the resident's building. Parameters: id, building.
CONCERNS = {
    "alarm_id": "SELECT EXISTS (SELECT FROM alarm WHERE id = %s AND building_id = %s AND closed_at IS NULL)",
    "event_id": """
        SELECT EXISTS (SELECT FROM event WHERE id = %s AND building_id = %s AND closed_at IS NULL AND done_at IS NULL
                       AND state <> 'rejected')""",
}

KEPT = ("account", "address", "resident_id", "reason", "alarm_id", "event_id")

WRITE = """
INSERT INTO audit (action, outcome, account, roles, address, resident_id, fields, reason, words, alarm_id, event_id,
                   area_code, grid_code)
VALUES ('reveal', %(outcome)s, %(account)s, %(roles)s, %(address)s, %(resident_id)s, %(fields)s, %(reason)s, %(words)s,
        %(alarm_id)s, %(event_id)s, left(%(grid)s, 12), %(grid)s)
"""


def reveal(connection: psycopg.Connection, wanted: Try, cipher: Cipher | None, most: int) -> Revealed:
    """Reveal one resident, or refuse it, and write down which.

    Args:
        connection: inside a transaction, within the account's jurisdiction. The caller commits it before it tells
            anything, of a refusal as well.
        wanted: who and why; its reason has been checked by ``rules.faults``.
        cipher: opens values; None where the key is not here.
        most: residents that an account may see in ``rules.WINDOW_S``.
    """
    connection.execute(LOCK, (LOCK_CLASS, wanted.account))
    ages = [age for age, in connection.execute(RECENT, (wanted.account, rules.WINDOW_S, max(most, 1)))]
    if len(ages) >= most:
        oldest = ages[-1] if most and ages else 0.0
        write(connection, wanted, rules.TOO_MANY)
        return Revealed(rules.TOO_MANY, {}, retry_s=math.ceil(rules.WINDOW_S - oldest))
    found = people.resident(connection, wanted.resident_id)
    if found is None:
        return _refused(connection, wanted, rules.NOT_FOUND)
    building_id, grid, sealed = found
    for name, statement in CONCERNS.items():
        about = getattr(wanted, name)
        if about is not None and not connection.execute(statement, (about, building_id)).fetchone()[0]:
            return _refused(connection, wanted, rules.NOT_CONCERNED, grid)
    try:
        values = people.unmasked(cipher, sealed) if cipher else None
    except SealBroken:
        values = None
    if values is None:
        return _refused(connection, wanted, rules.NO_KEY, grid)
    if rules.names_person(wanted.words or "", filter(None, values.values())):
        return _refused(connection, wanted, rules.NAMES_PERSON, grid)
    write(connection, wanted, rules.DONE, grid)
    return Revealed(rules.DONE, {name: values[name] for name in wanted.fields}, most - len(ages) - 1)


def _refused(connection: psycopg.Connection, wanted: Try, outcome: str, grid: str | None = None) -> Revealed:
    write(connection, wanted, outcome, grid)
    return Revealed(outcome, {})


def write(connection: psycopg.Connection, wanted: Try, outcome: str, grid: str | None = None) -> None:
    """Add a try to the audit log.

    Args:
        connection: within the account's jurisdiction.
        wanted: the try. Its words are kept of a reveal only: before it, nobody has looked whether they name the person.
        outcome: one of ``rules.OUTCOMES``.
        grid: of the resident; None where nobody was looked for or found: then the row lies where the account does.
    """
    connection.execute(WRITE, {
        **{name: getattr(wanted, name) for name in KEPT},
        "roles": list(wanted.roles), "fields": list(wanted.fields), "outcome": outcome,
        "words": (wanted.words or None) if outcome == rules.DONE else None,
        "grid": grid or home(wanted.scope)})


def home(scope: Scope) -> str:
    """Return a grid code inside a jurisdiction."""
    first = min(scope.prefixes, default="")
    return first.ljust(15, "0") if first.isdigit() else UNPLACED_GRID
