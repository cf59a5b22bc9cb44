"""Many open live streams in one process, each message with the moment at which it came.

    python -m benchmarks.live_stream.clients URL --streams 1000 --out FILE

opens the streams, prints ``ready`` when each has had its snapshot, reads until its standard input is closed, writes
what came into FILE (numpy ``.npz``) and ends. One thread and epoll: beside a service on two cores it must cost little,
so that a message is not parsed but its number and kind are found, and one stream alone is kept in full.
"""

import contextlib
import json
import re
import selectors
import socket
import sys
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import click
import numpy as np

NUMBERED = re.compile(rb"id: (\d+)\nevent: ([a-z-]+)\n")
"""Head of a message that has a number: all but ``resync``."""

RESYNC = b"event: resync\n"

KINDS = ("snapshot", "alarm", "event", "device", "keeper", "task", "kpi", "warning", "tiles-changed", "heartbeat")
NUMBERS = {kind.encode(): number for number, kind in enumerate(KINDS)}
HEAD = 80
"""Bytes of which a head has fewer: so much of one reading is looked at again with the next."""

ACCEPTED = b"HTTP/1.1 200 "
"""Beginning of the answer to a stream that was opened; a refused one, such as 503 on a busy machine, is as good as
ended."""

LAST_CHUNK = b"\r\n0\r\n\r\n"
"""End of an answer in chunks: the server has ended the stream, while the connection stays for another request."""

RECEIVE = 1 << 18


@dataclass
class Received:
    """What one stream was told.

    Attributes:
        seqs: numbers of messages, in the order of their coming.
        kinds: index into ``KINDS`` of each.
        times: of each, seconds of ``time.monotonic``, the same clock in all processes of a machine.
        resyncs: how often it was told to begin anew.
        answered: whether the first bytes have come.
        ended: when the server closed or refused it; None while open.
        text: all bytes, of a stream that is kept in full.
    """

    seqs: array = field(default_factory=lambda: array("q"))
    kinds: array = field(default_factory=lambda: array("b"))
    times: array = field(default_factory=lambda: array("d"))
    resyncs: int = 0
    answered: bool = False
    ended: float | None = None
    text: list[bytes] | None = None
    _tail: bytes = b""
    _accepted: bool = False

    def take(self, data: bytes, now: float) -> None:
        """Note the messages in some bytes."""
        self.answered = True
        if not self._accepted:
            beginning = (self._tail + data)[:len(ACCEPTED)]
            if not ACCEPTED.startswith(beginning):
                self.ended = now
                return
            self._accepted = beginning == ACCEPTED
        if self.text is not None:
            self.text.append(data)
        known = self._tail.count(RESYNC)
        data = self._tail + data
        end = 0
        for found in NUMBERED.finditer(data):
            self.seqs.append(int(found[1]))
            self.kinds.append(NUMBERS[found[2]])
            self.times.append(now)
            end = found.end()
        self.resyncs += data.count(RESYNC) - known
        if data.endswith(LAST_CHUNK):
            self.ended = now
        self._tail = data[max(end, len(data) - HEAD):]

    @property
    def begun(self) -> bool:
        """Whether the snapshot has come."""
        return len(self.seqs) > 0


class Clients:
    """Open streams, read by whoever calls :meth:`read`.

    Args:
        url: origin of the service.
        count: streams.
        headers: more lines of each request, such as a cookie.
        at_once: streams that may wait for their snapshot at the same time.
    """

    def __init__(self, url: str, count: int, headers: tuple[str, ...] = (), at_once: int = 50) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname, parts.port)
        lines = ("GET /api/live HTTP/1.1", f"Host: {parts.netloc}", "Accept: text/event-stream", *headers, "", "")
        self._request = "\r\n".join(lines).encode()
        self._selector = selectors.DefaultSelector()
        self._at_once = at_once
        self.received = [Received() for _ in range(count)]
        self.received[0].text = []
        self._unopened: Iterator[Received] = iter(self.received)
        self._beginning: set[int] = set()
        self._open()

    @property
    def ready(self) -> bool:
        """Whether every stream has had its snapshot, or has ended."""
        return all(each.begun or each.ended is not None for each in self.received)

    def _open(self) -> None:
        while len(self._beginning) < self._at_once and (stream := next(self._unopened, None)) is not None:
            connection = socket.create_connection(self._address, timeout=10)
            connection.sendall(self._request)
            connection.setblocking(False)
            self._selector.register(connection, selectors.EVENT_READ, stream)
            self._beginning.add(id(stream))

    def read(self, seconds: float) -> None:
        """Read what comes, for at most some seconds without anything."""
        for key, _ in self._selector.select(seconds):
            stream: Received = key.data
            try:
                data = key.fileobj.recv(RECEIVE)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            now = time.monotonic()
            if data:
                stream.take(data, now)
            if not data or stream.ended is not None:
                stream.ended = stream.ended or now
                self._selector.unregister(key.fileobj)
                key.fileobj.close()
            if id(stream) in self._beginning and (stream.begun or stream.ended is not None):
                self._beginning.discard(id(stream))
                self._open()

    def close(self) -> None:
        """Close every stream."""
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()


def messages(text: bytes) -> Iterator[tuple[int | None, str, dict]]:
    """Yield number, name and data of the messages in a stream's bytes, its HTTP chunks included."""
    body = bytearray()
    rest = text.partition(b"\r\n\r\n")[2]
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        with contextlib.suppress(ValueError):
            length = int(size, 16)
            body += rest[:length]
            rest = rest[length + 2:]
    for block in bytes(body).decode(errors="ignore").split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines())
        if "event" in fields and fields.get("data", "").endswith("}"):
            with contextlib.suppress(ValueError):
                yield (int(fields["id"]) if "id" in fields else None, fields["event"], json.loads(fields["data"]))


def save(path: Path, clients: Clients) -> None:
    """Write what came: of all messages ``stream``, ``seq``, ``kind``, ``time``; of each stream the rest."""
    received = clients.received
    np.savez(
        path,
        stream=np.repeat(np.arange(len(received)), [len(each.seqs) for each in received]),
        seq=np.concatenate([np.frombuffer(each.seqs, np.int64) for each in received if each.seqs]),
        kind=np.concatenate([np.frombuffer(each.kinds, np.int8) for each in received if each.kinds]),
        time=np.concatenate([np.frombuffer(each.times, float) for each in received if each.times]),
        resyncs=np.array([each.resyncs for each in received]),
        ended=np.array([np.nan if each.ended is None else each.ended for each in received]),
        text=np.frombuffer(b"".join(received[0].text), np.uint8),
    )


@click.command()
@click.argument("url")
@click.option("--streams", type=click.IntRange(1, 5000), default=1000)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(url: str, streams: int, out: Path) -> None:
    """Open streams of a service, read until standard input ends, write what came."""
    clients = Clients(url, streams)
    told = False
    ended = selectors.DefaultSelector()
    ended.register(sys.stdin, selectors.EVENT_READ)
    while not (told and ended.select(0) and not sys.stdin.readline()):
        clients.read(0.05)
        if not told and clients.ready:
            click.echo("ready")
            told = True
    clients.close()
    save(out, clients)


if __name__ == "__main__":
    main()
