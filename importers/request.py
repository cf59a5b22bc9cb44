"""What a person asks for, and how a run that was stopped remembers it."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from importers import concepts
from importers.concepts.declare import Concept
from importers.mapping import MappingFile
from importers.report import Allowance
from spatial.cipher import Cipher


@dataclass(frozen=True)
class Request:
    """What a person asks for.

    Attributes:
        concept: what the rows are.
        path: the file.
        account: who asks.
        layer, crs, source, key: options; each stands before what the mapping file says.
        override_crs: ``crs`` stands against what the file declares.
        swap_axes: x and y of the file's geometries are exchanged.
        mapping: what the mapping file says.
        assigned: ``--set`` field → expression.
        allowed: how many rows may be rejected.
        on_conflict: ``update``, ``skip`` or ``fail`` for rows that the database has with other content.
        outside: ``keep`` or ``reject`` for rows outside every known area.
        dry_run: roll back at the end.
        rejects: where to write the rejected rows; None writes no file.
        repair: mend broken outlines whose area changes by no more than this share; None mends none.
    """

    concept: Concept
    path: Path
    account: str
    layer: str | None = None
    crs: str | None = None
    override_crs: bool = False
    swap_axes: bool = False
    source: str | None = None
    key: str | None = None
    mapping: MappingFile = field(default_factory=MappingFile)
    assigned: dict[str, str] = field(default_factory=dict)
    allowed: Allowance = field(default_factory=Allowance)
    on_conflict: str = "update"
    outside: str = "keep"
    dry_run: bool = False
    rejects: Path | None = None
    repair: float | None = None

    def sealed(self, cipher: Cipher) -> bytes:
        """Return the request as the run keeps it: a mapping may name a resident."""
        words = {name: getattr(self, name) for name in _PLAIN}
        words |= {"concept": self.concept.name, "path": str(self.path.absolute()),
                  "rejects": self.rejects and str(self.rejects.absolute()),
                  "mapping": asdict(self.mapping), "allowed": asdict(self.allowed)}
        return cipher.seal(json.dumps(words, ensure_ascii=False))

    @classmethod
    def opened(cls, sealed: bytes, cipher: Cipher) -> "Request":
        """Return the request that was sealed.

        Raises:
            SealBroken: it was sealed with another key.
        """
        words = json.loads(cipher.open(sealed))
        return cls(
            concept=concepts.find(words["concept"]), path=Path(words["path"]),
            rejects=Path(words["rejects"]) if words["rejects"] else None,
            mapping=MappingFile(**words["mapping"]), allowed=Allowance(**words["allowed"]),
            **{name: words[name] for name in _PLAIN if name in words})


_PLAIN = ("account", "layer", "crs", "override_crs", "swap_axes", "source", "key", "assigned", "on_conflict", "outside",
          "dry_run", "repair")
