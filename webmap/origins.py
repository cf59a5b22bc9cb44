"""Origins (scheme, host and port) that an administrator lists on the machine itself.

A list lies in a file of the data directory and not in the database, so that nothing that comes in by HTTP can lengthen
it. There are one for webhooks (``webmap/webhooks/hosts.py``) and one for cameras (``webmap/cameras/hosts.py``).
"""

import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from spatial.errors import ShapanError

PORTS = {"https": 443, "http": 80}
LOOPBACK_NAME = "localhost"
PRIVATE = "private"
"""Word behind an origin whose name may lead to private addresses."""

LONGEST_URL = 500

NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?",
                  re.ASCII)

TUNNELS = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")))
"""IPv6 addresses that carry one of IPv4 (NAT64, Teredo, 6to4): who answers is somebody else than it seems."""

Address = IPv4Address | IPv6Address


class BadOrigin(ShapanError):
    """A scheme, host or port that nothing here may go to."""


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port, and whether a name may lead to private addresses."""

    scheme: str
    host: str
    port: int
    private: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def same(self, other: "Origin") -> bool:
        """Tell whether two are the same but for what their names may lead to."""
        return str(self) == str(other)

    def permits(self, address: Address) -> bool:
        """Tell whether a connection to this origin may go to an address that its name leads to.

        A literal address is itself and no other. The machine itself must be called by its own name or address.
        Unencrypted, nothing leaves private networks.
        """
        address = getattr(address, "ipv4_mapped", None) or address
        literal = literal_address(self.host)
        if literal is not None:
            return address == literal
        if address.is_loopback or self.host == LOOPBACK_NAME:
            return address.is_loopback and self.host == LOOPBACK_NAME
        if _never(address):
            return False
        return self.private if address.is_private else self.scheme == "https" and address.is_global


def literal_address(host: str) -> Address | None:
    """Return the address that a host is written as; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _never(address: Address) -> bool:
    return (address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
            or any(address in tunnel for tunnel in TUNNELS))


def parse_origin(text: str, *, private: bool = False) -> Origin:
    """Return an origin as an administrator writes it: ``partner.example``, ``https://partner.example:8443``.

    Raises:
        BadOrigin: it is something else, or an address that is never allowed.
    """
    parts = _split(text if "://" in text else f"https://{text}")
    if parts.path not in ("", "/") or parts.query:
        raise BadOrigin(f"{text[:200]!r} is more than scheme, host and port.", "Write https://partner.example:8443.")
    origin = _origin(parts, private)
    literal = literal_address(origin.host)
    if literal is not None and (_never(literal) and not literal.is_loopback or getattr(literal, "ipv4_mapped", None)):
        raise BadOrigin(f"{origin.host} is no address of a single host that could be meant.", "Write its own address.")
    inside = literal.is_private or literal.is_loopback if literal else private or origin.host == LOOPBACK_NAME
    if origin.scheme == "http" and not inside:
        raise BadOrigin(f"{origin} would be unencrypted.",
                        "Write https://, or add --private if the name leads to private addresses only.")
    return origin


def parse_url(text: str, longest: int = LONGEST_URL) -> tuple[Origin, str]:
    """Return the origin of an address, and what is asked there: path and query.

    Raises:
        BadOrigin: it is no address that could be called, or carries an account.
    """
    if len(text) > longest:
        raise BadOrigin(f"The address has {len(text)} characters.", f"{longest} are the most.")
    parts = _split(text)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _origin(parts, private=False), target


def _split(text: str) -> SplitResult:
    # urlsplit drops tabs and line breaks, and a backslash is a slash to some: none is in an address that is meant.
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise BadOrigin("The address holds blanks, control characters or letters beyond ASCII.",
                        "Write names in Punycode and other characters percent-encoded.")
    try:
        return urlsplit(text)
    except ValueError as error:
        raise BadOrigin(f"The address cannot be read: {error}.", "Write https://host/path.") from error


def _origin(parts: SplitResult, private: bool) -> Origin:
    try:
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise BadOrigin(f"The address cannot be read: {error}.", "Write a port from 1 to 65535.") from error
    if parts.scheme not in PORTS:
        raise BadOrigin(f"The address begins with {parts.scheme[:20]!r}.", "Only https, and http inside, are called.")
    if "@" in parts.netloc:
        raise BadOrigin("The address carries an account.", "Leave user and password away.")
    if parts.fragment:
        raise BadOrigin("The address has a part behind #, which is never sent.", "Leave it away.")
    literal = literal_address(host)
    if literal is None and not NAME.fullmatch(host):
        raise BadOrigin(f"{host[:200]!r} is no host.", "Write https://host/path.")
    if literal is None and host.rpartition(".")[2].isdigit():
        # 127.1 and 2130706433 are numbers that some resolvers take for addresses.
        raise BadOrigin(f"{host[:200]!r} is neither a name nor a whole address.", "Write the address in full.")
    if port == 0:
        raise BadOrigin("The address has port 0.", "Write a port from 1 to 65535.")
    return Origin(parts.scheme, str(literal) if literal else host, port or PORTS[parts.scheme], private)


def load(path: Path) -> list[Origin]:
    """Return the list in a file; empty where no administrator has written one."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="ascii").splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            found.append(parse_origin(words[0], private=PRIVATE in words[1:]))
    return found


def save(path: Path, origins: Iterable[Origin]) -> None:
    """Write the list, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{origin}{' ' + PRIVATE if origin.private else ''}\n" for origin in sorted(origins, key=str)]
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise


def added(before: Iterable[Origin], new: Iterable[Origin]) -> list[Origin]:
    """Return a list with some origins more, each once."""
    new = list(new)
    return [one for one in before if not any(one.same(other) for other in new)] + new


def without(before: Iterable[Origin], gone: Iterable[Origin], see: str) -> list[Origin]:
    """Return a list without some origins; ``see`` is the command that shows it.

    Raises:
        BadOrigin: one of them does not stand in it.
    """
    before, gone = list(before), list(gone)
    for origin in gone:
        if not any(one.same(origin) for one in before):
            raise BadOrigin(f"{origin} is not on the list.", f"See it with: {see}")
    return [one for one in before if not any(one.same(origin) for origin in gone)]
