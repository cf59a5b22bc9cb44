"""A tileset, followed from ``tileset.json`` to every file that it needs."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from importers.models3d import contents, placing, volumes
from importers.models3d.contents import Unsound
from importers.models3d.walk import Walk
from spatial.errors import SourceError

ENTRY = "tileset.json"
VERSIONS = ("1.0", "1.1")

MOST_ENTRIES = 200_000
MOST_BYTES = 100 << 30
"""Limits of a folder: files and folders in it, and bytes of what is kept."""

EXTENSIONS = frozenset({"3DTILES_content_gltf", "3DTILES_implicit_tiling", "3DTILES_metadata",
                        "3DTILES_multiple_contents"})
"""Extensions that a tileset may require: those of 1.0 that became part of 1.1."""

_VARIABLE = re.compile(r"\{(level|x|y|z)\}")
_CONTENT_ENDINGS = (*contents.KINDS, ".gltf", ".json")


@dataclass(frozen=True)
class Tileset:
    """A tileset whose every reference was followed.

    Attributes:
        root: folder.
        version: of 3D Tiles.
        files: what it needs → bytes, relative to the folder, ``tileset.json`` first.
        footprint: what it covers, EPSG:4490.
        entry: ``tileset.json`` as it is to be kept, where that is not the file's own.
    """

    root: Path
    version: str
    files: dict[str, int]
    footprint: shapely.MultiPolygon
    entry: dict[str, Any] | None = None


def read(root: Path, at: placing.Place | None = None) -> Tileset:
    """Follow a tileset from the ``tileset.json`` of a folder.

    Args:
        root: the folder.
        at: where its origin stands, if it does not say so itself.

    Returns:
        The tileset, every file of which is there and is what it says.

    Raises:
        SourceError: all that is wrong with it.
    """
    walk = Walk(dict(_files(root)), root)
    if ENTRY not in walk.present:
        raise SourceError(f"{root.name} has no {ENTRY}.", "Nothing was imported. Name the folder that has it.")
    walk.needed[ENTRY] = walk.present[ENTRY]
    waiting, first = [ENTRY], None
    while waiting:
        name = waiting.pop()
        document = _document(walk, name)
        first = first if name != ENTRY else document
        if document is not None:
            waiting += _tiles(walk, name, document)
    cycle = _cycle(walk.nested)
    if cycle:
        walk.faults.append(f"{' → '.join(cycle)}: tilesets refer to each other in a circle")
    if sum(walk.needed.values()) > MOST_BYTES:
        walk.fault(root.name, f"needs more than {MOST_BYTES >> 30} GB")
    walk.end()
    try:
        entry = None if at is None else placing.put(root.name, first, walk.bound, at)
        footprint = volumes.footprint((entry or first)["root"])
    except volumes.Unplaced as error:
        raise SourceError(f"{root.name}: {ENTRY} cannot be placed: {error}.",
                          f"Nothing was imported. Say where its origin stands: --at {placing.FORM}.") from error
    except ValueError as error:
        walk.fault(ENTRY, f"cannot be placed: {error}")
        walk.end()
    return Tileset(root, first["asset"]["version"], walk.needed, footprint, entry)


def _files(root: Path) -> Iterator[tuple[str, int]]:
    """Yield every regular file of a folder with its size; refuse links and too many entries."""
    waiting, count = [root], 0
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                count += 1
                name = Path(entry.path).relative_to(root).as_posix()
                if count > MOST_ENTRIES:
                    raise SourceError(f"{root.name} has more than {MOST_ENTRIES:,} files and folders.",
                                      "Nothing was imported. Import its parts one by one.")
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISLNK(status.st_mode):
                    raise SourceError(f"{root.name}: {name} is a link to another file.",
                                      "Nothing was imported. Put the file itself there.")
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(Path(entry.path))
                elif stat.S_ISREG(status.st_mode):
                    yield name, status.st_size


def _document(walk: Walk, name: str) -> dict[str, Any] | None:
    """Read one tileset's JSON; note what is wrong with it as a whole."""
    try:
        document = contents.parse_file(walk.root / name)
    except Unsound as error:
        return walk.fault(name, error.args[0])
    except OSError as error:
        return walk.fault(name, f"cannot be read: {error.strerror}")
    if not isinstance(document, dict) or not isinstance(document.get("asset"), dict) \
            or not isinstance(document.get("root"), dict):
        return walk.fault(name, "is not a tileset: it has no asset and root")
    version = document["asset"].get("version")
    if version not in VERSIONS:
        return walk.fault(name, f"is of version {version!r}; {' and '.join(VERSIONS)} are read")
    required = document.get("extensionsRequired")
    unknown = sorted(set(map(str, required if isinstance(required, list) else ())) - EXTENSIONS)
    if unknown:
        walk.fault(name, f"requires extensions that are not known: {', '.join(unknown)}")
    return document


def _tiles(walk: Walk, name: str, document: dict[str, Any]) -> list[str]:
    """Check every tile of one tileset; return the tilesets that it refers to and that are new."""
    found, waiting = [], [document["root"]]
    walk.nested[name] = []
    extended = _object(_object(document.get("extensions")).get("3DTILES_metadata"))
    for address in (document.get("schemaUri"), extended.get("schemaUri")):
        if address is not None:
            walk.need(name, address, (".json",))
    while waiting:
        tile = waiting.pop()
        if not isinstance(tile, dict):
            walk.fault(name, "has a tile that is no object")
            continue
        if volumes.has_region(tile):
            walk.bound.add(name)
        for wrong in (volumes.problem(tile.get("boundingVolume")), volumes.transform_problem(tile.get("transform"))):
            if wrong:
                walk.fault(name, f"has a tile that {wrong}")
        children = tile.get("children") or []
        if not isinstance(children, list):
            walk.fault(name, "has a tile whose children are no list")
            children = []
        waiting.extend(children)
        extensions = _object(tile.get("extensions"))
        implicit = tile.get("implicitTiling") or extensions.get("3DTILES_implicit_tiling")
        for content in _contents(tile, extensions):
            address = content.get("uri", content.get("url")) if isinstance(content, dict) else None
            if implicit:
                _template(walk, name, address, implicit, _CONTENT_ENDINGS)
                continue
            resolved = walk.resolve(name, address) if str(address).lower().endswith(".json") else None
            if resolved is not None:
                walk.nested[name].append(resolved)
            path = walk.need(name, address, _CONTENT_ENDINGS)
            if path is not None and path.lower().endswith(".json"):
                found.append(path)
            elif path is not None:
                _inside(walk, path)
        if implicit:
            subtrees = implicit.get("subtrees") if isinstance(implicit, dict) else None
            address = subtrees.get("uri") if isinstance(subtrees, dict) else None
            _template(walk, name, address, implicit, (".subtree", ".json"), begins=True)
    return found


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _contents(tile: dict[str, Any], extensions: dict[str, Any]) -> list[Any]:
    several = _object(extensions.get("3DTILES_multiple_contents"))
    listed = tile.get("contents") or several.get("contents") or several.get("content") or []
    single = tile.get("content")
    return [*([single] if single is not None else []), *(listed if isinstance(listed, list) else [listed])]


def _template(walk: Walk, name: str, address: object, implicit: Any, endings: tuple[str, ...],
              begins: bool = False) -> None:
    """Check the address of many files, with variables in it, and note those that are there."""
    path = walk.resolve(name, address)
    if path is None:
        return None
    axes = {"QUADTREE": ("level", "x", "y"), "OCTREE": ("level", "x", "y", "z")}.get(
        implicit.get("subdivisionScheme") if isinstance(implicit, dict) else None)
    if axes is None:
        return walk.fault(name, "divides its tiles neither as QUADTREE nor as OCTREE")
    if sorted(_VARIABLE.findall(path)) != sorted(axes) or not path.lower().endswith(endings):
        return walk.fault(name, f"refers to {address!r}, which is no template of files with "
                                f"{', '.join('{' + axis + '}' for axis in axes)}")
    if begins and _VARIABLE.sub("0", path) not in walk.present:
        return walk.fault(name, f"refers to {address!r}, of which the first subtree is not there")
    pieces = _VARIABLE.split(path)
    pattern = re.compile("".join(r"\d+" if place % 2 else re.escape(piece) for place, piece in enumerate(pieces)))
    matching = [there for there in walk.present if pattern.fullmatch(there)]
    if not matching:
        return walk.fault(name, f"refers to {address!r}, of which not one file is there")
    for there in matching:
        if there not in walk.needed:
            walk.needed[there] = walk.present[there]
            _inside(walk, there)
    return None


def _inside(walk: Walk, path: str) -> None:
    """Look into one content and note what it needs."""
    try:
        addresses = contents.references(walk.root / path)
    except Unsound as error:
        return walk.fault(path, error.args[0])
    except OSError as error:
        return walk.fault(path, f"cannot be read: {error.strerror}")
    for address in addresses:
        more = walk.need(path, address, (*contents.RESOURCES, ".glb", ".gltf"))
        if more is not None and more.lower().endswith((".glb", ".gltf")):
            _inside(walk, more)
    return None


def _cycle(nested: dict[str, list[str]]) -> list[str]:
    """Return tilesets that refer to each other in a circle, the first one again at the end; empty without."""
    done: set[str] = set()
    for start in nested:
        trail, waiting = [], [(start, False)]
        while waiting:
            name, leaving = waiting.pop()
            if leaving:
                done.add(trail.pop())
            elif name in trail:
                return [*trail[trail.index(name):], name]
            elif name not in done:
                trail.append(name)
                waiting.append((name, True))
                waiting.extend((inner, False) for inner in nested.get(name, ()))
    return []
