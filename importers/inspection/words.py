"""The words by which columns, files and values are recognised: ``words.yaml``, and a city's own beside its data."""

import dataclasses
import functools
import os
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from importers import concepts, expressions
from importers.faults import shown
from spatial import yaml_file
from spatial.errors import MappingError

OWN = "words.yaml"
"""Name of a city's own words in its data directory."""

LONGEST_WORD = 100
"""Characters of one word at most."""

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


def load(own: Path | None = None) -> Words:
    """Return the words of the program, behind those of a city where it has any.

    Args:
        own: the city's own file, which needs not be there. It has the form of ``words.yaml`` and only adds words.

    Raises:
        MappingError: the city's file cannot be read, or names what is not known; with all faults.
    """
    if own is None or not os.path.lexists(own):
        return _ours()
    said = yaml_file.read(own, "a list of words", "Correct it, or take it away.")
    faults: list[str] = []
    added = _Reader(_ours(), faults).words(said)
    if faults:
        raise MappingError(f"{own}: {'. '.join(faults)}.", "Correct it, or take it away.")
    return added


@functools.cache
def _ours() -> Words:
    """Return the words of the program; a fault in its file is one of ours."""
    raw = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    return Words(
        concepts={name: _each(words) for name, words in raw["concepts"].items()},
        fields={concept: {name: _each(words) for name, words in fields.items()}
                for concept, fields in raw["fields"].items()},
        values={name: {ours: _each(theirs) for ours, theirs in words.items()} for name, words in raw["values"].items()},
        personal=_each(raw["personal"]),
        positions={name: _each(words) for name, words in raw["positions"].items()},
    )


def _each(words: list[object]) -> list[str]:
    return [normal(str(word)) for word in words]


class _Reader:
    """Puts a city's words before ours, and notes whatever it cannot take."""

    def __init__(self, ours: Words, faults: list[str]) -> None:
        self.ours, self.faults = ours, faults

    def words(self, said: dict) -> Words:
        self._known("", said, [one.name for one in dataclasses.fields(Words)])
        every = {one.name for concept in concepts.CONCEPTS for one in concept.fields}
        allowed: dict[str, set[str]] = {}
        for concept in concepts.CONCEPTS:
            for one in concept.fields:
                allowed.setdefault(one.name, set()).update(one.allowed)
        own = {concept.name: {one.name for one in concept.fields} for concept in concepts.CONCEPTS}
        return Words(
            self._lists("concepts", said.get("concepts"), self.ours.concepts, own),
            self._groups("fields", said.get("fields"), self.ours.fields, {**own, "any": every}),
            self._groups("values", said.get("values"), self.ours.values, allowed),
            [*self._list("personal", said.get("personal")), *self.ours.personal],
            self._lists("positions", said.get("positions"), self.ours.positions, self.ours.positions))

    def _groups(self, place: str, said: object, ours: Mapping[str, Mapping[str, list[str]]],
                known: Mapping[str, Collection[str]]) -> dict[str, Mapping[str, list[str]]]:
        said = self._set(place, said)
        self._known(place, said, known)
        return {**ours, **{name: self._lists(f"{place}.{name}", words, ours.get(name, {}), known[name])
                           for name, words in said.items() if name in known}}

    def _lists(self, place: str, said: object, ours: Mapping[str, list[str]], known: Collection[str],
               ) -> dict[str, list[str]]:
        said = self._set(place, said)
        self._known(place, said, known)
        return {**ours, **{name: [*self._list(f"{place}.{name}", words), *ours.get(name, [])]
                           for name, words in said.items() if name in known}}

    def _list(self, place: str, said: object) -> list[str]:
        if said is None:
            return []
        if not isinstance(said, list):
            self.faults.append(f"{place}: is no list of words")
            return []
        good = [word for word in said if isinstance(word, str | int) and not isinstance(word, bool)
                and normal(str(word)) and len(str(word)) <= LONGEST_WORD]
        if len(good) < len(said):
            self.faults.append(f"{place}: each word is a text of 1 to {LONGEST_WORD} characters, in quotes where YAML "
                               "takes it for something else, as it does with no")
        return _each(good)

    def _set(self, place: str, said: object) -> dict:
        if not isinstance(said, dict | None):
            self.faults.append(f"{place}: is not a set of names and lists")
        return said if isinstance(said, dict) else {}

    def _known(self, place: str, said: dict, known: Collection[str]) -> None:
        self.faults.extend(f"{place}{'.' if place else ''}{shown(name)[1:-1]}: means nothing here"
                           f"{expressions.nearest(str(name), sorted(known))}" for name in said if name not in known)


__all__ = ["OWN", "Words", "fits", "load", "normal"]
