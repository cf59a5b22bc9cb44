"""What the rows of a run say about their keys: objects that came in twice, keys that name other objects now.

A key is what the person says it is, and nothing is refused here. But a row whose key is a hash of all that it
says is a new one after any change, a file under another name is another source, and a number that a program
counts (FID) names other objects in another file.
"""

from dataclasses import dataclass

import psycopg

from importers.concepts.declare import Concept

# Row: whether rows of other sources stand in the table; two looks into the index of the keys.
_OTHERS = """
SELECT EXISTS (SELECT FROM {table} WHERE source < %(source)s) OR EXISTS (SELECT FROM {table} WHERE source > %(source)s)
"""

# Rows that are new: all of them where the table has none of the source, else those of ``differing`` without an id.
_ALL_NEW = "staged AS s WHERE true"
_NEW = "differing AS d JOIN staged AS s ON s.staged_at = d.staged_at WHERE d.id IS NULL"

# A key that is a hash of the whole row (importers/rows.py), or could be one.
_HASHED = "s.source_key ~ '^[0-9a-f]{{32}}$'"

# One row: how many new rows have the geometry of one on record, to the byte, joined by its hash. Two statements,
# because a row with a key of its own is another object than those of its source: shops share an entrance.
_SAME_GEOMETRY = f"""
SELECT count(*) FROM {{new}} AND {_HASHED} AND EXISTS (SELECT FROM {{table}} AS t WHERE t.{{geometry}} = s.geom)
"""
_SAME_GEOMETRY_ELSEWHERE = f"""
SELECT count(*) FROM {{new}} AND NOT {_HASHED} AND EXISTS (
    SELECT FROM {{table}} AS t WHERE t.{{geometry}} = s.geom AND t.source <> %(source)s)
"""

# One row: how many new rows have the look-up index of a personal value that is on record.
_SAME_IDENTITY = """
SELECT count(*) FROM {new} AND EXISTS (SELECT FROM {table} AS t WHERE t.{index} = s.{index})
"""

# One row: how many rows that are changed get another code, found by a key that is not their code.
_RECODED = """
SELECT count(*) FROM differing AS d JOIN staged AS s ON s.staged_at = d.staged_at JOIN {table} AS t ON t.id = d.id
WHERE s.code <> s.source_key AND t.code <> s.code
"""


@dataclass(frozen=True)
class KeyDoubts:
    """Rows whose key is perhaps not what was meant.

    Attributes:
        same_geometry: new rows with the geometry of a row on record.
        same_identity: new people with an identity number that is on record.
        recoded: changed rows that get another code.
    """

    same_geometry: int = 0
    same_identity: int = 0
    recoded: int = 0

    def sentences(self, updated: int) -> list[str]:
        """Return what a person should know, one sentence and its cure each.

        Args:
            updated: how many rows were changed.
        """
        found = []
        if self.same_geometry:
            found.append(f"{self.same_geometry:,} new rows have the geometry of a row on record: the same objects may "
                         f"stand twice. {_CURE}")
        if self.same_identity:
            found.append(f"{self.same_identity:,} new residents have an identity number that is on record: the same "
                         f"people may be counted twice. {_CURE}")
        if self.recoded * 2 > updated:
            found.append(f"{self.recoded:,} of {updated:,} updated rows have another code than on record: their key "
                         "may name other objects than before. Another file needs a --source of its own; otherwise "
                         "name a --key that stays with its object.")
        return found


_CURE = ("Without a code or --key a row is known by all that it says, and a file of another name is another source: "
         "name the column that stays the same with --key, and the source that the rows came from first with --source.")


def find(connection: psycopg.Connection, concept: Concept, columns: dict[str, str], source: str, *, compared: bool,
         update: bool) -> KeyDoubts:
    """Compare the rows that are about to be written with what is on record.

    Nothing is looked at where the table is empty, so that a first load costs what it did.

    Args:
        connection: inside the transaction of the run, before anything is written.
        concept: what is imported.
        columns: columns of ``staged``.
        source: name of the source.
        compared: what ``upsert.compare`` returned.
        update: changed rows will be written.
    """
    if not concept.keyed:
        return KeyDoubts()
    parameters = {"source": source}
    others = connection.execute(_OTHERS.format(table=concept.table), parameters).fetchone()[0]
    if not compared and not others:
        return KeyDoubts()

    def count(statement: str, **names: str) -> int:
        text = statement.format(table=concept.table, new=_NEW if compared else _ALL_NEW, **names)
        return connection.execute(text, parameters).fetchone()[0]

    same_geometry = 0
    if "geom" in columns:
        same_geometry = count(_SAME_GEOMETRY, geometry=concept.geometry_column)
        same_geometry += count(_SAME_GEOMETRY_ELSEWHERE, geometry=concept.geometry_column) if others else 0
    indexes = [one.index for one in concept.fields if one.index in columns]
    return KeyDoubts(
        same_geometry,
        sum(count(_SAME_IDENTITY, index=index) for index in indexes),
        count(_RECODED) if compared and update and "code" in columns and concept.find("code").stored else 0)
