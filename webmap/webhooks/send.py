"""One POST to a listed host: to an address that was checked, within five seconds, and no further.

No proxy of the environment is used, no redirect followed, and of the answer only the status is read.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

from webmap.webhooks.hosts import Origin

TIMEOUT_S = 5.0

Resolve = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. ``text``: for administrators; holds nothing that the receiver wrote.

    ``gone``: the receiver says that it wants no more (410).
    """

    ok: bool
    text: str
    gone: bool = False


def post(origin: Origin, target: str, body: bytes, headers: dict[str, str], *, timeout_s: float = TIMEOUT_S,
         resolve: Resolve = socket.getaddrinfo) -> Outcome:
    """Send a body and return how it ended; whatever the other side does, nothing is raised.

    Args:
        origin: as it stands in the list.
        target: path and query.
        body, headers: what is sent.
        timeout_s: for all of it, from the connection on.
        resolve: asks for the addresses of a name.
    """
    try:
        found = resolve(origin.host, origin.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return Outcome(False, f"the name cannot be resolved ({type(error).__name__})")
    addresses = list(dict.fromkeys(entry[4][0] for entry in found))
    allowed = [address for address in addresses if origin.permits(ip_address(address.partition("%")[0]))]
    if not allowed:
        return Outcome(False, f"the name leads to {', '.join(addresses[:3])}, where webhooks may not go")
    late = threading.Event()
    try:
        with _connected(origin, allowed[0], timeout_s, late) as connection:
            connection.request("POST", target, body, headers)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        if late.is_set() or isinstance(error, TimeoutError):
            return Outcome(False, f"no answer within {timeout_s:g} s")
        return Outcome(False, f"the connection failed ({type(error).__name__})")
    return _outcome(status)


def _outcome(status: int) -> Outcome:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(True, f"HTTP {status}")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Outcome(False, f"HTTP {status}: redirects are not followed")
    return Outcome(False, f"HTTP {status}", gone=status == HTTPStatus.GONE)


@contextmanager
def _connected(origin: Origin, address: str, timeout_s: float, late: threading.Event,
               ) -> Iterator[http.client.HTTPConnection]:
    """Yield a connection whose socket goes to this address and is shut when the time is over."""
    plain = socket.create_connection((address, origin.port), timeout_s)
    # Shut through a handle of its own: a receiver that sends a byte now and then would never run into a timeout.
    handle = plain.dup()

    def shut() -> None:
        late.set()
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(timeout_s, shut)
    timer.daemon = True
    timer.start()
    try:
        if origin.scheme == "https":
            context = ssl.create_default_context()
            with plain, context.wrap_socket(plain, server_hostname=origin.host) as sealed:
                connection = http.client.HTTPSConnection(origin.host, origin.port, timeout=timeout_s, context=context)
                connection.sock = sealed
                yield connection
        else:
            with plain:
                connection = http.client.HTTPConnection(origin.host, origin.port, timeout=timeout_s)
                connection.sock = plain
                yield connection
    finally:
        timer.cancel()
        handle.close()
