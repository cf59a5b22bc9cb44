"""What is wrong with single rows, while they go through the pipeline."""

from dataclasses import dataclass, field

LISTED = 100_000
"""Faults kept with their message. A file that is wrong throughout does not fill the memory;
every rejected row is counted all the same."""

LEFT_OUT = "left-out"
"""Reason of a row that the mapping does not want: it is no reject."""

SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Fault:
    """One thing wrong with one row.

    Attributes:
        row: row number, counted from 1 in the order of the file.
        field: our field; ``geometry`` for the geometry, empty where it is the row as a whole.
        reason: code that a program can count, such as ``not-a-number``.
        message: field, value and what is wrong with it; no value at all where the concept is personal.
    """

    row: int
    field: str
    reason: str
    message: str


@dataclass
class Rejects:
    """The rejected rows of a run.

    Attributes:
        faults: what was wrong, at most ``LISTED``, in the order found.
        rows: numbers of the rejected rows.
        left_out: rows that the mapping did not want.
        mended: rows that were mended and how; they are not rejected.
    """

    faults: list[Fault] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    left_out: int = 0
    mended: list[Fault] = field(default_factory=list)

    def add(self, faults: list[Fault]) -> None:
        """Take over faults; their rows are rejected, but for those that are left out, whatever else is wrong there."""
        unwanted = {fault.row for fault in faults if fault.reason == LEFT_OUT}
        if unwanted:
            self.left_out += len(unwanted)
            faults = [fault for fault in faults if fault.row not in unwanted]
        self.rows.update(fault.row for fault in faults)
        self.faults.extend(faults[:max(0, LISTED - len(self.faults))])

    def by_row(self) -> list[Fault]:
        """Return the faults in the order of the rows, those of one row in the order found.

        Checks go through a file one after the other; a person goes through it row by row.
        """
        return sorted(self.faults, key=lambda fault: fault.row)

    def __len__(self) -> int:
        return len(self.rows)


def shown(value: object, hidden: bool = False) -> str:
    """Return a value as messages show it: quoted and cut.

    Args:
        value: of one row.
        hidden: the concept is personal. Whatever field a value stands in, a wrong mapping may have
            brought a name there, so that no value of such a concept is shown.
    """
    if hidden:
        return "(hidden)"
    text = str(value)
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")
