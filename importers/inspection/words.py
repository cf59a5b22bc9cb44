"""The words by which columns, files and values are recognised: ``words.yaml``, read once."""

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

CUT_BYTES = 9
"""Bytes from which a column's name may have been cut: a shapefile keeps ten, Chinese characters take two or three."""

TELLING_CHARACTERS = 2
"""A personal word of so many characters, not Latin ones, makes a column personal wherever in its name it stands."""


@dataclass(frozen=True)
class Words:
    """What ``words.yaml`` says, every word normalised.

    Attributes:
        concepts: concept → words in the names of its files.
        fields: concept or ``any`` → field → names of columns.
        values: field → our word → their words.
        personal: names of columns whose values are never shown.
        positions: ``longitude`` and ``latitude`` → names of columns.
    """

    concepts: Mapping[str, list[str]]
    fields: Mapping[str, Mapping[str, list[str]]]
    values: Mapping[str, Mapping[str, list[str]]]
    personal: list[str]
    positions: Mapping[str, list[str]]

    def columns_of(self, concept: str, field: str) -> list[str]:
        """Return the names that a field's column may have, the best first."""
        own = self.fields.get(concept, {}).get(field, [])
        return list(dict.fromkeys([normal(field), *own, *self.fields["any"].get(field, [])]))

    def is_personal(self, column: str) -> bool:
        """Tell whether a column is personal by its name."""
        name = normal(column)
        return any(name == word or (len(word) >= TELLING_CHARACTERS and not word.isascii() and word in name)
                   for word in self.personal)


def normal(text: str) -> str:
    """Return a name as names are compared: NFKC, small letters, without spaces and ``_ - . :``."""
    small = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in small if letter not in " \t\u3000_-.:")


def fits(column: str, word: str) -> bool:
    """Tell whether a column has a name, whole or cut by a shapefile."""
    name = normal(column)
    return name == word or (word.startswith(name) and len(column.encode("gb18030", "replace")) >= CUT_BYTES)


@functools.cache
def load() -> Words:
    """Return the words; the file is part of the program, so that a fault in it is one of ours."""
    raw = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))

    def each(words: list[object]) -> list[str]:
        return [normal(str(word)) for word in words]

    return Words(
        concepts={name: each(words) for name, words in raw["concepts"].items()},
        fields={concept: {name: each(words) for name, words in fields.items()}
                for concept, fields in raw["fields"].items()},
        values={name: {ours: each(theirs) for ours, theirs in words.items()} for name, words in raw["values"].items()},
        personal=each(raw["personal"]),
        positions={name: each(words) for name, words in raw["positions"].items()},
    )


__all__ = ["Words", "fits", "load", "normal"]
