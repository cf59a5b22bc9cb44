"""What a run says at its end, to a person and to a program."""

from dataclasses import dataclass, field
from typing import Any

from importers.faults import Rejects
from importers.upsert import Counts
from spatial.crs import Route

LINES = 20
"""Faults that are printed, in the order of the rows; the rest is counted and stands in the reject file."""


WITHOUT_REJECT_FILE = 5
"""Exit code of a run that ended as its report says, whose reject file could not be written afterwards."""

LISTED_MENDS = 1000
"""Mended rows that are listed one by one in JSON and in the record of the run."""


@dataclass(frozen=True)
class Allowance:
    """How many rows may be rejected before nothing is imported.

    Attributes:
        number: rows, or percent of the rows read.
        percent: which of the two.
    """

    number: float = 0
    percent: bool = False

    @classmethod
    def parse(cls, text: str) -> "Allowance":
        """Read ``12`` or ``5%``.

        Raises:
            ValueError: neither of the two.
        """
        percent = text.endswith("%")
        number = float(text[:-1]) if percent else int(text)
        if not 0 <= number <= (100 if percent else 10**12):
            raise ValueError(text)
        return cls(number, percent)

    def exceeded(self, rejected: int, read: int) -> bool:
        """Tell whether so many rejected rows are too many."""
        return rejected > (read * self.number / 100 if self.percent else self.number)


@dataclass(frozen=True)
class Report:
    """The outcome of one run.

    Attributes:
        concept: name of the concept. title: Chinese word for it.
        file: file and layer. source: name of the source.
        route: how coordinates became stored ones; None without geometries.
        read: rows read. repeated: of these, word for word like an earlier one.
        counts: what became of the rows that were not rejected.
        rejects: the rejected rows.
        committed: it is in the database; False for a dry run and for too many rejects.
        dry_run: it was rolled back because that was asked for.
        seconds: how long it took.
        run: number of the recorded run; None for a dry run.
        rejects_file: where the rejected rows were written.
        rejects_lost: why they could not be written, after the run had ended; None where they were or nobody wanted it.
        again: commands that import the good rows, if they are not on record, and the corrected ones. They are printed
            and not recorded: a person may have typed somebody's name in them.
        unplaced_rows: numbers of the first rows outside every known area.
        displaced: objects on record that lie in another grid after new boundaries; None where there are none.
    """

    concept: str
    title: str
    file: str
    source: str
    route: Route | None
    read: int
    repeated: int
    counts: Counts
    rejects: Rejects
    committed: bool
    dry_run: bool
    seconds: float
    run: int | None = None
    rejects_file: str | None = None
    rejects_lost: str | None = None
    again: tuple[str, ...] = ()
    displaced: int | None = None
    unplaced_rows: tuple[int, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def placed(self) -> int:
        """Rows that were not rejected and lie in a known area."""
        counts = self.counts
        return counts.inserted + counts.updated + counts.unchanged + counts.skipped - counts.unplaced

    @property
    def good(self) -> int:
        """Rows that could be taken: neither rejected nor left out nor said before."""
        return self.read - self.repeated - self.rejects.left_out - len(self.rejects)

    @property
    def exit_code(self) -> int:
        """0 done, 1 rows were rejected, 5 and their file could not be written."""
        if self.rejects_lost:
            return WITHOUT_REJECT_FILE
        return 1 if self.rejects.rows else 0

    def recorded(self) -> dict[str, int]:
        """Return the counts under the names of the table ``import_run``."""
        return {"rows_read": self.read, "inserted": self.counts.inserted, "updated": self.counts.updated,
                "unchanged": self.counts.unchanged, "rejected": len(self.rejects),
                "unplaced": self.counts.unplaced}

    def facts(self) -> dict[str, Any]:
        """Return the report for a program: JSON without personal values."""
        route = self.route
        return {
            "concept": self.concept,
            "file": self.file,
            "source": self.source,
            "run": self.run,
            "committed": self.committed,
            "dry_run": self.dry_run,
            "crs": None if route is None else {
                "source": route.reference.label, "operation": route.operation, "accuracy_m": route.accuracy_m,
                "remarks": list(route.remarks)},
            "read": self.read,
            "inserted": self.counts.inserted,
            "updated": self.counts.updated,
            "unchanged": self.counts.unchanged,
            "skipped": self.counts.skipped,
            "repeated": self.repeated,
            "left_out": self.rejects.left_out,
            "rejected": len(self.rejects),
            "unplaced": self.counts.unplaced,
            "unplaced_share": round(self.counts.unplaced / (self.counts.unplaced + self.placed), 6)
            if self.counts.unplaced else 0.0,
            "unplaced_rows": list(self.unplaced_rows),
            "displaced": self.displaced,
            **vars(self.counts.doubts),
            "warnings": self.counts.doubts.sentences(self.counts.updated),
            "rejects_file": self.rejects_file,
            "rejects_lost": self.rejects_lost,
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.read / self.seconds) if self.seconds else None,
            "reasons": self.reasons(),
            "rejects": [vars(fault) for fault in self.rejects.by_row()[:LINES]],
            "mended": len(self.rejects.mended),
            "mends": [vars(note) for note in self.rejects.mended[:LISTED_MENDS]],
            **self.detail,
        }

    def reasons(self) -> dict[str, int]:
        """Return reason code → how many faults, the most frequent first."""
        tally: dict[str, int] = {}
        for fault in self.rejects.faults:
            tally[fault.reason] = tally.get(fault.reason, 0) + 1
        return dict(sorted(tally.items(), key=lambda pair: -pair[1]))

    def lines(self) -> list[str]:
        """Return the report for a person."""
        counts, rate = self.counts, self.read / self.seconds if self.seconds else 0
        lines = [f"{self.file}: row {fault.row:,}: {fault.message}." for fault in self.rejects.by_row()[:LINES]]
        if len(self.rejects.faults) > LINES:
            lines.append(f"… and {len(self.rejects.faults) - LINES:,} more.")
        if lines:
            lines.append("Reasons: " + ", ".join(f"{reason} {number:,}" for reason, number in self.reasons().items()))
        mended = self.rejects.mended
        lines += [f"{self.file}: row {note.row:,}: {note.message}." for note in mended[:LINES]]
        lines += [f"… and {len(mended) - LINES:,} more mended."] if len(mended) > LINES else []
        lines.append(f"{self.concept} ({self.title}) from {self.file}: {self.read:,} rows read in "
                     f"{self.seconds:.1f} s, {rate:,.0f} rows/s.")
        if self.route is not None:
            accuracy = self.route.accuracy_m
            within = "accuracy not stated" if accuracy is None else f"within {accuracy:g} m" if accuracy else "exact"
            lines.append(f"  Coordinates: {self.route.reference.title}; {self.route.operation}; {within}.")
            lines += [f"  Look at this: {remark}" for remark in self.route.remarks]
        lines += [f"  {note}" for note in self.detail.get("notes", ())]
        would = "would be " if self.dry_run else ""
        rejected = f"{len(self.rejects):,} rejected"
        if self.committed or self.dry_run:
            parts = [f"{counts.inserted:,} {would}inserted", f"{counts.updated:,} {would}updated",
                     f"{counts.unchanged:,} unchanged", rejected]
        else:
            parts = [f"{self.good:,} good", rejected]
        parts += [f"{len(mended):,} mended"] if mended else []
        parts += [f"{counts.skipped:,} changed but skipped"] if counts.skipped else []
        parts += [f"{self.repeated:,} repeated word for word"] if self.repeated else []
        parts += [f"{self.rejects.left_out:,} left out by the mapping"] if self.rejects.left_out else []
        lines.append(f"  {', '.join(parts)}.")
        lines += [f"  {sentence}" for sentence in counts.doubts.sentences(counts.updated)]
        if counts.unplaced:
            share = counts.unplaced / max(1, counts.unplaced + self.placed)
            lines.append(f"  {counts.unplaced:,} ({share:.1%}) lie outside every known area (未落位). If they "
                         "should not: look at the coordinate system above, or import the areas and grids around "
                         "them and type: shapan place")
            if self.placed > 0:
                more = ", …" if counts.unplaced > len(self.unplaced_rows) else ""
                numbers = ", ".join(f"{row:,}" for row in self.unplaced_rows)
                lines.append(f"  Their rows: {numbers}{more}; to get them as rejected rows, add --outside reject.")
        if self.displaced:
            lines.append(f"  {self.displaced:,} objects on record lie in another grid now. To place them again, type: "
                         "shapan place")
        if self.rejects_file:
            todo = "Correct them there, then type:" if len(self.again) == 1 else \
                "To import the others now, and these when they are corrected there, type:"
            lines.append(f"  Rejected rows with their original values: {self.rejects_file}. {todo}")
            lines += [f"    {command}" for command in self.again]
        if self.rejects_lost:
            rest = "The other rows are in. " if self.committed else ""
            shown = "" if self.run is None else f"`shapan import show {self.run}` lists the rejected ones. "
            lines.append(f"  {self.rejects_lost} {rest}{shown}To get them as a file, type the same command again with "
                         "another place after --rejects: what is on record stays as it is.")
        lines.append(f"  {self._outcome()}")
        return lines

    def _outcome(self) -> str:
        if self.committed:
            return f"Done, run {self.run}."
        if self.dry_run:
            return "Dry run: nothing was imported."
        listing = "" if self.rejects_file else ", or --rejects FILE.gpkg to get them as a file to correct"
        repair = "--repair to mend broken outlines, or " if "invalid-geometry" in self.reasons() else ""
        return (f"Nothing was imported. Use {repair}--max-rejects {len(self.rejects)} to leave the rejected rows out "
                f"and import the rest{listing}.")
