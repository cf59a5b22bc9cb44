"""The kinds of sources that are kept as files, and what a run of one says at its end."""

from dataclasses import dataclass, field
from typing import Any

from spatial.crs import Route


@dataclass(frozen=True)
class Kind:
    """A kind of source.

    Attributes:
        name: on the command line; also the table. title: Chinese word.
    """

    name: str
    title: str


IMAGERY = Kind("imagery", "影像")
TERRAIN = Kind("terrain", "地形")
MODEL3D = Kind("model3d", "三维模型")
KINDS = (IMAGERY, TERRAIN, MODEL3D)


@dataclass(frozen=True)
class Report:
    """The outcome of one import.

    Attributes:
        kind, file, name: what was imported, from where, under which name.
        outcome: ``inserted``, ``updated`` or ``unchanged``.
        facts_of_row: what is on record now.
        dry_run: nothing was kept. seconds: how long it took. run: number of the recorded run.
    """

    kind: Kind
    file: str
    name: str
    outcome: str
    facts_of_row: dict[str, Any] = field(default_factory=dict)
    route: Route | None = None
    dry_run: bool = False
    seconds: float = 0.0
    run: int | None = None
    exit_code: int = 0

    def facts(self) -> dict[str, Any]:
        """Return the report for a program."""
        route = self.route
        return {"concept": self.kind.name, "file": self.file, "name": self.name, "outcome": self.outcome,
                "committed": not self.dry_run, "dry_run": self.dry_run, "run": self.run,
                "crs": None if route is None else {"source": route.reference.label, "operation": route.operation,
                                                   "accuracy_m": route.accuracy_m},
                **self.facts_of_row, "seconds": round(self.seconds, 3)}

    def lines(self) -> list[str]:
        """Return the report for a person."""
        lines = [f"{self.kind.name} ({self.kind.title}) {self.name} from {self.file}: {self.outcome} in "
                 f"{self.seconds:.1f} s."]
        if self.route is not None:
            accuracy = self.route.accuracy_m
            within = "accuracy not stated" if accuracy is None else f"within {accuracy:g} m" if accuracy else "exact"
            lines.append(f"  Coordinates: {self.route.reference.title}; {self.route.operation}; {within}.")
        lines += [f"  {key.replace('_', ' ')}: {_shown(value)}" for key, value in self.facts_of_row.items()
                  if value is not None]
        lines.append("  Dry run: nothing was imported." if self.dry_run else f"  Done, run {self.run}.")
        return lines


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return f"{value:,.7g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
