"""Whether a page may play a camera's stream, and with what: by its address and the list of hosts."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from webmap import origins
from webmap.origins import BadOrigin, Origin

LONGEST_URL = 2000

PLAYABLE = ("http", "https")
OTHERS = ("rtsp", "rtsps", "rtmp", "ws", "wss")


@dataclass(frozen=True)
class Stream:
    """What a page is told of a stream.

    Attributes:
        state: ``playable``; or why not: ``none`` (no address on record), ``unreadable``, ``credentials`` (it carries a
            user and a password), ``scheme`` (no browser plays it), ``not_listed``.
        player: ``hls`` or ``flv``; None where nothing is played.
        url: address for the player; None where nothing is played.
        origin: scheme, host and port, never more; None where they cannot be told.
    """

    state: str
    player: str | None = None
    url: str | None = None
    origin: str | None = None


def judge(url: str | None, listed: Iterable[Origin]) -> Stream:
    """Tell whether a stream may be played, and by what.

    Args:
        url: as it stands on record.
        listed: origins from which pages may play.
    """
    if url is None:
        return Stream("none")
    try:
        parts = urlsplit(url)
    except ValueError:
        return Stream("unreadable")
    if "@" in parts.netloc:
        return Stream("credentials")
    if parts.scheme in OTHERS:
        return Stream("scheme", origin=f"{parts.scheme}://{parts.netloc}"[:300])
    try:
        origin, _ = origins.parse_url(url, LONGEST_URL)
    except BadOrigin:
        return Stream("unreadable")
    if not any(one.same(origin) for one in listed):
        return Stream("not_listed", origin=str(origin))
    return Stream("playable", _player(parts.path.lower()), url, str(origin))


def _player(path: str) -> str:
    """Return what plays a path: gateways say ``.flv`` at the end of HTTP-FLV; everything else is HLS."""
    return "flv" if path.endswith(".flv") else "hls"
