"""Archives (.zip): every file inside that can be read, as if it had been unpacked by hand.

Names in GBK are understood. With one file inside, its layers are the archive's; with several they are called by their
file, and where a file has several layers itself, ``file/layer``.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from importers import archives, formats
from importers.formats.base import Format, Layer, Reader, head, looks_like
from spatial.errors import SourceError


class _Inside:
    """The files of an archive as one file of several layers."""

    def __init__(self, path: Path, readers: dict[str, Reader]) -> None:
        self._path, self._readers = path, readers
        self._places: dict[str, tuple[Reader, str]] | None = None

    def _found(self) -> dict[str, tuple[Reader, str]]:
        if self._places is None:
            places: dict[str, tuple[Reader, str]] = {}
            for name, reader in self._readers.items():
                layers = reader.names()
                for layer in layers:
                    alone = len(self._readers) == 1
                    title = layer if alone else name if len(layers) == 1 else f"{name}/{layer}"
                    places[title if title not in places else f"{title} ({len(places) + 1})"] = (reader, layer)
            self._places = places
        return self._places

    def names(self) -> list[str]:
        return list(self._found())

    def describe(self, name: str) -> Layer:
        reader, layer = self._found()[name]
        return replace(reader.describe(layer), name=name)

    def batches(self, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        reader, layer = self._found()[name]
        return reader.batches(layer, rows)


def open_file(path: Path, folder: Path) -> Reader:
    """Unpack an archive and open what is in it.

    Raises:
        SourceError: it is not safe, nothing in it can be read, or a file in it is at fault.
    """
    if not head(path).startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise SourceError(f"{path.name} is not a zip archive but {looks_like(head(path))}.",
                          "Nothing was imported. Give the file its right ending.")
    place = folder / "zip"
    place.mkdir()
    files = archives.unpack(path, place)
    entries = list(dict.fromkeys(_entry(place, one) for one in files))
    found = [(one, formats.known(one)) for one in entries]
    readable = [(one, kind) for one, kind in found if kind is not None and kind is not FORMAT]
    if not readable:
        ending = next((one.suffix.lower() for one in entries if one.suffix.lower() in formats.ADVICE), None)
        raise SourceError(f"{path.name} holds no file that can be read.",
                          f"Nothing was imported. {formats.ADVICE[ending]}" if ending else
                          f"Nothing was imported. {formats.all_known()}")
    readers: dict[str, Reader] = {}
    for number, (one, kind) in enumerate(readable):
        own = folder / f"part-{number}"
        own.mkdir()
        name = one.stem if one.stem not in readers else str(one.relative_to(place).with_suffix(""))
        readers[name] = kind.open(one, own)
    return _Inside(path, readers)


def _entry(place: Path, one: Path) -> Path:
    """Return a file, or the geodatabase that it is a part of."""
    return next((place / parent for parent in one.relative_to(place).parents
                 if parent.suffix.lower() == ".gdb"), one)


FORMAT = Format("zip archive", (".zip",), open_file)
