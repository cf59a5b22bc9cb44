"""Gives up connections whose other end is gone or does not read (半开连接).

A stream holds a thread for as long as it is open, and a write to a client that does not read waits for ever: neither
TCP nor the server limits it. The kernel can: connections inherit the options of the socket that they came in by.
"""

import socket
import threading
import time
from pathlib import Path

import structlog

log = structlog.get_logger()

UNREAD_S = 20
"""How long the other end may leave what was sent to it unacknowledged, or its window shut. Longer than a page waits
before it opens another stream, shorter than a person waits for a tile."""

UNSENT_BYTES = 256 * 1024
"""How much the kernel takes from us for a client before it has sent it: it took 4 MB for each that did not read."""

IDLE_S = 60
"""Silence after which a connection is asked whether it is there."""

LISTENS_WITHIN_S = 30.0


def limit_silence(unread_s: int = UNREAD_S) -> None:
    """Set the limits on every socket that this process listens on, as soon as there is one.

    The server makes its socket after it has loaded the application, and has no setting for them.

    Args:
        unread_s: see :data:`UNREAD_S`.
    """
    threading.Thread(target=_wait_and_limit, args=(unread_s,), name="sockets", daemon=True).start()


def _wait_and_limit(unread_s: int) -> None:
    end = time.monotonic() + LISTENS_WITHIN_S
    while not (found := listening()) and time.monotonic() < end:
        time.sleep(0.02)
    if not found:
        log.warning("no listening socket was found: clients that do not read will hold their streams")
    for listener in found:
        with listener:
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, unread_s * 1000)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, IDLE_S)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, unread_s // 2))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def listening() -> list[socket.socket]:
    """Return the TCP sockets that this process listens on, as duplicates that the caller closes."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            if not entry.readlink().name.startswith("socket:"):
                continue
            one = socket.fromfd(int(entry.name), socket.AF_INET, socket.SOCK_STREAM)
        except OSError:
            continue  # closed meanwhile
        if (one.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN) in (socket.AF_INET, socket.AF_INET6)
                and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)):
            found.append(one)
        else:
            one.close()
    return found
