"""Rows ready for staging: their keys, their hashes, their sealed values, as columns of Arrow."""

from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from importers import naming, values
from importers.concepts.declare import Concept
from importers.formats.formulas import REJECT_COLUMNS
from importers.source import Batch
from spatial.cipher import Cipher

HASH_BYTES = 16

WAS_DOUBLE = "was_double"
"""Staging column of a reject file: 1 for a row that was rejected because another one has its key or code."""

# Beside it may stand other reasons, and what a spreadsheet makes of the cell.
_DOUBLE = r"\bdouble-(key|code)\b"

_NOTHING = "-"
_DIVIDER = ":"


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

    def make(self, batch: Batch, fields: dict[str, pa.Array], key: pa.Array | None, ewkb: pa.Array | None,
             good: np.ndarray) -> pa.RecordBatch:
        """Make the rows that are good.

        Args:
            batch: the rows as read, for keys made of the whole row.
            fields: field → checked values.
            key: keys at the source; None where there are none.
            ewkb: stored geometries.
            good: mask of the rows to make.

        Returns:
            The rows, with the columns of ``staging_columns``. A row without a key has the hash of
            everything the file says about it.
        """
        keep = pa.array(np.flatnonzero(good)) if not good.all() else None

        def picked(column: pa.Array) -> pa.Array:
            return column if keep is None else column.take(keep)

        numbers = picked(pa.array(np.arange(batch.first, batch.first + batch.rows)))
        columns = {"row_number": numbers, "source_key": self._keys(batch, key, picked)}
        fields = {name: picked(column) for name, column in fields.items()}
        shapes = picked(ewkb) if ewkb is not None else None
        columns["content_hash"] = self._hashes(fields, shapes, len(numbers))
        for name, column in fields.items():
            one = self._concept.find(name)
            if not one.personal:
                columns[name] = column
                continue
            columns[one.target] = _each(self._cipher.seal, column)
            if one.index:
                columns[one.index] = _each(self._cipher.index, column)
        for name, parts in self._concept.digests.items():
            rows = zip(*(fields[part].to_pylist() for part in parts), strict=True)
            columns[name] = pa.array([self._digest_of(row).hex() for row in rows], pa.string())
        if shapes is not None:
            columns["geom"] = shapes
        reason = reject_reason(tuple(batch.columns))
        if reason is not None:
            double = pc.match_substring_regex(picked(values.as_text(batch.columns[reason])), _DOUBLE)
            columns[WAS_DOUBLE] = pc.fill_null(double, False).cast(pa.int64())
        return pa.RecordBatch.from_pydict(columns)

    def _keys(self, batch: Batch, key: pa.Array | None, picked: object) -> pa.Array:
        given = None
        if key is not None:
            given = picked(values.trim(values.as_text(key)))
            given = pc.if_else(pc.equal(given, ""), pa.scalar(None, pa.string()), given)
            if self._key_sealed:
                given = pa.array([value and self._digest_of(("key", value)).hex() for value in given.to_pylist()],
                                 pa.string())
            if given.null_count == 0:
                return given
        # Over the row as read and not as mapped: a better mapping later must find the same rows.
        told = {name: picked(column) for name, column in batch.columns.items() if name not in REJECT_COLUMNS}
        shapes = None if batch.wkb is None else picked(batch.wkb)
        rows = len(picked(pa.nulls(batch.rows)))
        whole = pa.array([self._digest(row).hex() for row in _packed(told, shapes, rows)], pa.string())
        return whole if given is None else pc.coalesce(given, whole)

    def _hashes(self, fields: dict[str, pa.Array], shapes: pa.Array | None, rows: int) -> pa.Array:
        return pa.array([self._digest(row) for row in _packed(fields, shapes, rows)], pa.binary())

    def _digest(self, packed: bytes) -> bytes:
        return blake2b(packed, digest_size=HASH_BYTES, key=self._secret).digest()

    def _digest_of(self, row: tuple) -> bytes:
        return self._digest(repr(row).encode("utf-8", "surrogatepass"))


def reject_reason(names: tuple[str, ...]) -> str | None:
    """Return the column of a reject file that says why its rows were rejected; None in any other file.

    A copy of one as a shapefile has its name cut.

    Args:
        names: of the file's columns.
    """
    return naming.column_of("reject_reason", names)


def staging_columns(concept: Concept, mapped: list[str], geometry: bool, rejects: bool = False) -> dict[str, str]:
    """Return the columns of the staging table and their PostgreSQL types, in order.

    Args:
        concept: what is imported.
        mapped: fields that the file brings, in the order of the mapping.
        geometry: the file has geometries.
        rejects: the file is a reject file, whose rows remember that they were doubles.
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
    if rejects:
        columns[WAS_DOUBLE] = "int8"
    return columns


def _each(seal: object, column: pa.Array) -> pa.Array:
    return pa.array([None if value is None else seal(value) for value in column.to_pylist()], pa.binary())


def _packed(columns: dict[str, pa.Array], shapes: pa.Array | None, rows: int) -> list[bytes]:
    """Return for each row one text of bytes that says what all its columns say, and nothing else.

    Every value stands behind its length, so that no two different rows give the same bytes. The
    names of the columns belong to it: 18 metres high is not 18 storeys. They are sorted, so that the
    order of a mapping file changes nothing.
    """
    pieces: list[pa.Array | pa.Scalar] = [_bytes("\n".join(sorted(columns)))]
    for name in sorted(columns):
        pieces.extend(_lengths_and(values.as_text(columns[name])))
    if shapes is not None:
        pieces.extend(_lengths_and(shapes))
    if len(pieces) == 1:
        return [pieces[0].as_py()] * rows
    return pc.binary_join_element_wise(*pieces, _bytes("")).to_pylist()


def _lengths_and(cells: pa.Array) -> tuple[pa.Array, pa.Scalar, pa.Array]:
    lengths = pc.fill_null(pc.binary_length(cells).cast(pa.string()), _NOTHING)
    return lengths.cast(pa.binary()), _bytes(_DIVIDER), pc.fill_null(cells.cast(pa.binary()), b"")


def _bytes(text: str) -> pa.Scalar:
    return pa.scalar(text.encode(), pa.binary())
