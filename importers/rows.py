"""Rows ready for staging: their keys, their hashes, their sealed values."""

from dataclasses import dataclass
from hashlib import blake2b
from itertools import repeat

import numpy as np
import pyarrow as pa

from importers import values
from importers.concepts.declare import Concept
from importers.source import Batch
from spatial.cipher import Cipher

HASH_BYTES = 16

REJECT_COLUMNS = ("reject_row", "reject_reason", "reject_message")
"""What a reject file adds; a row that comes back corrected is not known by them."""


@dataclass(frozen=True)
class Rows:
    """Checked rows.

    Attributes:
        numbers: row number of each.
        columns: staging column → values, in the order of ``staging_columns``.
    """

    numbers: np.ndarray
    columns: dict[str, list]


class Maker:
    """Makes rows out of checked columns.

    Keys and hashes of concepts with personal values are keyed with the cipher's secret: a bare
    hash of an identity number is found again by trying all numbers.

    Args:
        concept: whose rows they are.
        cipher: seals personal values.
        key_sealed: given keys are stored as their digest.
    """

    def __init__(self, concept: Concept, cipher: Cipher, key_sealed: bool = False) -> None:
        self._concept = concept
        self._key_sealed = key_sealed
        self._cipher = cipher
        self._secret = cipher.index("import: keys and hashes") if concept.personal else b""

    def make(self, batch: Batch, fields: dict[str, list], key: pa.Array | None, ewkb: np.ndarray | None,
             good: np.ndarray) -> Rows:
        """Make the rows that are good.

        Args:
            batch: the rows as read, for keys made of the whole row.
            fields: field → checked values.
            key: keys at the source; None where there are none.
            ewkb: stored geometries.
            good: mask of the rows to make.

        Returns:
            The rows. A row without a key has the hash of everything the file says about it.
        """
        keep = np.flatnonzero(good)
        columns: dict[str, list] = {"source_key": self._keys(batch, key, keep)}
        picked = {name: [column[position] for position in keep] for name, column in fields.items()}
        shapes = [ewkb[position] for position in keep] if ewkb is not None else None
        columns["content_hash"] = self._hashes(picked, shapes, len(keep))
        for name, column in picked.items():
            one = self._concept.find(name)
            if not one.personal:
                columns[name] = column
                continue
            columns[one.target] = [None if value is None else self._cipher.seal(value) for value in column]
            if one.index:
                columns[one.index] = [None if value is None else self._cipher.index(value) for value in column]
        for name, parts in self._concept.digests.items():
            columns[name] = [self._digest(row).hex() for row in zip(*(picked[part] for part in parts), strict=True)]
        if shapes is not None:
            columns["geom"] = shapes
        return Rows(batch.first + keep, columns)

    def _keys(self, batch: Batch, key: pa.Array | None, keep: np.ndarray) -> list[str]:
        given = values.trim(values.as_text(key)).to_pylist() if key is not None else repeat(None)
        if self._key_sealed:
            given = [value and self._digest(("key", value)).hex() for value in given]
        if key is not None and all(given):
            return [given[position] for position in keep]
        # Over the row as read and not as mapped: a better mapping later must find the same rows.
        columns = [column for name, column in batch.columns.items() if name not in REJECT_COLUMNS]
        cells = [column.to_pylist() for column in (*columns, *([] if batch.wkb is None else [batch.wkb]))]
        whole = list(zip(*cells, strict=True)) or [()] * batch.rows
        named = given if key is not None else [None] * batch.rows
        return [named[position] or self._digest(whole[position]).hex() for position in keep]

    def _hashes(self, fields: dict[str, list], shapes: list | None, count: int) -> list[bytes]:
        # Sorted by name, so that the order of a mapping file changes nothing.
        cells = [fields[name] for name in sorted(fields)]
        cells.append(shapes if shapes is not None else [None] * count)
        return [self._digest(row) for row in zip(*cells, strict=True)]

    def _digest(self, row: tuple) -> bytes:
        return blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=HASH_BYTES, key=self._secret).digest()


def staging_columns(concept: Concept, mapped: list[str], geometry: bool) -> dict[str, str]:
    """Return the columns of the staging table and their PostgreSQL types, in order.

    Args:
        concept: what is imported.
        mapped: fields that the file brings, in the order of the mapping.
        geometry: the file has geometries.
    """
    columns = {"row_number": "int8", "source_key": "text", "content_hash": "bytea"}
    for name in mapped:
        one = concept.find(name)
        columns[one.target if one.personal else name] = "bytea" if one.personal else one.kind.value
        if one.index:
            columns[one.index] = "bytea"
    columns |= dict.fromkeys(concept.digests, "text")
    if geometry:
        columns["geom"] = "geometry"
    return columns
