"""One POST: to the checked address, within its time, and no further."""

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.webmap.webhooks.receiver import Receiver, receiving, status
from webmap.webhooks.hosts import Origin
from webmap.webhooks.send import Outcome, post


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def leading_to(*addresses: str) -> Callable[..., Any]:
    """Return a resolver whose every name leads to some addresses."""
    return lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]


def send(receiver: Receiver, **options: Any) -> Outcome:
    return post(Origin("http", "127.0.0.1", receiver.port), "/in?a=1", b"{}", {"X": "y"}, **options)


def test_a_body_arrives_as_it_was_sent_and_a_2xx_confirms_it(receiver: Receiver) -> None:
    receiver.answers = [status(202)]
    assert send(receiver) == Outcome(True, "HTTP 202")
    [got] = receiver.got
    assert (got.path, got.body, got.headers["x"], got.headers["host"]) == (
        "/in?a=1", b"{}", "y", f"127.0.0.1:{receiver.port}")


def test_a_redirect_is_a_failure_and_its_target_hears_nothing(receiver: Receiver) -> None:
    with receiving() as other:
        for number in (301, 302, 307, 308):
            receiver.answers = [status(number, Location=f"http://127.0.0.1:{other.port}/")]
            found = send(receiver)
            assert (found.ok, found.text) == (False, f"HTTP {number}: redirects are not followed")
        assert other.got == []


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send(receiver).ok
        assert (len(receiver.got), len(proxy.got)) == (1, 0)


def test_a_name_that_now_leads_inside_is_not_called(receiver: Receiver) -> None:
    partner = Origin("https", "partner.example", receiver.port)
    found = post(partner, "/", b"", {}, resolve=leading_to("127.0.0.1", "10.0.0.7", "169.254.169.254"))
    assert not found.ok
    assert "127.0.0.1, 10.0.0.7" in found.text
    # An answer of both kinds leads to the permitted one alone: nothing listens there, and the receiver hears nothing.
    inside = Origin("http", "exchange.intra", receiver.port, private=True)
    post(inside, "/", b"", {}, resolve=leading_to("127.0.0.1", "192.0.2.1"), timeout_s=0.1)
    assert receiver.got == []


def test_the_connection_goes_to_the_address_that_was_checked(receiver: Receiver) -> None:
    asked = []

    def changing(host: str, port: int, **options: Any) -> Any:
        asked.append(host)
        return leading_to("127.0.0.1" if len(asked) == 1 else "10.0.0.1")(host, port)

    assert post(Origin("http", "localhost", receiver.port), "/", b"", {}, resolve=changing).ok
    assert asked == ["localhost"]
    assert receiver.got[0].headers["host"] == f"localhost:{receiver.port}"


def test_a_receiver_that_is_slow_or_answers_drop_by_drop_is_left_in_time(receiver: Receiver) -> None:
    def dripping(handler: Any) -> None:
        for _ in range(40):
            handler.wfile.write(b"HTTP/1.1 2"[:1])
            handler.wfile.flush()
            time.sleep(0.05)

    for answer in (lambda handler: time.sleep(1), dripping):
        receiver.answers = [answer]
        started = time.monotonic()
        assert send(receiver, timeout_s=0.3) == Outcome(False, "no answer within 0.3 s")
        assert time.monotonic() - started < 0.8


@pytest.mark.parametrize("answer", [b"", b"\x16\x03\x01", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 " + b"x" * 100_000])
def test_an_answer_that_is_none_is_a_failure(receiver: Receiver, answer: bytes) -> None:
    receiver.answers = [lambda handler: handler.wfile.write(answer)]
    found = send(receiver)
    assert not found.ok
    assert found.text.startswith("the connection failed")


def test_nobody_there_and_a_name_that_does_not_exist_are_failures(receiver: Receiver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        assert "ConnectionRefusedError" in post(Origin("http", "127.0.0.1", port), "/", b"", {}).text

    def nothing(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "not known")

    assert post(Origin("https", "partner.example", 443), "/", b"", {}, resolve=nothing) == Outcome(
        False, "the name cannot be resolved (gaierror)")


def test_a_certificate_must_be_trusted_and_the_hosts_own(
        certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(certificate=certificate) as sealed:
        origin, other = (Origin("https", host, sealed.port) for host in ("127.0.0.1", "localhost"))
        assert "SSLCertVerificationError" in post(origin, "/", b"", {}).text
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert post(origin, "/", b"{}", {}).ok
        assert "SSLCertVerificationError" in post(other, "/", b"", {}, resolve=leading_to("127.0.0.1")).text
        assert len(sealed.got) == 1
