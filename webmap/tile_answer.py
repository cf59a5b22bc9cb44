"""The head of a tile's answer, the same before and behind Flask's routing."""

from functools import lru_cache

from tiles.server import Answer
from webmap.guard import HEADERS

MIMETYPE = "application/vnd.mapbox-vector-tile"

Head = list[tuple[str, str]]

_COMMON: Head = [*HEADERS, ("Vary", "Accept-Encoding")]
_KEPT: Head = [*_COMMON, ("Cache-Control", "private, no-cache")]
_NOT_KEPT: Head = [*_COMMON, ("Cache-Control", "no-store")]


def unchanged(etag: str) -> Head:
    """Return the head of a 304: the browser's tile is the one of now, and no tile was looked at."""
    return [*_KEPT, ("ETag", f'W/"{etag}"'), ("X-Cache", "REVALIDATED"), ("Server-Timing", "cache;desc=revalidated")]


def head(answer: Answer, *, gzip: bool) -> tuple[str, Head, bytes]:
    """Return status, head and body of a tile's answer.

    Args:
        answer: the tile and how it came about.
        gzip: whether the client takes it.
    """
    tile = answer.tile
    timing = "cache;desc=hit" if answer.how == "HIT" else (
        f"db;dur={answer.database_s * 1000:.2f}, encode;dur={answer.encode_s * 1000:.2f}")
    lines = [*(_KEPT if answer.etag else _NOT_KEPT), ("X-Cache", answer.how), ("Server-Timing", timing)]
    if answer.etag:
        # Weak, because it stands for the bytes with and without gzip.
        lines.append(("ETag", f'W/"{answer.etag}"'))
    if not tile.body:
        return "204 NO CONTENT", lines, b""
    body = tile.body
    if tile.encoded and gzip:
        lines.append(("Content-Encoding", "gzip"))
    elif tile.encoded:
        body = tile.plain()
    return "200 OK", [*lines, ("Content-Type", MIMETYPE), ("Content-Length", str(len(body)))], body


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str) -> bool:
    """Tell whether an Accept-Encoding header takes gzip (RFC 9110, 12.5.3): by its own name, else by ``*``."""
    taken = {}
    for word in accept_encoding.lower().split(","):
        name, _, parameters = word.partition(";")
        quality = parameters.strip().removeprefix("q=")
        taken[name.strip()] = not quality or quality.strip("0.") != ""
    return taken.get("gzip", taken.get("*", False))


def matches(if_none_match: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names a tag, by the weak comparison (RFC 9110, 13.1.2)."""
    return if_none_match.strip() == "*" or f'"{etag}"' in if_none_match
