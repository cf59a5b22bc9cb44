"""The reading clients of the live benchmark count each message once, however the network cuts it."""

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.live_stream.clients import KINDS, Received, messages

TOLD = [(3, "snapshot"), (4, "alarm"), (None, "resync"), (9, "snapshot"), (9, "heartbeat"), (10, "tiles-changed"),
        (None, "resync"), (12, "snapshot")]


def chunked(*events: tuple[int | None, str]) -> bytes:
    text = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for seq, name in events:
        number = "" if seq is None else f"id: {seq}\n"
        body = f'{number}event: {name}\ndata: {{"note":"火警 id: 7\\nevent: alarm"}}\n\n'.encode()
        text += f"{len(body):x}\r\n".encode() + body + b"\r\n"
    return text


@given(st.sets(st.integers(1, len(chunked(*TOLD)) - 1)))
def test_messages_are_counted_once_wherever_they_are_cut(cuts: set[int]) -> None:
    text, received = chunked(*TOLD), Received(text=[])
    ends = [*sorted(cuts), len(text)]
    for start, end in zip([0, *ends], ends, strict=False):
        received.take(text[start:end], float(end))
    assert [(seq, KINDS[kind]) for seq, kind in zip(received.seqs, received.kinds, strict=True)] == [
        (seq, name) for seq, name in TOLD if seq is not None]
    assert received.resyncs == 2
    assert received.ended is None
    assert [(seq, name) for seq, name, _ in messages(b"".join(received.text))] == TOLD


def test_the_end_of_an_answer_is_the_end_of_the_stream() -> None:
    received = Received()
    received.take(chunked(*TOLD) + b"0\r\n\r\n", 5.0)
    assert received.ended == 5.0
