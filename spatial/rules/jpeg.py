"""A JPEG without anything that is no picture: where it was taken, by which telephone, previews, remarks. Pure.

The browser has drawn the picture anew before it sends it, and this keeps of it nothing but the segments that a decoder
needs (ITU-T T.81, annex B). Nothing is decoded here; what is no well-formed JPEG is refused.
"""

from dataclasses import dataclass

from spatial.errors import InvalidInput

LONGEST_SIDE = 8192
"""Pixels; a page sends 2,048 at most."""

KEPT = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD})
"""Frames (baseline, extended, progressive), Huffman tables, quantization tables, restart interval."""

FRAMES = frozenset({0xC0, 0xC1, 0xC2})
LEFT_OUT = frozenset({*range(0xE0, 0xF0), 0xFE})
"""Application segments, where Exif, XMP, colour profiles and previews are, and remarks."""

JFIF = bytes.fromhex("ffe000104a46494600010100000100010000")
"""The one application segment of ours: version 1.01, square pixels, no preview."""

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA


@dataclass(frozen=True)
class Picture:
    """A JPEG with nothing but the picture. ``width``, ``height``: pixels."""

    data: bytes
    width: int
    height: int


def stripped(data: bytes) -> Picture:
    """Return a JPEG without metadata.

    Raises:
        InvalidInput: it is no well-formed JPEG, or larger than ``LONGEST_SIDE``.
    """
    if data[:2] != bytes((0xFF, SOI)):
        raise _refused("does not begin as a JPEG does")
    parts, place, size, scans = [data[:2], JFIF], 2, None, 0
    while True:
        marker, place = _marker(data, place)
        if marker == EOI:
            break
        length = int.from_bytes(data[place:place + 2], "big")
        if length < 2 or place + length > len(data):
            raise _refused("ends within a segment")
        segment = data[place - 2:place + length]
        if marker in FRAMES:
            if size is not None:
                raise _refused("holds more than one picture")
            size = _size(segment)
        if marker in KEPT:
            parts.append(segment)
        elif marker == SOS:
            if size is None:
                raise _refused("has no frame before its scan")
            end = _scan_end(data, place + length)
            parts.append(segment + data[place + length:end])
            scans, place = scans + 1, end
            continue
        elif marker not in LEFT_OUT:
            raise _refused(f"holds a segment of an unknown kind ({marker:02X})")
        place += length
    if not scans:
        raise _refused("holds no picture")
    # What comes after its end, as telephones append a film, is no part of it.
    return Picture(b"".join([*parts, bytes((0xFF, EOI))]), *size)


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """Return the marker at a place and where its segment's length stands; fill bytes before it are skipped."""
    if place >= len(data) or data[place] != 0xFF:
        raise _refused("is broken between two segments" if place < len(data) else "has no end")
    while place < len(data) and data[place] == 0xFF:
        place += 1
    if place >= len(data):
        raise _refused("has no end")
    return data[place], place + 1


def _size(segment: bytes) -> tuple[int, int]:
    if len(segment) < 10:
        raise _refused("has a broken frame")
    height, width = int.from_bytes(segment[5:7], "big"), int.from_bytes(segment[7:9], "big")
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        raise _refused(f"is {width} by {height} pixels; at most {LONGEST_SIDE} each way are taken")
    return width, height


def _scan_end(data: bytes, place: int) -> int:
    """Return where a scan's data end: at the first marker that is neither a stuffed byte nor a restart."""
    while (place := data.find(b"\xff", place)) >= 0 and place + 1 < len(data):
        following = data[place + 1]
        if following == 0 or 0xD0 <= following <= 0xD7:
            place += 2
        elif following == 0xFF:
            place += 1
        else:
            return place
    raise _refused("has no end")


def _refused(why: str) -> InvalidInput:
    return InvalidInput("The photograph cannot be taken.", [("photo", f"{why}")],
                        "Take it again; the page sends it as a JPEG.")
