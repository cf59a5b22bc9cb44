"""From the columns of a file to the fields of a concept.

Three sources, the later one wins: columns that have a field's name, a mapping file (``--map``),
single assignments (``--set``). All of it is checked against file and concept before the first
row is read, and everything that is wrong is said at once.

A mapping file::

    concept: buildings
    source: suzhou            # as --source
    crs: EPSG:4326            # as --crs
    layer: suzhou_buildings   # as --layer
    swap_axes: true           # as --swap-axes
    key: text(Id)             # as --key
    only: building            # rows for which this gives nothing are left out
    fields:
      height_m: height
      floors_above: Floor
      use: "'residential'"    # a text stands in quotes of its own
      name: null              # not imported, although the file has such a column
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from importers import expressions, naming, personal, spoilt, values
from importers.concepts.declare import Concept, Kind
from importers.expressions import Expression, Unusable, nearest
from importers.faults import LEFT_OUT, Fault, shown
from importers.formats.base import Layer
from importers.source import Batch
from spatial import yaml_file
from spatial.errors import MappingError

_WORDS = ("concept", "source", "crs", "layer", "key", "only")
LONGEST_WORD = 10_000
"""Characters of one word of a mapping file: a coordinate system as WKT is the longest."""

MOST_FAULTS = 20
"""Faults that are said one by one."""

# What no name of a file's has, and a terminal would obey; lone surrogates cannot be stored.
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_EVERY = (*_WORDS, "swap_axes", "fields")


@dataclass(frozen=True)
class MappingFile:
    """What a mapping file says; a word that it leaves out is None.

    Attributes:
        concept, source, crs, layer, key: as the options of the same names.
        only: expression; rows for which it gives nothing are left out.
        swap_axes: as the option.
        fields: field → expression; None switches a field off.
        name: file name, for messages. path: as it was typed.
    """

    concept: str | None = None
    source: str | None = None
    crs: str | None = None
    layer: str | None = None
    key: str | None = None
    only: str | None = None
    swap_axes: bool = False
    fields: Mapping[str, str | int | float | None] = field(default_factory=dict)
    name: str = ""
    path: str = ""


@dataclass(frozen=True)
class FieldMapping:
    """How every field of a concept is computed from a file.

    Attributes:
        concept: the concept.
        fields: field → expression, in the concept's order; fields that are not brought are absent.
        key: expression of the row's key at its source; None where it is made from the row.
        key_sealed: the key may hold a personal value and is stored as its keyed digest.
        only: rows for which it gives nothing are left out; None takes every row.
    """

    concept: Concept
    fields: dict[str, Expression]
    key: Expression | None
    key_sealed: bool = False
    only: Expression | None = None

    def apply(self, batch: Batch) -> tuple[dict[str, pa.Array], pa.Array | None, list[Fault]]:
        """Compute the fields of some rows.

        Args:
            batch: the rows.

        Returns:
            Field → values, the rows' keys (None without a key), and the faults found.
        """
        faults = self._left_out(batch) + spoilt.faults(self.concept, self.fields, self.key, batch)

        def compute(expression: Expression, name: str) -> pa.Array:
            result, found = expression.evaluate(batch.columns, batch.rows, batch.first, name,
                                               self.concept.personal)
            faults.extend(found)
            return result

        columns = {name: compute(expression, name) for name, expression in self.fields.items()}
        key = compute(self.key, "key") if self.key is not None else None
        return columns, key, faults

    def _left_out(self, batch: Batch) -> list[Fault]:
        if self.only is None:
            return []
        # What the expression has against a row is no fault of a row that nobody wants.
        given, _ = self.only.evaluate(batch.columns, batch.rows, batch.first, "only", self.concept.personal)
        empty = pc.fill_null(pc.equal(values.trim(values.as_text(given)), ""), True)
        return [Fault(batch.first + int(position), "", LEFT_OUT, "") for position in np.flatnonzero(empty)]

    def describe(self) -> dict[str, str | None]:
        """Return the mapping as plain words, for the record of the run.

        A constant that a person typed for a personal concept may be a value out of the file: a word
        that no field allows is left out.
        """
        every = {**self.fields, "(key)": self.key, **({"(only)": self.only} if self.only else {})}
        if not self.concept.personal:
            return {name: one.text if one else None for name, one in every.items()}
        known = self.concept.words
        return {name: one.masked(known) if one else None for name, one in every.items()}


def read(path: Path) -> MappingFile:
    """Read a mapping file.

    Args:
        path: YAML as this module describes it.

    Returns:
        What it says; nothing is checked against a file or concept yet.

    Raises:
        MappingError: unreadable, not YAML, or with words that mean nothing.
    """
    content = yaml_file.read(path, "a mapping file", "Check the path after --map.")
    faults = []
    faults.extend(f"{shown(word)} means nothing here{nearest(str(word), _EVERY)}"
                  for word in content if word not in _EVERY)
    fields = content.get("fields") or {}
    if not isinstance(fields, dict):
        faults.append("fields: is not a set of names and expressions")
        fields = {}
    for name, value in fields.items():
        if not isinstance(value, str | int | float | None) or isinstance(value, bool):
            faults.append(f"{shown(name)}: a {type(value).__name__} is no expression")
    faults.extend(f"{word}: a {type(content[word]).__name__} is no text" for word in _WORDS
                  if not isinstance(content.get(word), str | int | None) or isinstance(content.get(word), bool))
    faults.extend(f"{word}: {_odd(str(content[word]))}" for word in _WORDS if _odd(str(content.get(word, ""))))
    if isinstance(content.get("source"), str) and naming.wrong_source(content["source"]):
        faults.append(f"source: {naming.wrong_source(content['source'])}")
    if not isinstance(content.get("swap_axes", False), bool):
        faults.append("swap_axes: is true or false")
    if faults:
        raise MappingError(f"{path.name}: {_listed(faults)}.", "Nothing was imported. Correct the mapping file.")
    words = {word: None if content.get(word) is None else str(content[word]) for word in _WORDS}
    return MappingFile(**words, swap_axes=bool(content.get("swap_axes")),
                       fields={str(name): value for name, value in fields.items()}, name=path.name, path=str(path))


def _odd(text: str) -> str | None:
    if len(text) > LONGEST_WORD:
        return f"has more than {LONGEST_WORD:,} characters"
    return "holds a control character" if _ODD.search(text) else None


def _listed(faults: list[str]) -> str:
    more = len(faults) - MOST_FAULTS
    return ". ".join(faults[:MOST_FAULTS]) + (f". And {more:,} more" if more > 0 else "")


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """Read ``--set`` options.

    Args:
        texts: each ``field=expression``.

    Raises:
        MappingError: one has no equals sign.
    """
    result = {}
    for text in texts:
        name, equals, expression = text.partition("=")
        if not equals:
            raise MappingError(f"--set {text!r} has no equals sign.", "Write --set field=expression.")
        result[name.strip()] = expression.strip()
    return result


def build(concept: Concept, layer: Layer, file: MappingFile | None = None,
          assigned: Mapping[str, str] | None = None, key: str | None = None) -> FieldMapping:
    """Make the mapping of a layer and check it.

    Args:
        concept: what is imported.
        layer: the file's layer.
        file: what the mapping file says.
        assigned: what ``--set`` says.
        key: what ``--key`` says.

    Returns:
        The checked mapping.

    Raises:
        MappingError: with everything that is wrong.
    """
    if layer.nameless:
        raise MappingError(f"The first line of {layer.name} looks like data and not like the names of columns.",
                           "Nothing was imported. Write a first line with the name of each column, such as 编码, 名称, "
                           "经度, 纬度, and save the file.")
    file = file or MappingFile()
    faults: list[str] = []
    if file.concept is not None and file.concept != concept.name:
        faults.append(f"{file.name} is a mapping for {file.concept}, not for {concept.name}")
    wanted: dict[str, str | int | float | None] = {**naming.by_name(concept, layer.fields)}
    names = [one.name for one in concept.fields]
    for name, expression in {**file.fields, **(assigned or {})}.items():
        if name not in names:
            faults.append(f"{concept.name} have no field {shown(name)}{nearest(name, names)}")
        else:
            wanted[name] = expression
    fields: dict[str, Expression] = {}
    for one in concept.fields:
        expression = wanted.get(one.name)
        if expression is not None:
            parsed = _parse(one.name, expression, layer, faults, concept.personal)
            if parsed is not None:
                fields[one.name] = parsed
        elif one.default is not None and not one.stored:
            # What only finds or makes other rows has no column whose default could step in.
            fields[one.name] = expressions.constant(one.default)
        elif one.required:
            faults.append(f"{one.name} ({one.help}) is needed and the file has no such column; "
                          f"write --set {one.name}=COLUMN; {personal.listed(concept, layer.fields)}")
    faults.extend(f"{name} is a number, not {'a text' if concept.personal else expression.text}"
                  for name, expression in fields.items()
                  if concept.find(name).kind in (Kind.WHOLE, Kind.NUMBER)
                  and expression.kind == "text" and not expression.columns)
    faults.extend(personal.laid_open(concept, fields, layer.fields))
    if concept.geometry and concept.geometry_required and layer.geometry is None:
        faults.append(f"the layer {layer.name} has no geometry, and {concept.name} need one")
    text = key or file.key
    key_expression = _parse("key", text, layer, faults, concept.personal) if text else None
    only = _parse("only", file.only, layer, faults, concept.personal) if file.only else None
    if faults:
        raise MappingError(f"The mapping does not fit: {_listed(faults)}.", "Nothing was imported.")
    if key_expression is None and concept.key in fields:
        key_expression = fields[concept.key]
    sealed = personal.key_sealed(concept, fields, key_expression, layer.fields)
    return FieldMapping(concept, fields, key_expression, sealed, only)


def _parse(name: str, text: str | int | float, layer: Layer, faults: list[str], hidden: bool) -> Expression | None:
    try:
        if not isinstance(text, str):
            return expressions.constant(text)
        return expressions.parse(text, layer.kinds)
    except Unusable as error:
        # The words of the fault quote what was typed and name columns, and either may be somebody's value.
        faults.extend([f"{name}: its expression cannot be used on this file; nothing of it is repeated here, because "
                       "it may hold somebody's name or number"] if hidden else
                      [f"{name}: {message}" for message in error.messages])
        return None
