"""Webhooks from the feed to a receiver on loopback: in order, at least once, signed, whatever goes wrong."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from spatial import outbox
from spatial.cipher import from_file
from spatial.queries import changes
from spatial.queries import webhooks as queries
from spatial.rules import webhooks as rules
from spatial.types import Scope
from tests.fixtures.databases import OwnDatabase
from tests.fixtures.homes import REPOSITORY
from tests.fixtures.objects import COMMUNITY, GRID, OTHER_COMMUNITY, OTHER_GRID
from tests.fixtures.waiting import until
from tests.webmap.webhooks.receiver import Receiver, receiving, status
from webmap.webhooks import delivery, hosts, signature
from webmap.webhooks.commands import webhooks
from webmap.webhooks.send import post

SECRET = signature.new_secret()


class Feed:
    """A database with webhooks to one receiver, and whatever delivers them."""

    def __init__(self, database: OwnDatabase, receiver: Receiver) -> None:
        self.database, self.receiver = database, receiver
        self.home = database.settings.home
        self.cipher = from_file(database.settings.key_file)
        self.connection = database.connect("worker", autocommit=True)
        self.url = f"http://127.0.0.1:{receiver.port}/in"
        hosts.save(self.home, [hosts.parse_url(self.url)[0]])
        self._running: list[tuple[threading.Event, threading.Thread]] = []

    def hook(self, *kinds: str, scope: Scope | None = None, after: int | None = 0) -> int:
        """Put a webhook on record."""
        return queries.make(self.connection, self.url, list(kinds or ("alarm",)), self.cipher.seal(SECRET), "test",
                            scope or Scope.everything(), after)

    def put(self, *names: str, grid: str = GRID, kind: str = "alarm") -> None:
        """Write changes and number them."""
        for name in names:
            outbox.append(self.connection, kind, name, grid[:12], grid, {"name": name})
        while outbox.stamp(self.connection):
            pass

    def deliver(self) -> psycopg.Connection:
        """Start delivering; return the connection that holds the lock."""
        stop, connection = threading.Event(), self.database.connect("worker", autocommit=True)
        thread = threading.Thread(target=self._run, args=(connection, stop))
        thread.start()
        self._running.append((stop, thread))
        return connection

    def _run(self, connection: psycopg.Connection, stop: threading.Event) -> None:
        try:
            delivery.run(connection, stop, self.home, self.cipher)
        except psycopg.Error:
            assert connection.closed

    def end(self) -> None:
        """Stop delivering."""
        while self._running:
            stop, thread = self._running.pop()
            stop.set()
            thread.join()

    def state(self, hook: int) -> queries.Webhook:
        """Return a webhook as it is on record."""
        return next(one for one in queries.every(self.connection) if one.id == hook)

    @property
    def objects(self) -> list[str]:
        """What arrived, in order."""
        return [name for received in self.receiver.got for name in received.objects]


@pytest.fixture
def feed(database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    monkeypatch.setattr(rules, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(delivery, "PAUSE_S", 0.02)
    monkeypatch.setattr(delivery, "LOCK_AGAIN_S", 0.05)
    with receiving() as receiver:
        made = Feed(database, receiver)
        yield made
        made.end()
        made.receiver.close()


def manual() -> Callable[..., bool]:
    """Return the function that the manual gives to receivers."""
    text = (REPOSITORY / "docs/exchange.md").read_text()
    names: dict[str, Any] = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], names)
    return names["verify"]


def test_changes_arrive_in_order_in_messages_that_the_manuals_code_verifies(feed: Feed) -> None:
    hook = feed.hook("alarm", "warning", scope=Scope((GRID,)))
    feed.put(*map(str, range(130)))
    feed.put("theirs", grid=OTHER_GRID)
    feed.put("other", kind="event")
    outbox.append_widely(feed.connection, "warning", "w", [COMMUNITY, OTHER_COMMUNITY], {})
    outbox.append_widely(feed.connection, "warning", "far", [OTHER_COMMUNITY], {})
    feed.put("last")
    feed.deliver()
    until(lambda: feed.state(hook).cursor == 135)
    assert feed.objects == [*map(str, range(130)), "w", "last"]
    assert [len(received.objects) for received in feed.receiver.got] == [100, 32]
    verify = manual()
    for received in feed.receiver.got:
        assert verify(SECRET, received.headers, received.body)
        assert not verify(SECRET, received.headers, received.body + b" ")
        assert not verify(signature.new_secret(), received.headers, received.body)
        assert not verify(SECRET, {**received.headers, "webhook-id": "msg_other"}, received.body)
        old = str(int(received.headers["webhook-timestamp"]) - 301)
        assert not verify(SECRET, {**received.headers, "webhook-timestamp": old}, received.body)
    first, second = (json.loads(received.body)["data"] for received in feed.receiver.got)
    assert (first["after"], first["next"], second["after"], second["next"], second["gap"]) == (0, 100, 100, 135, False)
    assert feed.state(hook).last_outcome == "HTTP 204"
    feed.put("later")
    until(lambda: feed.objects[-1] == "later")


def test_the_example_of_the_specification_has_the_signature_that_it_says() -> None:
    # Test vector of the reference libraries (standard-webhooks, libraries/python/tests).
    assert signature.sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                          b'{"test": 2432232314}') == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_that_fails_is_tried_again_under_its_number_until_it_is_confirmed(
        feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "post", partial(post, timeout_s=0.2))
    hook = feed.hook()
    feed.receiver.answers = [status(500), status(302, Location="/elsewhere"), lambda handler: time.sleep(0.4),
                             status(400)]
    feed.put("a", "b")
    feed.deliver()
    until(lambda: len(feed.receiver.got) == 2)
    feed.put("c")
    until(lambda: feed.state(hook).cursor == 3)
    assert [received.objects for received in feed.receiver.got] == [["a", "b"]] * 5 + [["c"]]
    assert len({(received.id, received.body) for received in feed.receiver.got}) == 2
    assert (feed.state(hook).attempts, feed.state(hook).failing_since) == (0, None)


def test_a_receiver_that_is_down_gets_everything_when_it_is_back(feed: Feed) -> None:
    hook = feed.hook()
    feed.receiver.close()
    feed.put("a")
    feed.deliver()
    until(lambda: feed.state(hook).attempts >= 3)
    found = feed.state(hook)
    assert (found.state, found.last_outcome) == ("active", "the connection failed (ConnectionRefusedError)")
    assert found.failing_since is not None
    feed.put("b")
    feed.receiver = Receiver(feed.receiver.port)
    until(lambda: feed.state(hook).cursor == 2)
    assert feed.objects == ["a", "b"]


def test_one_slow_receiver_keeps_no_other_waiting(feed: Feed) -> None:
    released = threading.Event()
    feed.receiver.answers = [lambda handler: released.wait(5)]
    feed.hook()
    feed.put("a")
    feed.deliver()
    until(lambda: feed.receiver.got)
    other = feed.hook()
    until(lambda: feed.state(other).cursor == 1)
    released.set()


def test_a_host_that_is_taken_off_the_list_gets_nothing_more(feed: Feed) -> None:
    hook = feed.hook()
    hosts.save(feed.home, [])
    feed.put("a")
    feed.deliver()
    until(lambda: feed.state(hook).attempts)
    assert "not on the list" in feed.state(hook).last_outcome
    assert feed.receiver.got == []


def test_a_webhook_that_is_deleted_while_its_message_is_under_way_hears_no_more(feed: Feed) -> None:
    released = threading.Event()

    def waiting(handler: Any) -> None:
        released.wait(5)
        status(204)(handler)

    feed.receiver.answers = [waiting]
    hook, other = feed.hook(), feed.hook("event")
    feed.put("a")
    feed.deliver()
    until(lambda: feed.receiver.got)
    queries.delete(feed.connection, hook)
    released.set()
    feed.put("b")
    feed.put("e", kind="event")
    until(lambda: feed.state(other).cursor == 3)
    assert feed.objects == ["a", "e"]


def test_of_two_processes_one_delivers_and_the_other_takes_over(feed: Feed) -> None:
    hook = feed.hook()
    first = feed.deliver()
    feed.put("a")
    until(lambda: feed.state(hook).cursor == 1)
    feed.deliver()
    feed.put("b")
    until(lambda: feed.state(hook).cursor == 2)
    feed.connection.execute("SELECT pg_terminate_backend(%s)", [first.info.backend_pid])
    feed.put("c")
    until(lambda: feed.state(hook).cursor == 3)
    assert feed.objects == ["a", "b", "c"]


def test_a_message_whose_sender_is_killed_before_it_is_written_down_comes_again_under_its_number(feed: Feed) -> None:
    hook = feed.hook()
    feed.put("a")

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "webmap.webhooks", str(os.getpid())], cwd=REPOSITORY,
                                env=feed.database.environment)

    # It is killed while the receiver, which has the message, takes its time to confirm.
    feed.receiver.answers = [lambda handler: time.sleep(1)]
    process = start()
    until(lambda: feed.receiver.got)
    process.kill()
    process.wait()
    assert feed.state(hook).cursor == 0
    feed.put("b")
    process = start()
    until(lambda: feed.state(hook).cursor == 2)
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    first, again, then = feed.receiver.got
    assert (first.id, first.body) == (again.id, again.body)
    assert (first.objects, then.objects) == (["a"], ["b"])


def test_who_fails_for_days_or_wants_no_more_is_left_alone_until_switched_on(
        feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    hook, gone = feed.hook(), feed.hook("event")
    feed.connection.execute("UPDATE webhook SET failing_since = now() - interval '6 days' WHERE id = %s", [hook])
    feed.receiver.answers = [status(500)]
    feed.put("a")
    feed.deliver()
    until(lambda: feed.state(hook).state == "disabled")
    feed.receiver.answers = [status(410)]
    feed.put("e", kind="event")
    until(lambda: feed.state(gone).state == "disabled")
    feed.put("b")
    time.sleep(0.1)
    assert feed.objects == ["a", "e"]

    for name, value in feed.database.environment.items():
        if name.startswith("SHAPAN_"):
            monkeypatch.setenv(name, value)

    def run(*words: str) -> str:
        done = CliRunner().invoke(webhooks, list(words))
        return done.output if done.exception is None else str(done.exception)

    listed = run("list").splitlines()
    assert listed[0].startswith(f"{hook}: disabled, up to 0, 1 failures in a row, last HTTP 500; alarm to http://127.")
    assert json.loads(run("list", "--json").splitlines()[1])["last_outcome"] == "HTTP 410"
    assert run("enable", str(hook)) == ""
    until(lambda: feed.state(hook).cursor == 3)
    assert feed.objects == ["a", "e", "a", "b"]
    assert "no webhook 99" in run("enable", "99")
    assert run("test", str(gone)) == "Confirmed: HTTP 204.\n"
    assert json.loads(feed.receiver.got[-1].body)["type"] == "shapan.test"
    assert manual()(SECRET, feed.receiver.got[-1].headers, feed.receiver.got[-1].body)
    assert "unencrypted" in run("allow", "http://partner.example")
    assert "may go to https://partner.example:443" in run("allow", "partner.example", "http://10.0.0.1")
    assert run("allow", "--private", "partner.example").endswith("also at private addresses.\n")
    assert run("refuse", f"http://127.0.0.1:{feed.receiver.port}") == ""
    assert run("hosts") == "http://10.0.0.1:80\nhttps://partner.example:443 private\n"
    assert "not on the list" in run("refuse", "other.example")
    assert "not on the list" in run("test", str(gone))


def test_a_webhook_behind_what_was_forgotten_is_told_of_the_gap(feed: Feed) -> None:
    hook = feed.hook()
    feed.put("a", "b", "c")
    feed.connection.execute(outbox.RAISE_FLOOR, (outbox.EVERY_KIND, 2))
    feed.deliver()
    until(lambda: feed.state(hook).cursor == 3)
    [received] = feed.receiver.got
    assert received.objects == ["c"]
    assert json.loads(received.body)["data"]["gap"] is True


def test_large_changes_come_in_several_messages_and_rare_ones_write_little(
        feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BATCH_BYTES", 30)
    monkeypatch.setattr(queries, "LAZY", 3)
    monkeypatch.setattr(changes, "LOOKED_AT", 4)
    hook = feed.hook()
    feed.put("x" * 50, "y", "z")
    feed.put(*map(str, range(9)), kind="event")
    feed.put("last")
    feed.deliver()
    until(lambda: feed.state(hook).cursor == 13)
    assert [received.objects for received in feed.receiver.got] == [["x" * 50], ["y", "z"], ["last"]]


def test_a_secret_sealed_with_another_key_is_told_and_sends_nothing(feed: Feed, tmp_path: Path) -> None:
    hook = feed.hook()
    feed.cipher = from_file(tmp_path / "other.key")
    feed.put("a")
    feed.deliver()
    until(lambda: feed.state(hook).attempts)
    assert feed.state(hook).last_outcome == "its secret was sealed with another key"
    assert feed.receiver.got == []
