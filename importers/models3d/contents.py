"""What tiles draw: the heads of b3dm, i3dm, pnts, cmpt, glb, glTF and subtree files, and what they refer to.

Only heads and JSON are read. A glTF may name images and buffers by address; one on another host would make every
browser that looks at the map ask there.
"""

import json
import struct
from pathlib import Path
from typing import Any, BinaryIO

KINDS = {".b3dm": b"b3dm", ".i3dm": b"i3dm", ".pnts": b"pnts", ".cmpt": b"cmpt", ".glb": b"glTF", ".subtree": b"subt"}
"""Binary kinds of content: ending → first four bytes. ``.gltf`` and ``.json`` are JSON."""

RESOURCES = (".bin", ".png", ".jpg", ".jpeg", ".webp", ".ktx2", ".json")
"""Endings of what a glTF or a subtree may refer to."""

LARGEST_JSON = 64 << 20
"""Longest JSON that is read, bytes."""

MOST_INNER = 10_000
"""Most tiles in one composite, and most levels of composites in composites are 10."""

_B3DM, _I3DM, _GLB_CHUNK = struct.Struct("<4sIIIIII"), struct.Struct("<4sIIIIIII"), struct.Struct("<II")
_HEAD, _SUBTREE = struct.Struct("<4sII"), struct.Struct("<4sIQQ")


class Unsound(Exception):
    """A file is not what it says. ``args[0]``: what is wrong, in words."""


def parse(text: bytes) -> Any:
    """Read JSON.

    Raises:
        Unsound: it is none, or nested beyond measure.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise Unsound("is JSON that is nested too deeply") from error
    except ValueError as error:
        raise Unsound(f"is not JSON: {error}") from error


def parse_file(path: Path) -> Any:
    """Read a JSON file of at most ``LARGEST_JSON`` bytes.

    Raises:
        Unsound: it is too long, or no JSON.
    """
    if path.stat().st_size > LARGEST_JSON:
        raise Unsound(f"is longer than {LARGEST_JSON >> 20} MB")
    return parse(path.read_bytes())


def references(path: Path) -> list[str]:
    """Return the addresses that a content refers to, after checking its head.

    Args:
        path: a regular file with an ending of ``KINDS``, ``.gltf``, or ``.json`` for a subtree.

    Returns:
        Addresses as they stand there, those with their content inside (``data:``) left out.

    Raises:
        Unsound: the file is of another kind, or shorter than it says.
    """
    suffix = path.suffix.lower()
    if suffix in (".gltf", ".json"):
        return _addresses(parse_file(path))
    with path.open("rb") as file:
        return _binary(file, 0, path.stat().st_size, KINDS[suffix], 0)


def _binary(file: BinaryIO, start: int, end: int, magic: bytes, depth: int) -> list[str]:
    file.seek(start)
    head = file.read(32)
    if head[:4] != magic:
        raise Unsound(f"is not {magic.decode()}: it begins with {head[:4]!r}")
    try:
        if magic == b"subt":
            return _subtree(file, head, end)
        length = _HEAD.unpack_from(head)[2]
        if start + length > end:
            raise Unsound(f"is cut off: {end - start:,} of {length:,} bytes are there")
        end = start + length
        if magic == b"glTF":
            return _glb(file, start, end)
        if magic == b"b3dm":
            *_, a, b, c, d = _B3DM.unpack_from(head)
            return _binary(file, start + _B3DM.size + a + b + c + d, end, b"glTF", depth)
        if magic == b"i3dm":
            *_, a, b, c, d, inside = _I3DM.unpack_from(head)
            at = start + _I3DM.size + a + b + c + d
            return _binary(file, at, end, b"glTF", depth) if inside else [_text(file, at, end)]
        return _composite(file, start, end, depth) if magic == b"cmpt" else []
    except struct.error as error:
        raise Unsound("is cut off in its head") from error


def _composite(file: BinaryIO, start: int, end: int, depth: int) -> list[str]:
    file.seek(start + _HEAD.size)
    (count,) = struct.unpack("<I", file.read(4))
    if count > MOST_INNER or depth == 10:
        raise Unsound("holds too many tiles in one")
    at, found = start + 16, []
    for _ in range(count):
        file.seek(at)
        magic, _, length = _HEAD.unpack(file.read(_HEAD.size))
        if magic not in (b"b3dm", b"i3dm", b"pnts", b"cmpt") or length < _HEAD.size:
            raise Unsound(f"holds an inner tile that begins with {magic!r}")
        found += _binary(file, at, end, magic, depth + 1)
        at += length
    return found


def _glb(file: BinaryIO, start: int, end: int) -> list[str]:
    # Version 1 has the length of its JSON where 2 has that of its first chunk; then a format 0 or the chunk's kind.
    (version,), where = struct.unpack("<I", _at(file, start + 4, 4)), start + 20
    length, kind = _GLB_CHUNK.unpack(_at(file, start + 12, 8))
    if kind != (0 if version == 1 else int.from_bytes(b"JSON", "little")):
        raise Unsound("is a glb without JSON")
    if length > LARGEST_JSON or where + length > end:
        raise Unsound("is a glb whose JSON is longer than the file")
    return _addresses(parse(_at(file, where, length).rstrip(b"\x00 ")))


def _subtree(file: BinaryIO, head: bytes, end: int) -> list[str]:
    _, _, text, binary = _SUBTREE.unpack_from(head)
    if text > LARGEST_JSON or _SUBTREE.size + text + binary > end:
        raise Unsound(f"is cut off: {end:,} of {_SUBTREE.size + text + binary:,} bytes are there")
    return _addresses(parse(_at(file, _SUBTREE.size, text).rstrip(b"\x00 ")))


def _text(file: BinaryIO, start: int, end: int) -> str:
    try:
        return _at(file, start, min(end - start, 4096)).rstrip(b"\x00 ").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unsound("names its model in something else than UTF-8") from error


def _at(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _addresses(document: Any) -> list[str]:
    """Return every address in a glTF or subtree, wherever an extension has put it; remarks are left out."""
    if not isinstance(document, dict):
        raise Unsound("is JSON without an object")
    found, waiting = [], [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            for key, value in node.items():
                if key in ("uri", "schemaUri") and isinstance(value, str):
                    if not value.startswith("data:"):
                        found.append(value)
                elif key not in ("extras", "asset"):
                    waiting.append(value)
    return found
