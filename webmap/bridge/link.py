"""One connection to the broker, from CONNECT to its end. It never connects again: the next one is another link.

So an acknowledgement can only go out on the connection on which its message came; on a later one its number would be
another message's. The library's own loop runs in a thread of ours, which does nothing but the network: callbacks put
messages into a queue and return, so that pings are answered however long the database takes.
"""

import hashlib
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from queue import SimpleQueue
from typing import Any

import structlog
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from spatial.errors import SettingError, ShapanError
from spatial.rules.bridge_rejects import PAYLOAD_BYTES
from webmap.bridge.config import Broker, Config

log = structlog.get_logger()

ANSWERS_WITHIN_S = 10.0
ENDS_WITHIN_S = 5.0
KEPT_MOST = 10_000
"""Messages that wait for the database at most; the file's ``in_flight`` cannot be more."""

SESSION_TAKEN_OVER = 142
"""Reason code of MQTT 5: another client came with our client id."""


class BrokerUnreachable(ShapanError):
    """No broker answers, or the connection to it broke while it was made."""


class BrokerRefused(ShapanError):
    """The broker answers and does not let us in, or not at a topic."""


@dataclass(frozen=True, eq=False)
class Received:
    """One message.

    Attributes:
        link: on which it came. number: packet identifier there; 0 for one that wants no acknowledgement.
        topic: as text; bytes that are none as escapes.
        payload: whole, or the beginning of one that is longer than may be. size: bytes of the whole.
        whole: SHA-256 of the whole where ``payload`` is its beginning.
        at: when it came.
    """

    link: "Link"
    number: int
    topic: str
    payload: bytes
    size: int
    whole: bytes | None
    at: datetime

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of the whole: worked out once, however many things of the message are rejected."""
        return self.whole or hashlib.sha256(self.payload).digest()


class Link:
    """A connection. :meth:`open` it once; whoever reads the queue looks at :attr:`alive`.

    Attributes:
        dropped: messages that want no acknowledgement, and for which there was no room.
        overrun: the broker sent more than there was room for: neither MQTT 3.1.1 nor, to a session that it kept,
            mosquitto lets us say how much. From then on nothing is taken; what was not comes with the next connection.
        taken_over: the broker said that another client came with our id. reason: of the end.

    Args:
        config: the file.
        arrivals: where messages go; None is put there when the connection ends.
    """

    def __init__(self, config: Config, arrivals: "SimpleQueue[Received | None]") -> None:
        self._config, self._arrivals = config, arrivals
        self._answered, self._granted, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._answer: ReasonCode | None = None
        self._grants: Sequence[ReasonCode] = ()
        self._thread = threading.Thread(target=self._turn, name="broker", daemon=True)
        self.session_present = False
        self.dropped = 0
        self.overrun = False
        self.taken_over = False
        self.reason = ""
        broker = config.broker
        modern = broker.protocol == "5"
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2, broker.client_id, clean_session=None if modern else False,
            protocol=paho.MQTTv5 if modern else paho.MQTTv311, reconnect_on_failure=False, manual_ack=True,
        )
        client.username_pw_set(broker.username, broker.password)
        if broker.tls is not None:
            client.tls_set_context(encryption(broker))
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_subscribe, client.on_message = self._on_subscribe, self._on_message
        # With this set the library writes in its loop alone; without, an acknowledgement would be written by the
        # thread that gives it, into the midst of what the loop is writing.
        client.on_socket_register_write = lambda *_: None

    @property
    def alive(self) -> bool:
        """True until the connection has ended."""
        return not self._ended.is_set()

    def open(self, subscribe: bool) -> None:
        """Connect, and subscribe where the broker has no session of ours or where it is asked for.

        Raises:
            BrokerUnreachable, BrokerRefused: see there.
        """
        broker = self._config.broker
        try:
            if broker.protocol == "5":
                wishes = Properties(PacketTypes.CONNECT)
                wishes.SessionExpiryInterval = broker.session_expiry_s
                wishes.ReceiveMaximum = self._config.in_flight
                self._client.connect(broker.host, broker.port, broker.keepalive_s, clean_start=False, properties=wishes)
            else:
                self._client.connect(broker.host, broker.port, broker.keepalive_s)
        except (OSError, ValueError) as error:
            reason = getattr(error, "verify_message", "") or getattr(error, "strerror", None) or type(error).__name__
            raise BrokerUnreachable(
                f"No connection to the MQTT broker at {broker.host}:{broker.port}: {reason}.",
                "Look at broker in the file.",
            ) from error
        self._thread.start()
        self._wait(self._answered)
        if self._answer is None or self._answer.is_failure:
            raise BrokerRefused(
                f"The broker at {broker.host}:{broker.port} refused the connection: {self._answer}.",
                "Look at username, password, client_id and protocol.",
            )
        if subscribe or not self.session_present:
            self._subscribe()

    def _subscribe(self) -> None:
        filters = list(dict.fromkeys(route.topic.subscription for route in self._config.routes))
        if self._config.broker.protocol == "5":
            # A retained message comes with a new subscription, and not again with each connection.
            options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
            self._client.subscribe([(text, options) for text in filters])
        else:
            self._client.subscribe([(text, 1) for text in filters])
        self._wait(self._granted)
        refused = [text for text, grant in zip(filters, self._grants, strict=False) if grant.is_failure]
        if refused:
            raise BrokerRefused(f"The broker refused to subscribe {', '.join(refused)}.", "Ask who runs the broker.")
        if weak := [text for text, grant in zip(filters, self._grants, strict=False) if grant.value == 0]:
            log.warning("the broker grants no acknowledged delivery; messages may be lost", filters=weak)

    def ack(self, received: Received) -> None:
        """Acknowledge a message that came on this connection; nothing happens once it has ended."""
        if received.number and self.alive:
            self._client.ack(received.number, 1)

    def close(self) -> None:
        """Send what is acknowledged, say goodbye, and wait for the end; the session stays at the broker."""
        if self._thread.is_alive():
            self._client.disconnect()
            self._thread.join(ENDS_WITHIN_S)
        if (connected := self._client.socket()) is not None:
            connected.close()

    def _turn(self) -> None:
        try:
            while self._client.loop(1.0) == MQTTErrorCode.MQTT_ERR_SUCCESS:
                pass
        except Exception as error:
            # Whatever it is, the next connection begins anew, and what is not acknowledged comes again.
            log.error("the connection to the broker failed", error=type(error).__name__, exc_info=True)
        finally:
            self._ended.set()
            for waiting in (self._answered, self._granted):
                waiting.set()
            self._arrivals.put(None)

    def _wait(self, event: threading.Event) -> None:
        broker = self._config.broker
        if not event.wait(ANSWERS_WITHIN_S) or (not self.alive and self._answer is None):
            raise BrokerUnreachable(f"{broker.host}:{broker.port} does not answer as an MQTT broker.",
                                    "Look at port, protocol and tls.")
        if not self.alive and not (self._answer and self._answer.is_failure):
            raise BrokerUnreachable(f"The broker ended the connection: {self.reason or 'no reason given'}.", "")

    def _on_connect(self, _client: Any, _data: Any, flags: Any, answer: ReasonCode, _more: Any) -> None:
        self._answer, self.session_present = answer, flags.session_present
        self._answered.set()

    def _on_disconnect(self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, _more: Any) -> None:
        self.reason = str(reason)
        self.taken_over = flags.is_disconnect_packet_from_server and reason.value == SESSION_TAKEN_OVER

    def _on_subscribe(self, _client: Any, _data: Any, _number: int, grants: list[ReasonCode], _more: Any) -> None:
        self._grants = grants
        self._granted.set()

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError as error:
            topic = error.object.decode("utf-8", "backslashreplace")
        self.overrun = self.overrun or self._arrivals.qsize() >= KEPT_MOST
        if self.overrun:
            return
        if message.qos == 0 and self._arrivals.qsize() >= self._config.in_flight:
            # Its sender asked for no acknowledgement, so nothing holds it back; memory must stay bounded.
            self.dropped += 1
            return
        payload, size = bytes(message.payload), len(message.payload)
        long = size > self._config.payload_bytes
        self._arrivals.put(Received(
            self, message.mid if message.qos else 0, topic, payload[:PAYLOAD_BYTES] if long else payload, size,
            hashlib.sha256(payload).digest() if long else None, datetime.now(UTC),
        ))


def encryption(broker: Broker) -> ssl.SSLContext:
    """Return what TLS needs: the broker's certificate is checked, and its name.

    Raises:
        SettingError: a file is no certificate, or no key of it.
    """
    try:
        context = ssl.create_default_context(cafile=broker.tls.ca)
        if broker.tls.cert:
            context.load_cert_chain(broker.tls.cert, broker.tls.key)
    except (ssl.SSLError, OSError) as error:
        raise SettingError(f"The files of broker.tls cannot be used: {getattr(error, 'reason', None) or error}.",
                           "They must be PEM files, the key without a passphrase.") from error
    return context
