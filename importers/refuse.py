"""Rejects that only the database can find: doubles, broken rules, missing parents, taken codes."""

import psycopg

from importers.concepts.declare import Concept, Unique
from importers.faults import Fault, shown
from importers.staging import quoted

# Keys that stand in several rows of the file: few, so that the rest looks at few rows.
_DOUBLED = """
CREATE TEMPORARY TABLE doubled ON COMMIT DROP AS
SELECT row_number, source_key, content_hash FROM staged
WHERE source_key IN (SELECT source_key FROM staged GROUP BY 1 HAVING count(*) > 1)
"""

# Rows of the file that say word for word what an earlier one says. Rows deleted: repeats.
_DROP_REPEATS = """
DELETE FROM staged USING (
    SELECT row_number, min(row_number) OVER (PARTITION BY source_key, content_hash) AS first FROM doubled
) AS double
WHERE staged.row_number = double.row_number AND double.row_number > double.first
"""

# Rows: later rows with the key of an earlier one. Columns: row_number, source_key, first row.
_DOUBLE_KEYS = """
SELECT row_number, source_key, first FROM (
    SELECT row_number, source_key, min(row_number) OVER (PARTITION BY source_key) AS first
    FROM doubled JOIN staged USING (row_number, source_key)
) AS double
WHERE row_number > first ORDER BY row_number
"""

_BROKEN_RULE = "SELECT s.row_number, s.{field}::text FROM staged AS s WHERE {broken} ORDER BY 1"

# Rows: those whose parent is not on record. Columns: row_number, position of the parent, its keys.
_ORPHANS = """
SELECT s.row_number, orphan_of, {keys} FROM staged AS s JOIN placed USING (row_number)
WHERE orphan_of IS NOT NULL ORDER BY 1
"""

# Rows: those whose unique columns stand in a row of the table that is another one.
_TAKEN = """
SELECT s.row_number, {shown}::text, t.source, t.source_key
FROM staged AS s {placed} JOIN {table} AS t ON {same} AND {condition}
WHERE (t.source, t.source_key) <> (%(source)s, s.source_key) ORDER BY 1
"""

# Rows: later rows of the file with the unique columns of an earlier one.
_TAKEN_IN_FILE = """
SELECT row_number, value, first FROM (
    SELECT s.row_number, {shown}::text AS value, min(s.row_number) OVER (PARTITION BY {columns}) AS first
    FROM staged AS s JOIN placed AS p USING (row_number)
    WHERE p.orphan_of IS NULL AND ({columns}) IS NOT NULL AND ({columns}) IN (
        SELECT {columns} FROM staged AS s JOIN placed AS p USING (row_number) WHERE p.orphan_of IS NULL
        GROUP BY {columns} HAVING count(*) > 1)
) AS double
WHERE row_number > first ORDER BY row_number
"""

# Row: whether codes may stand twice. They cannot where each is its row's key, and no key is doubled.
_MAY_BE_DOUBLED = """
SELECT EXISTS (SELECT FROM refused) OR EXISTS (SELECT FROM staged AS s WHERE {code} <> s.source_key)
"""

_UNSOUND = "SELECT row_number FROM staged WHERE NOT shapan_sound(geom) ORDER BY 1"

_REMEMBER = "INSERT INTO refused SELECT unnest(%s::int8[])"
_DROP_REFUSED = "DELETE FROM {table} USING refused WHERE {table}.row_number = refused.row_number"


def doubles(connection: psycopg.Connection, concept: Concept) -> tuple[int, list[Fault]]:
    """Drop staged rows that repeat an earlier one word for word, and find keys that stand twice all the same.

    A repeat says nothing false: it is counted, not rejected. Two rows with one key and
    different content contradict each other: the later one is rejected.

    Args:
        connection: inside the transaction that writes.
        concept: what is imported.

    Returns:
        How many repeats were dropped, and a fault for each contradiction.
    """
    if connection.execute(_DOUBLED).rowcount == 0:
        return 0, []
    repeats = connection.execute(_DROP_REPEATS).rowcount
    faults = [Fault(row, concept.key or "", "double-key",
                    f"key {shown(key, concept.personal)} stands already in row {first}, with other content")
              for row, key, first in connection.execute(_DOUBLE_KEYS)]
    remember(connection, faults)
    return repeats, faults


def before_placing(connection: psycopg.Connection, concept: Concept, columns: dict[str, str]) -> list[Fault]:
    """Find broken rules among the staged rows.

    Args:
        connection: inside the transaction of the run.
        concept: what is imported.
        columns: columns of ``staged``.
    """
    faults = []
    for rule in concept.rules:
        if rule.field in columns:
            statement = _BROKEN_RULE.format(field=quoted(rule.field), broken=rule.broken)
            faults.extend(Fault(row, rule.field, rule.reason,
                                f"{rule.field}: {shown(value, concept.personal)} {rule.message}")
                          for row, value in connection.execute(statement))
    remember(connection, faults)
    return faults


def after_placing(connection: psycopg.Connection, concept: Concept, columns: dict[str, str], source: str,
                  ) -> list[Fault]:
    """Find missing parents and taken codes among the placed rows.

    Args:
        connection: inside the transaction of the run.
        concept: what is imported.
        columns: columns of ``staged``.
        source: name of the source.
    """
    faults = _orphans(connection, concept, columns)
    for unique in concept.unique:
        expressions = {column: _expression(concept, column, columns) for column in unique.columns}
        if None in expressions.values():
            continue
        value = expressions[unique.columns[-1]]
        faults.extend(_taken(connection, concept, unique, expressions, value, source))
        if unique.columns == ("code",) and not connection.execute(
                _MAY_BE_DOUBLED.format(code=value)).fetchone()[0]:
            continue
        statement = _TAKEN_IN_FILE.format(shown=value, columns=", ".join(expressions.values()))
        faults.extend(Fault(row, unique.field, "double-code",
                            f"{unique.field}: {shown(text, concept.personal)} stands already in row {first}")
                      for row, text, first in connection.execute(statement, {"source": source}))
    remember(connection, faults)
    return faults


def drop_refused(connection: psycopg.Connection) -> None:
    """Delete the refused rows from ``staged`` and ``placed``."""
    for table in ("staged", "placed"):
        connection.execute(_DROP_REFUSED.format(table=table))


def _orphans(connection: psycopg.Connection, concept: Concept, columns: dict[str, str]) -> list[Fault]:
    if not concept.parents:
        return []
    keys = [f"concat_ws(' / ', {', '.join('s.' + quoted(name) for name in parent.fields)})"
            if all(name in columns for name in parent.fields) else "NULL" for parent in concept.parents]
    faults = []
    for row, position, *values in connection.execute(_ORPHANS.format(keys=", ".join(keys))):
        parent = concept.parents[position]
        what = " / ".join(parent.fields)
        faults.append(Fault(row, parent.fields[0], "no-parent",
                            f"{what}: {shown(values[position], concept.personal)} is not among the "
                            f"{parent.concept} on record; import its {parent.concept} first, or correct it"))
    return faults


def _taken(connection: psycopg.Connection, concept: Concept, unique: Unique, expressions: dict[str, str],
           value: str, source: str) -> list[Fault]:
    same = " AND ".join(f"t.{quoted(column)} = {expression}" for column, expression in expressions.items())
    # Only where it is needed: of a temporary table no worker reads a part.
    placed = "JOIN placed AS p USING (row_number)" if "p." in same + value else ""
    statement = _TAKEN.format(shown=value, placed=placed, table=concept.table, same=same, condition=unique.condition)
    return [Fault(row, unique.field, "code-taken",
                  f"{unique.field}: {shown(text, concept.personal)} is on record from the source {shown(owner)} "
                  f"(key {shown(key, concept.personal)}); "
                  f"to change that row, import with --source {owner}")
            for row, text, owner, key in connection.execute(statement, {"source": source})]


def _expression(concept: Concept, column: str, columns: dict[str, str]) -> str | None:
    if column in concept.links:
        return f"p.{quoted(column)}"
    own = [one.name for one in concept.fields if one.target == column]
    return f"s.{quoted(own[0])}" if own and own[0] in columns else None


def unsound(connection: psycopg.Connection, concept: Concept) -> list[Fault]:
    """Find geometries that this program takes for valid and the database's own rule does not.

    The two use different releases of GEOS, which disagree on rare cases.
    """
    faults = [Fault(row, "geometry", "invalid-geometry", f"{concept.outline} is not valid for the database")
              for (row,) in connection.execute(_UNSOUND)]
    remember(connection, faults)
    return faults


def remember(connection: psycopg.Connection, faults: list[Fault]) -> None:
    """Note that the rows of these faults must not reach the table."""
    if faults:
        connection.execute(_REMEMBER, ([fault.row for fault in faults],))
