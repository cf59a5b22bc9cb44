"""The words in which a concept is declared: fields, parents, place, identity."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

# In a help: an allowed word and the Chinese one for it.
_TRANSLATED = re.compile(r"(\w+) \(([^()]+)\)")

Check = Callable[[str], str | None]
"""Looks at one text value; returns what is wrong with it in words, or None."""


class Kind(Enum):
    """What a field holds; the value is its PostgreSQL type in staging."""

    TEXT = "text"
    WHOLE = "int8"
    NUMBER = "float8"
    INSTANT = "timestamptz"
    DAY = "date"
    WORDS = "text[]"


class Placing(Enum):
    """How a row gets its community and grid."""

    GEOMETRY = "by its geometry"
    OWN_CODE = "by its own code"
    PARENT = "by its parent"


@dataclass(frozen=True)
class Field:
    """One field that a file may bring.

    Attributes:
        name: name in a file and in a mapping.
        kind: what it holds.
        help: what it means, with unit, for the manual and the command's help.
        column: column of the table; None where it has the field's name.
        stored: False where the field only finds a parent or gives a key.
        required: a row without it is rejected.
        default: value of an empty cell, where the table wants one. A field that a file does not
            bring at all is left to the table's own default, and untouched in an update.
        low, high: limits, inclusive.
        above: limit, exclusive.
        allowed: the words it may be; the Chinese words that the help shows for them mean the same.
        check: a rule of its own.
        upper: small letters are made capitals.
        personal: never shown, stored sealed in ``<name>_sealed``.
        secret: may carry a password: no fault shows its value.
        index: column of the keyed look-up index of a personal value.
    """

    name: str
    kind: Kind
    help: str
    column: str | None = None
    stored: bool = True
    required: bool = False
    default: object = None
    low: float | None = None
    high: float | None = None
    above: float | None = None
    allowed: tuple[str, ...] = ()
    check: Check | None = None
    upper: bool = False
    personal: bool = False
    secret: bool = False
    index: str | None = None

    @property
    def translated(self) -> dict[str, str]:
        """Chinese word → allowed word, as the help shows them: ``population (人口)``."""
        return {theirs: word for word, theirs in _TRANSLATED.findall(self.help) if word in self.allowed}

    @property
    def is_code(self) -> bool:
        """It holds codes, numbers of things or other words of which no character may be lost; no names or prose."""
        named = self.name in ("code", "number") or self.name.endswith(("_code", "_number"))
        return self.kind is Kind.TEXT and (named or self.check is not None or self.personal)

    @property
    def target(self) -> str | None:
        """Column of the table that holds it; None where it is not stored."""
        if not self.stored:
            return None
        return f"{self.name}_sealed" if self.personal else self.column or self.name


@dataclass(frozen=True)
class Parent:
    """A row of another table that a row hangs on, found by business keys.

    Attributes:
        concept: the other concept, for messages.
        fields: our fields that name it, in order; for messages, and to see whether one is named.
        query: SQL with columns ``id, area_code, grid_code`` and those that ``on`` and ``brings`` use.
        on: SQL that joins the staged row ``s`` to the query's row ``p``.
        column: our column for its id; None where only its place is taken.
        required: a row without one is rejected; else empty fields mean that there is none.
        within_file: SQL on ``s`` and another staged row ``other`` under which that one is the parent.
        brings: further columns taken over from the parent, such as ``building_id``.
        places: the row takes the parent's place.
    """

    concept: str
    fields: tuple[str, ...]
    query: str
    on: str
    column: str | None
    required: bool = True
    within_file: str | None = None
    brings: tuple[str, ...] = ()
    places: bool = True


@dataclass(frozen=True)
class Unique:
    """Columns of which a combination may stand once in the table.

    Attributes:
        columns: columns of the table, all of them columns of the staged or placed row as well.
        field: our field that a message names.
        condition: SQL on the table's row ``t`` that limits which rows count.
    """

    columns: tuple[str, ...]
    field: str
    condition: str = "true"


@dataclass(frozen=True)
class Rule:
    """A rule over several fields or rows of the file.

    Attributes:
        field: our field that a message names.
        reason: reason code.
        broken: SQL on the staged row ``s``, true where the rule is broken.
        message: what is wrong, after the field's value.
    """

    field: str
    reason: str
    broken: str
    message: str


@dataclass(frozen=True)
class Concept:
    """Everything that the pipeline must know to import one concept.

    Attributes:
        name: name on the command line; also the layer's name in a GeoPackage.
        title: Chinese word.
        table: table that is filled.
        fields: what a file may bring.
        placing: how a row gets its place.
        geometry: type it is stored as: Point, MultiPolygon, MultiLineString, Geometry; None without.
        geometry_column: column of the geometry.
        geometry_required: a row without geometry is rejected.
        outline: word for the geometry in messages.
        key: field whose value is the row's key at its source.
        own_code: SQL on the staged row ``s`` for a code that the file does not bring.
        identity: columns by which a row is found again.
        parents: what it hangs on, in the order in which they are looked up.
        linked: columns of the placed row that are stored; None takes those of the parents.
        unique: further combinations that may stand once.
        rules: rules over several fields.
        digests: staging column → fields whose keyed digest it is, for keys of other rows that are made
            of values of this one.
        grid_of: SQL on ``s`` that gives the 15-digit code, for ``Placing.OWN_CODE``.
        boundary: other objects are placed by where its rows lie.
        before: SQL run after placing and before the upsert; parameter ``source``.
        after: SQL run after the upsert.
    """

    name: str
    title: str
    table: str
    fields: tuple[Field, ...]
    placing: Placing
    geometry: str | None = None
    geometry_column: str = "geom"
    geometry_required: bool = True
    outline: str = "outline"
    key: str | None = "code"
    own_code: str | None = None
    identity: tuple[str, ...] = ("source", "source_key")
    parents: tuple[Parent, ...] = ()
    linked: tuple[str, ...] | None = None
    unique: tuple[Unique, ...] = ()
    rules: tuple[Rule, ...] = ()
    digests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grid_of: str | None = None
    boundary: bool = False
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({one.name: one for one in self.fields})

    @property
    def links(self) -> tuple[str, ...]:
        """Columns of the table that come from parents."""
        if self.linked is not None:
            return self.linked
        own = [parent.column for parent in self.parents if parent.column]
        return tuple(dict.fromkeys(own + [column for parent in self.parents for column in parent.brings]))

    @property
    def keyed(self) -> bool:
        """Rows carry their source, key and hash; else they are only ever added."""
        return self.identity == ("source", "source_key")

    @property
    def personal(self) -> bool:
        """Rows hold personal values: no value is shown, and keys and hashes are keyed."""
        return any(one.personal for one in self.fields)

    @property
    def words(self) -> frozenset[str]:
        """Texts that the declaration itself knows: allowed words and defaults."""
        defaults = {one.default for one in self.fields if isinstance(one.default, str)}
        return frozenset(defaults.union(*(one.allowed for one in self.fields)))

    def find(self, name: str) -> Field | None:
        """Return a field by its name, or None."""
        return self._by_name.get(name)
