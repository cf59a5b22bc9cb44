"""The simulator's line to an MQTT broker, as gateways have one: QoS 1, a message for each thing.

Topics are ``shapan/{device}/alarm``, ``shapan/{device}/readings`` and ``shapan/keeper/{code}/position``; payloads are
the items of the HTTP interface. ``docs/examples/bridge-simulator.yaml`` is the file of a bridge that takes them in.
"""

import json
import re
import threading
import time
import uuid

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from sample_gis.http import Away

KINDS = ("alarms", "readings", "positions")
"""What goes to the broker. Events stay on HTTP: hotlines have no broker."""

CONNECTS_WITHIN_S = 10.0
ACKNOWLEDGED_WITHIN_S = 20.0
QOS = 1
IN_FLIGHT = 500
_LEVEL = re.compile(r"[/+#\x00]")


class Broker:
    """A broker at one address. A connection that fails is given up and made anew with the next batch.

    Args:
        host, port: where it is.
    """

    name = "broker"

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._client: paho.Client | None = None

    def send(self, kind: str, batch: list[dict]) -> dict:
        """Publish a batch in order and wait until the broker has acknowledged all of it.

        Returns:
            how many were ``taken``: by the broker; what becomes of them there it does not say.

        Raises:
            Away: it did not acknowledge all. Those that it did have ids or times by which they count once.
        """
        try:
            client = self._client or self._connect()
            sent = [client.publish(topic(kind, message), json.dumps(message, ensure_ascii=False).encode(), QOS)
                    for message in batch]
            until = time.monotonic() + ACKNOWLEDGED_WITHIN_S
            for one in sent:
                one.wait_for_publish(max(0.0, until - time.monotonic()))
                if not (one.is_published() and client.is_connected()):
                    raise OSError(f"{self.host}:{self.port} does not acknowledge")
        except (OSError, ValueError, RuntimeError) as error:
            self.close()
            raise Away(str(error)) from error
        return {"taken": len(batch)}

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            self._client = None

    def _connect(self) -> paho.Client:
        client = paho.Client(CallbackAPIVersion.VERSION2, f"shapan-simulator-{uuid.uuid4().hex[:12]}",
                             protocol=paho.MQTTv311)
        client.max_inflight_messages_set(IN_FLIGHT)
        client.connect_timeout = CONNECTS_WITHIN_S
        answered: list[str] = []
        ready = threading.Event()

        def on_connect(_client, _data, _flags, code, _properties) -> None:
            answered.append("" if code == 0 else str(code))
            ready.set()

        client.on_connect = on_connect
        client.connect(self.host, self.port)
        client.loop_start()
        self._client = client
        if not ready.wait(CONNECTS_WITHIN_S) or answered[0]:
            raise OSError(f"{self.host}:{self.port} refuses the connection: {answered[0] if answered else 'no answer'}")
        return client


def topic(kind: str, message: dict) -> str:
    """Return the topic of a message; what a topic may not have in a level becomes a dash there."""
    if kind == "positions":
        return f"shapan/keeper/{_LEVEL.sub('-', message['keeper'])}/position"
    return f"shapan/{_LEVEL.sub('-', message['device'])}/{'alarm' if kind == 'alarms' else 'readings'}"
