"""Raster base maps (栅格底图) that an administrator configures, such as Tianditu: what an address of tiles may say.

A template is the address of a tile with ``{z}``, ``{x}`` and ``{y}``. ``{switch:0,1,2}`` stands for hosts that have the
same tiles. Several templates, one drawn on the other, stand apart by spaces: a picture, and the names on it.

Templates hold keys. They are written to the page of whoever may see the map, whose browser asks for the tiles, and
nowhere else: no message here repeats one.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MOST = 4
"""Layers of one base map."""

DATUMS = ("cgcs2000", "gcj02")
"""Where its tiles have a place: where it is (CGCS2000, WGS 84), or moved as public Chinese maps are."""

_SWITCH = re.compile(r"\{switch:([A-Za-z0-9,-]+)\}")
_NAMES = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
_FORM = "such as https://tiles.example/{z}/{x}/{y}.png"


@dataclass(frozen=True)
class BaseTiles:
    """The layers of a raster base map, from below.

    Attributes:
        layers: addresses of each layer's tiles, alike but for their hosts.
    """

    layers: tuple[tuple[str, ...], ...] = field(repr=False)

    @property
    def origins(self) -> tuple[str, ...]:
        """Scheme, host and port of every address, each once."""
        return tuple(dict.fromkeys(_origin(address) for addresses in self.layers for address in addresses))


def read(text: str) -> BaseTiles:
    """Return the base map of a setting.

    Raises:
        ValueError: it cannot be used; the message holds the cure and nothing of the text, which may hold a key.
    """
    templates = text.split()
    if not 1 <= len(templates) <= MOST:
        raise ValueError(f"write one to {MOST} addresses of tiles with spaces between, {_FORM}")
    return BaseTiles(tuple(_addresses(template, number) for number, template in enumerate(templates, 1)))


def _addresses(template: str, number: int) -> tuple[str, ...]:
    which = f"address {number}"
    switches = _SWITCH.findall(template)
    if len(switches) > 1:
        raise ValueError(f"{which} has more than one {{switch:…}}; write one")
    addresses = [_SWITCH.sub(name, template, count=1) for name in switches[0].split(",")] if switches else [template]
    for address in addresses:
        names = _NAMES.findall(address)
        if sorted(names) != ["x", "y", "z"] or "{" in _NAMES.sub("", address) or "}" in _NAMES.sub("", address):
            raise ValueError(f"{which} must have {{z}}, {{x}} and {{y}}, each once, and no other braces, {_FORM}")
        _origin(address, which)
    return tuple(addresses)


def _origin(address: str, which: str = "the address") -> str:
    """Return the origin of an address the way a content security policy names it."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"{which} is no web address; write one {_FORM}") from None
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host) or "{" in parts.netloc:
        raise ValueError(f"{which} must begin with https:// or http:// and the name of a host, {_FORM}")
    if parts.username is not None or parts.fragment:
        raise ValueError(f"{which} has an account or a fragment, which no browser would send; leave it out")
    # No character that could end a source of the policy, or its whole list.
    if not address.isascii() or any(sign in address for sign in "\"'<>\\^`|"):
        raise ValueError(f"{which} has characters that must be written as %XX; write these so")
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def datum(text: str) -> str:
    """Return one of ``DATUMS``.

    Raises:
        ValueError: none of them.
    """
    if text not in DATUMS:
        raise ValueError("write cgcs2000 (also for WGS 84) or gcj02")
    return text


def words(text: str) -> str:
    """Return a name or an attribution as it is shown.

    Raises:
        ValueError: too long for a line, or with characters that cannot be seen.
    """
    stripped = text.strip()
    if not 1 <= len(stripped) <= 120 or not stripped.isprintable():
        raise ValueError("write 1 to 120 characters on one line")
    return stripped
