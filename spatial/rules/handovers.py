"""Handovers (交接快照): what can be frozen, and what a picture may be."""

KINDS = ("alarm", "picture")
"""One alarm with its dossier, or the whole picture."""

PICTURE_BYTES = 1_200_000
"""Largest picture, in bytes."""

_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def media_type(picture: bytes) -> str | None:
    """Return the media type of a picture by its first bytes; None for anything but WebP, PNG and JPEG."""
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "image/webp"
    return next((name for beginning, name in _BEGINNINGS.items() if picture.startswith(beginning)), None)
