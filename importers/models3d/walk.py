"""The walk through a tileset: which files are needed, and all that is wrong with them."""

import posixpath
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spatial.errors import SourceError

LISTED = 20
"""Faults that are named; the rest is counted."""


@dataclass
class Walk:
    """What is known while a tileset is followed.

    Attributes:
        present: files of the folder → bytes, relative to it.
        root: folder.
        needed: those that something refers to → bytes.
        faults: what is wrong, each with the file in which it stands.
        nested: file of a tileset → files of the tilesets that it refers to.
        bound: files of tilesets that have regions, which stand where they stand.
    """

    present: dict[str, int]
    root: Path
    needed: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    nested: dict[str, list[str]] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)

    def fault(self, where: str, words: str) -> None:
        """Note that something is wrong in a file."""
        self.faults.append(f"{where} {words}")

    def resolve(self, where: str, address: object) -> str | None:
        """Return the path of an address that a file gives, or note why there is none."""
        if not isinstance(address, str) or not address:
            return self.fault(where, "refers to a content without an address")
        try:
            parts = urlsplit(address)
        except ValueError:
            return self.fault(where, f"refers to {address!r}, which is no address")
        path = unquote(parts.path)
        if parts.scheme or parts.netloc or path.startswith("/"):
            return self.fault(where, f"refers to {address!r}, which is not inside the folder")
        if "\\" in path or "\x00" in path or parts.query or parts.fragment:
            return self.fault(where, f"refers to {address!r}, which is not the plain path of a file")
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(where), path))
        if joined.startswith("../") or joined in ("..", "."):
            return self.fault(where, f"refers to {address!r}, which leads out of the folder")
        return joined

    def need(self, where: str, address: object, endings: tuple[str, ...]) -> str | None:
        """Note that a file is needed; return its path when it is new and there."""
        path = self.resolve(where, address)
        if path is None or path in self.needed:
            return None
        if not path.lower().endswith(endings):
            return self.fault(where, f"refers to {address!r}, a kind of content that is not known")
        if path not in self.present:
            return self.fault(where, f"refers to {address!r}, which is not there")
        self.needed[path] = self.present[path]
        return path

    def end(self) -> None:
        """End the walk.

        Raises:
            SourceError: something is wrong; all of it, the first ``LISTED`` in words.
        """
        if not self.faults:
            return
        faults = list(dict.fromkeys(self.faults))
        more = f" … and {len(faults) - LISTED:,} more." if len(faults) > LISTED else ""
        raise SourceError(f"{self.root.name} is not a tileset that can be kept: {'; '.join(faults[:LISTED])}.{more}",
                          "Nothing was imported. Export the whole tileset into one folder, placed on the Earth.")
