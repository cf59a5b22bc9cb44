"""Everything that is found about a layer, and what to type next."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import yaml

from importers import mapping, naming, values
from importers.concepts.declare import Concept
from importers.inspection import columns, encodings, proposal, sample, systems
from importers.inspection.columns import Column
from importers.inspection.encodings import Encoding
from importers.inspection.proposal import PLACEHOLDER, Proposal
from importers.inspection.record import Record
from importers.inspection.systems import Judgement
from importers.inspection.words import Words
from importers.reference import declared
from importers.source import Source
from spatial import crs_numbers
from spatial.errors import MappingError

TEXTS = 200
"""Different values of a column that are looked at for spoilt text."""


@dataclass(frozen=True)
class Findings:
    """What was found about one layer.

    Attributes:
        source: the layer.
        rows: rows it says it has, or that were read; whole tells whether all of them were looked at.
        looked_at: rows looked at.
        whole: these were all.
        geometries: geometry type → rows among them.
        system: coordinate system.
        encoding: of its text.
        columns: its columns.
        proposal: concept and mapping.
        several: the file has other layers, so that the layer must be named.
        nowhere: rows with a corner at 0 while the others lie elsewhere.
        swapped: y stands before x; ``system`` is judged with both exchanged.
    """

    source: Source
    rows: int
    looked_at: int
    whole: bool
    geometries: dict[str, int]
    system: Judgement
    encoding: Encoding
    columns: list[Column]
    proposal: Proposal
    several: bool
    nowhere: int = 0
    swapped: bool = False

    def command(self, map_file: Path | None = None) -> str:
        """Return the command that imports the layer, exactly as it is typed.

        Args:
            map_file: mapping file that says the rest; None to say it by options.
        """
        if self.source.layer.nameless:
            # An import would refuse it: the names come first.
            return f"shapan inspect {shlex.quote(str(self.source.path))}"
        concept = self.proposal.concept.name if self.proposal.concept else PLACEHOLDER
        parts = ["shapan", "import", concept, str(self.source.path)]
        if map_file is not None:
            parts += ["--map", str(map_file)]
        else:
            parts += self._options()
        parts += ["--override-crs"] if self.system.override else []
        parts += ["--swap-axes"] if self.swapped and map_file is None else []
        return " ".join(part if part in (PLACEHOLDER, f"EPSG:{PLACEHOLDER}") else shlex.quote(part) for part in parts)

    def _options(self) -> list[str]:
        parts = ["--layer", self.source.layer.name] if self.several and not self._found_by_name else []
        if self.system.option is not None:
            parts += ["--crs", self.system.option]
        elif self.system.state == "unknown":
            parts += ["--crs", f"EPSG:{PLACEHOLDER}"]
        for name, expression in self._needed.items():
            parts += ["--set", f"{name}={expression}"]
        for name in self.proposal.missing:
            parts += ["--set", f"{name}={PLACEHOLDER}"]
        return parts

    @property
    def _found_by_name(self) -> bool:
        return self.proposal.concept is not None and self.source.layer.name == self.proposal.concept.name

    @property
    def _needed(self) -> dict[str, str]:
        """Fields that the import would not find by their names itself, or would find wrongly."""
        concept = self.proposal.concept
        if concept is None:
            return {}
        own = naming.by_name(concept, self.source.layer.fields)
        return {name: text for name, text in self.proposal.fields.items() if own.get(name) != text}

    def document(self) -> str:
        """Return the proposed mapping as a mapping file."""
        concept = self.proposal.concept
        lines = [f"# Proposed by shapan inspect for {self.source.name}. Check every line.",
                 *(f"# {remark}" for remark in (*self.proposal.remarks, *self.system.remarks)),
                 f"concept: {concept.name}"]
        if self.several:
            lines.append(f"layer: {_quoted(self.source.layer.name)}")
        if self.system.option is not None:
            lines.append(f"crs: {_quoted(self.system.option)}    # {self.system.title}: {self.system.confidence} "
                         "confidence")
        if self.swapped:
            lines.append("swap_axes: true    # latitude or northing stands before longitude or easting")
        lines.append("fields:" if self._needed else "fields: {}")
        lines += [f"  {name}: {_quoted(text)}" for name, text in self._needed.items()]
        lines += [f"  # {hint}" for hint in self.proposal.hints]
        lines += [f"  # {name}:    # needed: {concept.find(name).help}" for name in self.proposal.missing]
        return "\n".join(lines) + "\n"

    def facts(self) -> dict[str, object]:
        """Return the findings for a program: JSON without personal values."""
        concept = self.proposal.concept
        return {
            "layer": self.source.layer.name, "rows": self.rows, "looked_at": self.looked_at,
            "geometry": self.geometries, "at_zero": self.nowhere, "swapped": self.swapped, "crs": self.system.facts(),
            "encoding": self.encoding.facts(),
            "columns": [{**one.facts(), "field": self.proposal.columns.get(one.name)} for one in self.columns],
            "concept": concept.name if concept else None, "fields": self.proposal.fields,
            "missing": list(self.proposal.missing), "remarks": list(self.proposal.remarks), "command": self.command(),
        }


def look(source: Source, wanted: Concept | None, record: Record | None, several: bool, known: Words) -> Findings:
    """Find out everything about one layer.

    Args:
        source: the layer.
        wanted: concept that a person named; None to look for one.
        record: what is on record; None without a database.
        several: the file has other layers.
        known: the words by which columns are recognised.

    Raises:
        SourceError: the file is damaged, ends early, or its text is not what it says.
    """
    rows = sample.read(source)
    described = [columns.describe(name, column, known) for name, column in rows.columns.items()]
    names = (source.layer.name, source.path.stem)
    proposed = proposal.propose(names, wanted, described, rows, known)
    # Where the rows are people, a name may stand in any column; where columns have no names, rows may be people.
    if source.layer.nameless or (proposed.concept is not None and proposed.concept.personal):
        described = [one.hidden() for one in described]
    hidden = frozenset(one.name for one in described if one.personal)
    encoding = encodings.judge(source, {name: _texts(column) for name, column in rows.columns.items()}, hidden)
    implied = source.layer.crs is not None and declared(source) is None
    count = source.layer.features if source.layer.features is not None else rows.rows
    swapped = rows.box is not None and crs_numbers.swapped(rows.box)
    system = systems.judge(source.layer.crs, implied, rows.exchanged() if swapped else rows, record)
    return Findings(source, count, rows.rows, rows.whole, rows.types(),
                    system, encoding, described, proposed, several, rows.nowhere(), swapped)


def write_map(findings: Iterable[Findings], path: Path) -> None:
    """Write the proposed mapping of one layer to a new file, after checking it as the import would.

    Args:
        findings: of the layers looked at.
        path: the new file.

    Raises:
        MappingError: several layers, no concept, needed fields without a column, or the file exists.
    """
    found = list(findings)
    if len(found) != 1:
        raise MappingError(f"The file has {len(found)} layers, and a mapping file is for one.",
                           "Nothing was written. Choose it with --layer.")
    one = found[0]
    if one.proposal.concept is None:
        raise MappingError(f"Nothing tells what the rows of {one.source.name} are.",
                           "Nothing was written. Name it with --concept.")
    if not one.proposal.missing:
        mapping.build(one.proposal.concept, one.source.layer, None, one.proposal.fields)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(one.document())
    except FileExistsError as error:
        raise MappingError(f"{path} exists.", "Nothing was written. Name a new file after --write-map.") from error
    except OSError as error:
        raise MappingError(f"{path} cannot be written: {error.strerror}.",
                           "Name a new file in a folder that you may write to.") from error


def _texts(column: pa.ChunkedArray) -> list[str]:
    if not column.num_chunks or not values.is_text(column.type):
        return []
    return [value for value in column.unique()[:TEXTS].to_pylist() if value]


def _quoted(text: str) -> str:
    # YAML knows words that are no text, such as no and null.
    return yaml.safe_dump(text, allow_unicode=True, width=10**6).removesuffix("...\n").strip()


__all__ = ["Findings", "look", "write_map"]
