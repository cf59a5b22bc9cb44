"""Delivers webhooks: one process at a time, each webhook's messages in order, several webhooks at once.

All that is on record is read and written by the one thread whose connection holds the lock; other threads do nothing
but wait for receivers. Who loses the connection loses the lock: a message that is under way then may arrive twice,
under the same number, and none is lost.
"""

import random
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

import psycopg
import structlog

from spatial import outbox
from spatial.cipher import Cipher, SealBroken
from spatial.queries import webhooks
from spatial.queries.webhooks import Message
from webmap.webhooks import hosts, signature
from webmap.webhooks.hosts import BadOrigin
from webmap.webhooks.send import Outcome, post

log = structlog.get_logger()

AT_ONCE = 8
"""Receivers that are waited for at the same time."""

PAUSE_S = 0.2
"""Seconds between two looks at the feed."""

LOCK_AGAIN_S = 1.0

TRY_LOCK = "SELECT pg_try_advisory_lock(%s)"


def attempt(message: Message, home: Path, cipher: Cipher) -> Outcome:
    """Send a message once; whatever is wrong is an outcome.

    Args:
        message: see ``spatial/queries/webhooks.py``.
        home: where the list of hosts lies; read each time, so that a host that was taken off gets nothing more.
        cipher: that sealed the secret.
    """
    try:
        origin, target = hosts.parse_url(message.url)
        origin = hosts.listed(home, origin)
        secret = cipher.open(message.secret_sealed)
    except BadOrigin as error:
        return Outcome(False, error.what)
    except SealBroken:
        return Outcome(False, "its secret was sealed with another key")
    headers = signature.headers(secret, message.id, int(time.time()), message.body)
    return post(origin, target, message.body, headers)


def run(connection: psycopg.Connection, stop: threading.Event, home: Path, cipher: Cipher) -> None:
    """Deliver until told to stop, or until the connection breaks.

    Args:
        connection: of the worker role, autocommit, jurisdiction everything.
        stop: set by whoever wants it to end.
        home: data directory.
        cipher: that sealed the secrets.
    """
    while not connection.execute(TRY_LOCK, (webhooks.LOCK,)).fetchone()[0]:
        if stop.wait(LOCK_AGAIN_S):
            return
    pool = ThreadPoolExecutor(AT_ONCE, "webhook")
    try:
        _deliver(connection, stop, pool, home, cipher)
    finally:
        # Receivers that are slow are not waited for: what they confirm now is sent to them again.
        pool.shutdown(wait=False, cancel_futures=True)


def _deliver(connection: psycopg.Connection, stop: threading.Event, pool: ThreadPoolExecutor, home: Path,
             cipher: Cipher) -> None:
    under_way: dict[int, tuple[Message, Future[Outcome]]] = {}
    # Up to which number a webhook was looked at and nothing was found for it.
    nothing_upto: dict[int, int] = {}
    while not stop.is_set():
        head = outbox.head(connection)
        for number, places in webhooks.due(connection):
            if number in under_way or len(under_way) >= AT_ONCE or nothing_upto.get(number, -1) >= head:
                continue
            with connection.transaction():
                message = webhooks.prepare(connection, number, places)
            if isinstance(message, int):
                nothing_upto[number] = message
            else:
                under_way[number] = (message, pool.submit(attempt, message, home, cipher))
        if under_way:
            wait([future for _, future in under_way.values()], PAUSE_S, FIRST_COMPLETED)
        else:
            stop.wait(PAUSE_S)
        for number, (message, future) in list(under_way.items()):
            if future.done():
                del under_way[number]
                _settle(connection, message, future.result())


def _settle(connection: psycopg.Connection, message: Message, outcome: Outcome) -> None:
    with connection.transaction():
        if outcome.ok:
            webhooks.confirm(connection, message, outcome.text)
        else:
            webhooks.fail(connection, message, outcome.text, random.random(), gone=outcome.gone)
    if not outcome.ok:
        log.warning("webhook not delivered", webhook=message.webhook, outcome=outcome.text)
