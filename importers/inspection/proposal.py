"""Which concept a layer holds, and a mapping for it: proposed, never applied."""

import keyword
import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from importers import concepts, naming, values
from importers.concepts.declare import Concept, Field, Kind
from importers.inspection.columns import Column, counts_storeys, is_computed, numbers_of, together
from importers.inspection.sample import Sample
from importers.inspection.words import Words, fits, normal

NAMED, CALLED = 100.0, 3.0
"""Points of a concept whose name the layer has, and of one that the layer's or file's name points to."""

OF_ITS_OWN, COMMON = 2.0, 0.5
"""Points for a column that is known as the concept's own field, and as one that many concepts have."""

LEAST = 2.5
"""Points from which a concept is proposed at all."""

MOST_WORDS = 30
"""Different values of a column up to which their translation is written out."""

PLACEHOLDER = "…"

_GEOMETRIES = {"MultiPolygon": ("Polygon", "MultiPolygon"), "MultiLineString": ("LineString", "MultiLineString"),
               "Point": ("Point", "MultiPoint")}
_COMMON_FIELDS = ("code", "name", "class", "kind", "name_en", "state", "floor", "number")


@dataclass(frozen=True)
class Proposal:
    """A concept and a mapping.

    Attributes:
        concept: what the rows probably are; None where nothing points to one.
        fields: field → expression.
        columns: column → field that takes it.
        missing: needed fields that no column fits.
        remarks: what a person must look at, sentences.
        hints: lines for the mapping file about fields that could be derived.
    """

    concept: Concept | None
    fields: dict[str, str]
    columns: dict[str, str]
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


def propose(names: tuple[str, ...], wanted: Concept | None, columns: list[Column], sample: Sample, words: Words,
            ) -> Proposal:
    """Propose a concept and a mapping.

    Args:
        names: names of the layer and of the file.
        wanted: concept that a person named; None to look for one.
        columns: the layer's columns.
        sample: its first rows.
        words: the words to recognise them by.
    """
    concept = wanted or _concept(names, columns, sample, words)
    if concept is None:
        return Proposal(None, {}, {}, remarks=("Nothing points to one concept: name it with --concept.",))
    taken = _match(concept, columns, words)
    fields, remarks, hints = {}, [], []
    for name, column in taken.items():
        if _is_storeys(concept, name, column, taken, sample):
            continue
        fields[name] = _expression(concept, concept.find(name), column, sample, words)
    if concept.find("height_m"):
        remarks += _look_at_heights(fields, taken, sample, hints)
    column = taken.get("code")
    if column is not None and not column.unique and naming.by_name(concept, (column.name,)).get("code") is None:
        remarks.append(f"{column.name} looks like a code, but {'has empty cells' if column.empty else 'repeats'}: "
                       "it cannot tell rows apart and is left out.")
        del fields["code"]
    missing = tuple(one.name for one in concept.fields if one.required and one.name not in fields)
    used = {taken[name].name: name for name in fields if name in taken}
    used |= {taken["height_m"].name: "floors_above"} if "floors_above" in fields and "floors_above" not in taken else {}
    if sample.geometries is None and concept.geometry_required and concept.geometry:
        remarks.append(_no_geometry(concept, columns, words))
    return Proposal(concept, fields, used, missing, tuple(remarks), tuple(hints))


def reference_to(column: str) -> str:
    """Return how an expression names a column."""
    plain = column.isidentifier() and not keyword.iskeyword(column) and unicodedata.normalize("NFKC", column) == column
    return column if plain else f"column({column!r})"


def _concept(names: tuple[str, ...], columns: list[Column], sample: Sample, words: Words) -> Concept | None:
    """Return the concept with the most points; None where none has enough or two have the same."""
    points = sorted(((_points(one, names, columns, sample, words), one) for one in concepts.CONCEPTS),
                    key=lambda pair: -pair[0])
    (best, concept), (second, _) = points[:2]
    return concept if best >= LEAST and best > second else None


def _points(concept: Concept, names: tuple[str, ...], columns: list[Column], sample: Sample, words: Words) -> float:
    kinds = [kind for kind in sample.types() if kind != "none"]
    if concept.geometry and concept.geometry_required and sample.geometries is not None:
        allowed = _GEOMETRIES.get(concept.geometry)
        if kinds and allowed and not set(kinds) & set(allowed):
            return 0.0
    if kinds and concept.geometry is None:
        return 0.0
    points = NAMED if concept.name in names else 0.0
    points += CALLED if any(word in normal(name) for name in names for word in words.concepts[concept.name]) else 0.0
    for name, column in _match(concept, columns, words).items():
        own = name not in _COMMON_FIELDS or any(fits(column.name, word)
                                                for word in words.fields.get(concept.name, {}).get(name, []))
        points += OF_ITS_OWN if own else COMMON
    needed = [one.name for one in concept.fields if one.required]
    return points - 0.5 * sum(name not in _match(concept, columns, words) for name in needed)


def _match(concept: Concept, columns: list[Column], words: Words) -> dict[str, Column]:
    """Return field → column: each field takes the column with its best name, each column goes to one field."""
    ranked = []
    for one in concept.fields:
        for rank, word in enumerate(words.columns_of(concept.name, one.name)):
            ranked += [(normal(column.name) != word, rank, one, column) for column in columns
                       if fits(column.name, word) and _can_be(one, column)]
    found: dict[str, Column] = {}
    taken: set[str] = set()
    for _, _, one, column in sorted(ranked, key=lambda entry: entry[:2]):
        if one.name not in found and column.name not in taken:
            found[one.name] = column
            taken.add(column.name)
    return found


def _can_be(one: Field, column: Column) -> bool:
    if column.kind == "empty":
        return False
    return column.numeric or column.personal if one.kind in (Kind.WHOLE, Kind.NUMBER) else True


def _expression(concept: Concept, one: Field, column: Column, sample: Sample, words: Words) -> str:
    """Return the expression that makes a field of a column."""
    plain = reference_to(column.name)
    if one.kind in (Kind.WHOLE, Kind.NUMBER):
        if column.suffix is not None:
            return f"replace({plain}, {column.suffix!r}, '')"
        halves = one.kind is Kind.WHOLE and column.kind == "numbers"
        return f"round({plain})" if halves else column.name
    if not one.allowed or column.personal:
        return column.name
    different = _different(sample.columns[column.name])
    if different <= set(one.allowed) or len(different) > MOST_WORDS:
        return column.name
    known = {word: ours for ours, theirs in words.values.get(one.name, {}).items() if ours in one.allowed
             for word in theirs}
    # Of people only words that are known as a whole are written out: others may be somebody's name.
    pairs = [(text, known.get(normal(text)) or next((known[word] for word in known if word in normal(text)
                                                     and not concept.personal), None)) for text in sorted(different)]
    said = "".join(f", {text!r}, {ours!r}" for text, ours in pairs if ours is not None)
    # A word that nobody knows becomes the field's `other`; without one its row shows itself at the import.
    rest = "'other'" if "other" in one.allowed else plain
    return f"choose({plain}{said}, {rest})" if said else column.name if rest == plain else rest


def _different(column: pa.ChunkedArray) -> set[str]:
    return set(values.trim(values.as_text(together(column))).unique().to_pylist()) - {None, ""}


def _is_storeys(concept: Concept, name: str, column: Column, taken: dict[str, Column], sample: Sample) -> bool:
    # A column that is called height_m says its unit.
    if concept.name != "buildings" or name != "height_m" or "floors_above" in taken:
        return False
    return not naming.by_name(concept, (column.name,)) and counts_storeys(numbers_of(sample.columns[column.name]))


def _look_at_heights(fields: dict[str, str], taken: dict[str, Column], sample: Sample, hints: list[str]) -> list[str]:
    """Tell heights in metres from storeys, and measured heights from computed ones."""
    remarks = []
    height, storeys = taken.get("height_m"), taken.get("floors_above")
    if height is not None and "height_m" not in fields:
        fields["floors_above"] = reference_to(height.name) if height.suffix is None else \
            f"replace({reference_to(height.name)}, {height.suffix!r}, '')"
        remarks.append(f"{height.name} is called a height, but holds whole numbers from {height.low:g} to "
                       f"{height.high:g}: these look like storeys, and are proposed as floors_above. If they are "
                       "metres: "
                       f"--set height_m={reference_to(height.name)}")
        hints.append(f"height_m: {reference_to(height.name)} * 3    # if 3 m for each storey is good enough")
    elif height is None and storeys is not None:
        hints.append(f"height_m: {fields['floors_above']} * 3    # if 3 m for each storey is good enough")
        remarks.append(f"No column holds heights. If 3 m for each storey is good enough: "
                       f"--set height_m='{fields['floors_above']} * 3'")
    elif height is not None and storeys is not None:
        ratio = is_computed(numbers_of(sample.columns[height.name]), numbers_of(sample.columns[storeys.name]))
        if ratio is not None:
            remarks.append(f"{height.name} is {ratio:g} × {storeys.name} in every row: computed, not measured.")
        elif np.array_equal(numbers_of(sample.columns[height.name]), numbers_of(sample.columns[storeys.name]),
                            equal_nan=True):
            remarks.append(f"{height.name} and {storeys.name} hold the same numbers: one of them is not what it is "
                           "called.")
    return remarks


def _no_geometry(concept: Concept, columns: list[Column], words: Words) -> str:
    pair = [next((column.name for column in columns if any(fits(column.name, word) for word in words.positions[axis])),
                 None) for axis in ("longitude", "latitude")]
    held = f" The columns {pair[0]} and {pair[1]} may hold positions." if all(pair) else ""
    return f"The layer has no geometry, and {concept.name} need one.{held}"


__all__ = ["PLACEHOLDER", "Proposal", "propose", "reference_to"]
